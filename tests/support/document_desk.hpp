// DocumentDesk: the documents' room with its real child processes, and a key in memory in the token's place. Signs and writes files.
#pragma once
#include "agent/documents/document_room.hpp"
#include "tests/support/demo_ca.hpp"
#include "tests/support/run_task.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/test_launcher.hpp"

#include <filesystem>

namespace jk::test {

class DocumentDesk {
public:
    explicit DocumentDesk(const std::string& key_kind = "p256", Mechanism mechanism = {KeyKind::ec, HashFunction::sha256, Padding::none},
                          std::chrono::steady_clock::duration patience = documents::DocumentProcess::usual_patience);

    Outcome<DocumentFacts> upload(const std::filesystem::path& file);
    SealTerms terms(Format format = Format::pades);
    SealOutcome seal(const DocumentId& id, Format format = Format::pades, std::optional<Appearance> appearance = std::nullopt);
    /// Signs the sealed digest in memory and finishes the item.
    Outcome<SignedItem> sign(SealedItem& item);
    void write(const DocumentId& id, const std::filesystem::path& to);
    /// Our own report on a finished document.
    std::string verify(const DocumentId& id, std::optional<Bytes> detached = std::nullopt);

    ScratchFolder folder;
    net::io_context io;
    launcher::Launcher launcher;
    documents::Library library;
    documents::DocumentProcess process;
    documents::DocumentRoom room;
    DemoCa ca;
    x509::EvpPkeyPtr key;
    CertificateRef certificate;
    Mechanism mechanism;
};

/// One signature by a key in memory, as a token would give it.
Signature sign_in_memory(EVP_PKEY* key, const Mechanism& mechanism, const Digest& digest);

} // namespace jk::test
