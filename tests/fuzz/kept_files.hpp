// Files of this folder that targets need beside their input: certificates of the seeds' demo authority.
#pragma once
#include "agent/documents/messages.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "x509/read_certificate.hpp"

#include <fstream>
#include <sstream>

namespace jk::fuzz {

inline std::string kept_file(const std::string& name) {
    std::ifstream in(JURUKUNCI_FUZZ_FOLDER "/" + name);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

inline CertificateRef kept_certificate(const std::string& name) {
    auto all = x509::read_pem(kept_file("certificates/" + name));
    require(all.has_value(), "the kept certificates can be read");
    return all->front();
}

/// Within the kept certificates' ten years.
inline WallTime now() { return *parse_rfc3339("2030-01-01T00:00:00Z"); }

inline documents::VerifyRequest verify_request() {
    documents::VerifyRequest request;
    request.anchors = {kept_certificate("root.pem")->der};
    request.at = now();
    request.environment = "uji";
    return request;
}

} // namespace jk::fuzz
