// MatrixFixture: a city's profile around a request that everything permits, so that a case spoils one thing of it.
#pragma once
#include "agent/policy/explain.hpp"
#include "tests/support/demo_ca.hpp"
#include "x509/read_certificate.hpp"

#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace jk::test {

inline std::filesystem::path policies_folder() {
    const char* other = std::getenv("JURUKUNCI_POLICIES");
    return other != nullptr ? other : std::string(JURUKUNCI_SOURCE_DIR) + "/policies";
}

inline std::string text_of_file(const std::filesystem::path& path) {
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

inline const std::vector<std::string>& cities() {
    static const std::vector<std::string> all{"pekalongan-98-2018", "mataram-30-2018", "tangsel-71-2022", "bekasi-84-2017", "palembang-23-2020"};
    return all;
}

/// tests/policies/expected.yaml: written down from the regulations' texts, not from the profiles.
inline const YAML::Node& expected() {
    static const YAML::Node all = YAML::LoadFile(std::string(JURUKUNCI_SOURCE_DIR) + "/tests/policies/expected.yaml");
    return all;
}
/// Empty where the city is silent.
inline std::string expected_citation(const std::string& city, const std::string& rule) {
    const auto by_city = expected()["citations"][rule];
    return by_city && by_city[city] ? by_city[city].as<std::string>() : "";
}

struct MatrixFixture {
    explicit MatrixFixture(const std::string& city_id) : city(city_id) {
        const auto file = city + ".yaml";
        auto regulation = policy::read_regulation(text_of_file(policies_folder() / file), file);
        if (!regulation) throw std::runtime_error(regulation.error().log_line());
        profile.regulation = *regulation;
        profile.anchors = {{ca().root(), policy::Environment::uji}};
        profile.intermediates = {ca().issuing()};
        profile.applications = {
            {*policy::Origin::parse("https://eoffice.example"), "e-Office", "Diskominfo", "SK 1/2026", std::nullopt, {"eoffice.example"}}};
        profile.revocation_status.source = policy::StatusSource::ocsp;
        auto& r = h.request;
        r.caller.origin = "https://eoffice.example";
        r.purpose = "tte";
        r.task_kind = expected()["task"][city].as<std::string>();
        r.level = "PAdES_BASELINE_B";
        r.items = {{"Undangan.pdf", DocumentId{"d"}, std::nullopt}};
        certify({});
        h.tries_left = 5;
        h.state.status = policy::RevocationAnswer::good;
        h.state.status_at = now;
        h.state.agreement_accepted = h.state.duties_acknowledged = true;
        h.session = {false, true, false, ""};
        h.consent = {true, true, true, true};
        h.custody = KeyCustody{true, false, true, true, true, false, true};
    }

    static const DemoCa& ca() {
        static const DemoCa made = DemoCa::create();
        return made;
    }

    /// Another certificate on the token.
    void certify(const CertificateWish& wish) {
        static const auto key = make_key("p256");
        h.certificate = *x509::read_certificate(ca().certify(key.get(), wish));
        h.token = TokenInfo{{"fake", "1234"}, "Jana K.", "Fake", "One", PinState::ok, false, {}, {h.certificate}};
    }
    void use_strange_issuer() {
        static const DemoCa strange = DemoCa::create();
        static const auto key = make_key("p256");
        h.certificate = *x509::read_certificate(strange.certify(key.get(), {}));
        h.token->certificates = {h.certificate};
    }
    void empty_token() {
        h.token->certificates.clear();
        h.certificate = nullptr;
    }

    policy::Decision judge() const { return policy::judge_everything(profile, h, now); }
    std::string refusals() const {
        std::string all;
        for (const auto& error : judge().refusals()) all += error.log_line() + "\n";
        return all;
    }

    std::string city;
    policy::Profile profile;
    policy::Hypothesis h;
    WallTime now = SystemClock().now();
};

} // namespace jk::test
