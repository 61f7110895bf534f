// StatusDesk: an issuer that says which of its certificates are good, revoked or on hold, by the real `openssl ocsp` and `openssl ca -gencrl`, on
// loopback. Ends with the object.
#pragma once
#include "tests/support/demo_ca.hpp"
#include "tests/support/process.hpp"
#include "x509/read_certificate.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>

namespace jk::test {

class StatusDesk {
public:
    StatusDesk(const std::filesystem::path& folder, const DemoCa& ca, CertificateRef subject) : m_folder(folder), m_subject(std::move(subject)) {
        std::filesystem::create_directories(folder);
        write("issuing.pem", ca.issuing_pem());
        write("issuing.key", ca.issuing_key_pem());
        write("subject.pem", pem_of(*m_subject));
        write("crlnumber", "1000\n");
        write("openssl.cnf", "[ca]\ndefault_ca=desk\n[desk]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sha256\ncrl_extensions=crl\n"
                             "[crl]\nauthorityKeyIdentifier=keyid\n");
        write("index.txt.attr", "unique_subject = no\n");
        signed_by_issuer();
        good();
        mode("answer");
    }

    // What the issuer's books say:
    void good() { book("V", ""); }
    void revoked() { book("R", "261101080000Z,keyCompromise"); }
    void on_hold() { book("R", "261101080000Z,certificateHold"); }
    void unknown() { write("index.txt", ""); }

    // Who signs OCSP answers:
    void signed_by_issuer() {
        write("signer.pem", text("issuing.pem"));
        write("signer.key", text("issuing.key"));
    }
    void signed_by(const CertificateWish& wish, const DemoCa& by) {
        const auto key = make_key("p256");
        write("signer.pem", pem_of(**x509::read_certificate(by.certify(key.get(), wish))));
        write("signer.key", pem_of(key.get()));
    }

    void mode(const std::string& name) { write("mode", name); }
    /// A list of this moment; `seconds`: how long it is for.
    void make_crl(int seconds = 3600) {
        must({"ca", "-config", "openssl.cnf", "-gencrl", "-cert", "issuing.pem", "-keyfile", "issuing.key", "-crlsec", std::to_string(seconds),
              "-out", "crl.pem"});
        must({"crl", "-in", "crl.pem", "-outform", "DER", "-out", "crl.der"});
    }
    /// From now on the list is the part of the issuer's that has this name; `how`: "fullname" or "relativename".
    void part(const std::string& how, const std::string& value) {
        write("openssl.cnf", text("openssl.cnf") + "issuingDistributionPoint=critical,@part\n[part]\n" + how + "=" + value + "\n");
    }
    Bytes crl() const { return bytes("crl.der"); }
    /// What `openssl ocsp` answers to this request, without HTTP.
    Bytes answer_to(const Bytes& request) {
        std::ofstream(m_folder / "request.der", std::ios::binary)
            .write(reinterpret_cast<const char*>(request.data()), static_cast<long>(request.size()));
        must({"ocsp", "-index", "index.txt", "-CA", "issuing.pem", "-rsigner", "signer.pem", "-rkey", "signer.key", "-nmin", "60", "-reqin",
              "request.der", "-respout", "response.der"});
        return bytes("response.der");
    }

    void open() {
        m_server.emplace(Process::start({"/usr/bin/python3", std::string(JURUKUNCI_SOURCE_DIR) + "/tests/support/status_desk.py", m_folder.string()},
                                        {}, m_folder / "output"));
        if (!m_server->says("port ")) throw std::runtime_error("the status desk does not open: " + m_server->output());
        const auto said = m_server->output();
        m_port = std::stoi(said.substr(said.find("port ") + 5));
    }
    void close() { m_server.reset(); }
    std::string host() const { return "127.0.0.1:" + std::to_string(m_port); }
    std::string url() const { return "http://" + host() + "/status"; }
    int asked() const {
        std::ifstream in(m_folder / "asked");
        return static_cast<int>(std::count(std::istreambuf_iterator<char>(in), {}, '\n'));
    }

private:
    void write(const std::string& name, const std::string& content) {
        std::ofstream(m_folder / (name + ".new"), std::ios::binary) << content;
        std::filesystem::rename(m_folder / (name + ".new"), m_folder / name);
    }
    std::string text(const std::string& name) const {
        std::ifstream in(m_folder / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    Bytes bytes(const std::string& name) const {
        const auto content = text(name);
        return {content.begin(), content.end()};
    }
    void book(const std::string& state, const std::string& revoked) {
        write("index.txt", state + "\t351231235959Z\t" + revoked + "\t" + serial() + "\tunknown\t/CN=" + m_subject->common_name + "\n");
    }
    std::string serial() const {
        auto hex = m_subject->serial_hex;
        for (auto& c : hex) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        return hex;
    }
    void must(std::vector<std::string> arguments) {
        std::string command = "cd '" + m_folder.string() + "' && exec openssl";
        for (const auto& argument : arguments) command += " '" + argument + "'";
        const auto ran = run_program({"/bin/sh", "-c", command}, {}, m_folder);
        if (ran.exit_code != 0) throw std::runtime_error("openssl: " + ran.output);
    }

    std::filesystem::path m_folder;
    CertificateRef m_subject;
    std::optional<Process> m_server;
    int m_port = 0;
};

} // namespace jk::test
