// RaOffice: the other end of a report: the reference receiver with a server certificate of its own, and a decision desk that the agent pins.
#pragma once
#include "tests/support/ra_desk.hpp"
#include "tests/support/running_agent.hpp"

#include <openssl/pem.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

namespace jk::test {

inline std::string content_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

class RaOffice {
public:
    /// Configures the agent's site for this office; start the agent anew afterwards. `archive`: YAML with PORT for the port.
    RaOffice(RunningAgent& agent, const std::string& archive = {}) : m_agent(agent), m_folder(agent.folder() / "ra-office"), m_desk(m_ca) {
        std::filesystem::create_directories(m_folder);
        const auto key = make_key("p256");
        CertificateWish wish;
        wish.common_name = "localhost";
        wish.key_usage = "critical,digitalSignature";
        wish.extended_key_usage = "serverAuth";
        write("server.key", pem_of_key(key.get()));
        write("server.pem", pem_of(**x509::read_certificate(m_ca.certify(key.get(), wish))) + m_ca.issuing_pem());
        write("devices.pem", agent.cli({"report", "device"}).output);
        start();
        const auto etc = agent.site().configuration();
        std::filesystem::create_directories(etc / "ra");
        std::ofstream(etc / "ra/desk.pem") << pem_of(*m_desk.certificate());
        std::ofstream(etc / "endpoint-ca.pem") << m_ca.root_pem();
        std::ofstream(etc / "s3-secret") << "rahasia\n";
        auto yaml = "registration_authority: {url: \"https://localhost:" + port() + "/v1/reports\", ca: endpoint-ca.pem}\n" + archive;
        for (auto at = yaml.find("PORT"); at != std::string::npos; at = yaml.find("PORT")) yaml.replace(at, 4, port());
        std::ofstream(etc / "delivery.yaml") << yaml;
    }
    void start() {
        m_receiver.reset();
        std::filesystem::remove(m_folder / "log"); // what the last one said does not count
        m_receiver.emplace(
            Process::start({"/usr/bin/env", "node", std::string(JURUKUNCI_SOURCE_DIR) + "/tests/support/report_receiver.mjs", m_folder.string()}, {},
                           m_folder / "log"));
        if (!m_receiver->says("listening", 20'000)) throw std::runtime_error("the receiver did not start: " + m_receiver->output());
    }
    void stop() { m_receiver.reset(); }
    std::string port() const { return content_of(m_folder / "port"); }
    std::filesystem::path folder() const { return m_folder; }
    const RaDesk& desk() const { return m_desk; }
    std::vector<std::string> cases() const {
        std::vector<std::string> all;
        for (const auto& entry : std::filesystem::directory_iterator(m_folder / "cases"))
            if (entry.path().extension() == ".json") all.push_back(entry.path().filename().string());
        return all;
    }
    bool has_cases(std::size_t count, int seconds = 20) const {
        for (int i = 0; i < seconds * 50 && cases().size() < count; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(20));
        return cases().size() == count;
    }
    void restart_agent() {
        m_agent.agent().signal(SIGTERM);
        m_agent.agent().wait(10'000);
        m_agent.start_agent();
    }

private:
    static std::string pem_of_key(EVP_PKEY* key) {
        const x509::BioPtr bio(BIO_new(BIO_s_mem()));
        PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
        char* text = nullptr;
        const long size = BIO_get_mem_data(bio.get(), &text);
        return std::string(text, static_cast<std::size_t>(size));
    }
    void write(const std::string& name, const std::string& text) { std::ofstream(m_folder / name) << text; }

    RunningAgent& m_agent;
    std::filesystem::path m_folder;
    DemoCa m_ca = DemoCa::create("CA UJI RA");
    RaDesk m_desk;
    std::optional<Process> m_receiver;
};

} // namespace jk::test
