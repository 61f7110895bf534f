// What agent and worker say to each other about administration. As strict as messages.hpp, and in its frames.
#pragma once
#include "jurukunci/administration.hpp"
#include "pkcs11/worker/messages.hpp"

namespace jk::pkcs11 {

/// A step as the worker gets it: certificates are bytes here, because the worker judges none.
struct AdministerRequest {
    std::string serial;
    PinTicket secrets;
    AdministrationStep step;
    Bytes certificate; ///< DER, of an import
};

void write(ipc::Writer& writer, const AdministrationGrant& grant);
Outcome<AdministerRequest> read_administer(ipc::Reader& reader);

/// One token of a contents reply, certificates not yet read.
struct ReportedContents {
    TokenContents contents; ///< module and certificates are empty
    struct ReportedCertificate {
        Bytes id;
        std::string label;
        Bytes der;
    };
    std::vector<ReportedCertificate> certificates;
};
void write(ipc::Writer& writer, const std::vector<ReportedContents>& tokens);
std::vector<ReportedContents> read_contents(ipc::Reader& reader);

/// The module's name in the token's id does not travel.
void write(ipc::Writer& writer, const AdministrationResult& result);
AdministrationResult read_result(ipc::Reader& reader);

} // namespace jk::pkcs11
