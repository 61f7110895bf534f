// LocalPrograms: the gate's road for programs of this computer that use a key through libjurukunci-pkcs11.so. judge → ask → record → open a
// window → record each use. What they sign cannot be shown, so by default they may do nothing; the profile's `local_programs` says more.
// Owner: main; lives on the event loop.
#pragma once
#include "agent/audit/journal.hpp"
#include "agent/audit/pin_tries.hpp"
#include "agent/gate/attention.hpp"
#include "agent/gate/first_use.hpp"
#include "agent/gate/pin_anew.hpp"
#include "agent/policy/blocks.hpp"
#include "agent/policy/rules.hpp"
#include "jurukunci/consent.hpp"
#include "jurukunci/key_use.hpp"
#include "jurukunci/status_inquiry.hpp"
#include "jurukunci/token.hpp"

#include <functional>
#include <list>
#include <memory>

namespace jk::gate {

/// What the log calls it, where documents have "PAdES" or "RAW".
inline constexpr std::string_view key_use_format = "key-use";

/// One program: a connection of the PKCS#11 door. Owner: the door and what the program waits for, by shared_ptr.
class ProgramClient {
public:
    ProgramClient(net::any_io_executor executor, CallerIdentity who, std::function<bool()> unchanged)
        : caller(std::move(who)), m_unchanged(std::move(unchanged)), m_turn(executor) {}
    const CallerIdentity caller;

private:
    friend class LocalPrograms;
    struct Window {
        std::string operation; ///< in the log
        TokenId token;
        TokenInfo seen;             ///< the token as it was when the person said yes
        std::vector<KeyOfUse> keys; ///< what may be done is less than what was agreed to once the facts turned
        std::shared_ptr<UseWindow> open;
        std::uint32_t used = 0, total = 0, at_token = 0;
        std::chrono::steady_clock::time_point until;
        std::vector<CertificateId> asks_anew; ///< keys that want the PIN for each use
        PinAnew pin_anew;
        bool ended = false;
    };
    std::function<bool()> m_unchanged; ///< is it still the program that `caller` names?
    std::list<TokenId> m_logged_in;
    std::list<std::shared_ptr<Window>> m_windows; ///< at most one per token
    std::optional<Errc> m_gone;
    ConsentId m_asking; ///< empty while no question is open
    bool m_opening = false;
    ipc::Event m_turn; ///< one question at a time, also for a program with many threads
};
using ProgramRef = std::shared_ptr<ProgramClient>;

struct KeyRooms {
    const policy::Profile& profile;
    Token& token;
    TokenUse& use;
    Consent& consent;
    Attention& attention;
    audit::Journal& journal;
    audit::PinTries& tries;
    const policy::BlockList& blocks;
    const Clock& clock;
    const policy::Facts* facts = nullptr; ///< session and state of certificates; null: nothing is known
    StatusInquiry* inquiry = nullptr;     ///< null: the facts are as they are
    FirstUse* first_use = nullptr;        ///< null: what owners have not read is a refusal
};

class LocalPrograms {
public:
    LocalPrograms(net::any_io_executor executor, KeyRooms rooms) : m_executor(executor), m_rooms(rooms), m_finished(executor) {}

    /// `unchanged`: is it still the program that `caller` names? Asked before each question, because the person reads that name.
    ProgramRef arrived(
        CallerIdentity caller, std::function<bool()> unchanged = [] { return true; });
    /// The program is gone, or the agent ends: its question closes, its windows end.
    void left(const ProgramRef& program, Errc reason = Errc::page_gone);
    /// The agent ends: nobody is asked any more. What a token is doing is waited for with stop().
    void turn_away();
    Task<void> stop();
    /// A program is being asked about, or has a window.
    bool busy() const;

    /// C_Login. Asks the person where one yes is for several operations; a key that is asked for each time is asked for then.
    Task<Outcome<void>> login(ProgramRef program, TokenId token);
    void logout(ProgramClient& program, const TokenId& token);
    bool logged_in(const ProgramClient& program, const TokenId& token) const;
    /// One private-key operation, after a yes that covers it. use_ended for a program that is not logged in.
    Task<Outcome<Bytes>> use(ProgramRef program, TokenId token, KeyTask task);

private:
    using Window = ProgramClient::Window;
    using WindowRef = std::shared_ptr<Window>;
    struct Wish { ///< what the person is asked about
        TokenInfo token;
        std::vector<KeyOfUse> keys;
        UseTerms terms;
        std::optional<KeyTask> task; ///< the only one it is for
        std::string operation;
        std::chrono::steady_clock::time_point asked{}; ///< when the program came with it, before it waited
    };
    struct Agreed {
        ConsentAnswer answer;
        PinTicket pin;
    };
    struct Permission {
        policy::KeyForProgram key;
        std::optional<Error> no_signature; ///< why one that may sign by its usage may not
    };
    struct Wanted {
        CertificateId key;
        bool sign = false, decrypt = false;
    };
    Task<Outcome<TokenInfo>> find_token(ProgramRef program, TokenId id);
    /// What the profile lets programs do with this key, less what is blocked and what the facts of this moment forbid.
    Outcome<Permission> permitted(const CertificateRef& certificate, const TokenInfo& token) const;
    /// Takes from an open window what is permitted no more; why, if nothing is left.
    std::optional<Error> narrow(Window& window) const;
    Outcome<void> not_blocked(const Certificate& certificate, const TokenId& token, policy::KeyAction action) const;
    Task<Outcome<WindowRef>> window_for(ProgramRef program, TokenInfo token, std::vector<KeyOfUse> keys);
    Task<Outcome<WindowRef>> open(ProgramRef program, Wish wish);
    Task<Outcome<WindowRef>> carry_out(ProgramRef program, Wish& wish, Turn& turn, bool& in_log);
    Task<Outcome<void>> acquaint(ProgramRef program, const Wish& wish);
    Task<Outcome<Agreed>> ask(ProgramRef program, const Wish& wish, std::optional<Error> previous);
    Outcome<void> record(const ProgramClient& program, const Wish& wish, const ConsentAnswer& answer, bool again);
    Outcome<void> opened(const Wish& wish, const std::vector<KeyCustody>& custody, Window& window);
    Outcome<void> count_try(Window& window);
    void settle_try(Window& window, bool asked_anew, Outcome<Bytes>& result);
    bool may_ask_again(const Wish& wish, const Error& error, std::optional<Error>& previous);
    std::optional<Error> just_refused(const ProgramClient& program, const Wish& wish) const;
    void person_said(const ProgramClient& program, const Wish& wish, const Error& error);
    void record_refusal(const ProgramClient& program, const Wish& wish, const Error& error);
    audit::Occasion occasion_of(const ProgramClient& program, const Wish& wish) const;
    Task<Outcome<Bytes>> use_once(ProgramRef program, WindowRef window, KeyTask task);
    void end(ProgramClient& program, const WindowRef& window, std::string_view state, const std::optional<Error>& error = std::nullopt);
    Task<void> end_in_time(ProgramRef program, WindowRef window);
    WindowRef open_window(const ProgramClient& program, const TokenId& token, const Wanted& wanted) const;

    net::any_io_executor m_executor;
    KeyRooms m_rooms;
    std::list<std::weak_ptr<ProgramClient>> m_programs;
    std::size_t m_asking = 0;
    bool m_stopping = false;
    ipc::Event m_finished;
};

} // namespace jk::gate
