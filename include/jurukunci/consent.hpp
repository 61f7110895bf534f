// Consent: asking the person. Implemented by the control door, which speaks to the one prompter process.
#pragma once
#include "jurukunci/async.hpp"
#include "jurukunci/certificate.hpp"
#include "jurukunci/outcome.hpp"
#include "jurukunci/signature.hpp"
#include "jurukunci/unique_fd.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jk {

struct ConsentId {
    std::string value;
    friend bool operator==(const ConsentId&, const ConsentId&) = default;
};

struct ConsentItem {
    std::string name;
    std::uint64_t size = 0;      ///< bytes; 0 for a bare hash
    std::optional<int> pages;    ///< as the document process counted them
    std::string title;           ///< from the document itself; may be empty
    std::string digest;          ///< hexadecimal, of the document or the bare hash
    std::string hash_function;   ///< of `digest`
    bool content_visible = true; ///< false: "isi tidak dapat ditampilkan"
    bool visible_signature = false;
};

enum class ConsentKind { signature, authentication, enrolment, key_use, provisioning, first_use };

/// A step of preparing a token, as the person in front of it must understand it.
struct ProvisioningConsent {
    std::string step; ///< "init", "pin-set", … (provisioning.hpp)
    std::string serial, manufacturer, model;
    std::string holder, holder_unit, case_id;                 ///< empty where no case stands behind it
    std::vector<std::pair<std::string, std::string>> details; ///< what exactly: "key" → "p256", "label" → …
    std::vector<std::string> secrets;                         ///< roles, in the order of their channels
    bool type_serial_ending = false;
    int so_tries_left = 0;
};

/// One text that an owner reads before the first use, and says yes to or not: "duties", "agreement".
struct NoticePart {
    std::string name;
    std::string indonesian, english; ///< lines, as they are shown and hashed
    std::string sha256;              ///< hexadecimal, of both (docs/protocol/first-use.md)
};
struct OwnerNoticeShown {
    std::string profile;
    int version = 0;
    std::vector<NoticePart> parts; ///< the places of ConsentAnswer::rejected
};

/// Everything a person needs to say yes or no. Texts are as they came in; the prompter shows them escaped (displayed_text.hpp).
struct ConsentQuestion {
    ConsentId id;
    ConsentKind kind = ConsentKind::signature;
    std::string application;        ///< registered name
    std::string origin;             ///< of the page, or the program for a local caller
    std::string owner_unit;         ///< the application's owner (perangkat daerah)
    std::string ordered_for;        ///< the user in the application's signed order; may be empty
    std::uint32_t operations = 0;   ///< of a key use: how many a yes permits,
    std::chrono::seconds lasting{}; ///< and for how long
    std::string code;               ///< of an enrolment: six digits that the page shows, too
    std::string purpose, task_kind;
    std::string city, citation;
    std::string environment, marking;
    std::vector<ConsentItem> items;
    CertificateRef certificate; ///< null for an enrolment
    std::string token_label;
    bool pin_pad = false;
    bool final_try = false;
    int tries_left = 0;             ///< by the agent's own count, which knows nothing of other programs
    bool pin_count_low = false;     ///< the token itself says that a wrong PIN was typed,
    bool pin_to_be_changed = false; ///< and that this PIN is still the one it was handed over with
    std::optional<ProvisioningConsent> provisioning;
    std::optional<OwnerNoticeShown> notice; ///< of a first use
    std::optional<Error> previous_fault;    ///< why the same question is asked again: a wrong PIN
    std::chrono::seconds deadline{};
};

struct ConsentAnswer {
    std::vector<ItemIndex> rejected; ///< taken out of the list by the person
    std::string prompter;            ///< "terminal", "test": evidence for the log
    std::string serial_ending{};     ///< of a provisioning: what the person typed
    bool final_try = false;          ///< the person said, apart from the yes, that the last try before the token locks is to be used
};

class Consent {
public:
    virtual ~Consent() = default;
    virtual bool available() const = 0;
    /// Shows the question and waits. `pin_writer` goes to the prompter, which writes the PIN to it before it answers yes; an enrolment and a first use have none.
    /// Errors: consent_denied, consent_timed_out, consent_unavailable, or what close() gave.
    virtual Task<Outcome<ConsentAnswer>> ask(ConsentQuestion question, UniqueFd pin_writer) = 0;
    /// The same for several secrets: each writer is a channel of its own, in the order of the question's list.
    virtual Task<Outcome<ConsentAnswer>> ask_for_secrets(ConsentQuestion question, std::vector<UniqueFd> writers) = 0;
    /// Closes the dialog if it is (or comes to be) open; ask() then returns `reason`.
    virtual void close(const ConsentId& id, Errc reason) = 0;
};

} // namespace jk
