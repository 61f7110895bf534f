// PrompterHub: the one prompter, and the questions it has. Implements Consent. docs/protocol/prompter.md has the frames.
// Owner: main; lives on the event loop. Without a prompter every question is consent_unavailable: nothing is approved by itself.
#pragma once
#include "agent/policy/profile.hpp"
#include "ipc/channel.hpp"
#include "jurukunci/consent.hpp"
#include "jurukunci/token_changes.hpp"

#include <boost/json/value.hpp>

#include <map>
#include <memory>

namespace jk::doors {

namespace json = boost::json;

class PrompterHub final : public Consent {
public:
    /// `changes` outlives the hub; an open question is a reason to look whether its token is still there.
    PrompterHub(net::any_io_executor executor, const policy::Profile& profile, TokenChanges& changes)
        : m_executor(executor), m_profile(profile), m_changes(changes) {}

    /// Tells the prompter which tokens are there whenever that changes; ends with the loop.
    Task<void> tell_changes();

    bool available() const override { return m_prompter != nullptr; }
    Task<Outcome<ConsentAnswer>> ask(ConsentQuestion question, UniqueFd pin_writer) override;
    Task<Outcome<ConsentAnswer>> ask_for_secrets(ConsentQuestion question, std::vector<UniqueFd> writers) override;
    void close(const ConsentId& id, Errc reason) override;

    /// Who may be the prompter: a terminal where the profile says so; the test prompter under uji only. One at a time.
    Outcome<void> admit(const std::string& kind) const;
    /// Tells it that it is registered and speaks with it until it hangs up; its open questions then end as consent_unavailable.
    /// While it says that the screen is locked, every question is screen_locked: a dialog over a locked screen is nobody's yes.
    Task<void> serve(std::shared_ptr<ipc::Channel> channel, std::string kind);

private:
    struct Pending {
        explicit Pending(net::any_io_executor executor) : answered(executor) {}
        ipc::Event answered;
        std::optional<Outcome<ConsentAnswer>> outcome;
    };
    static Task<void> give_up_on(std::shared_ptr<ipc::Channel> prompter, std::shared_ptr<bool> sent);
    void settle(const std::string& id, Outcome<ConsentAnswer> outcome);
    void take_answer(const json::value& frame, const std::string& kind);
    bool take_screen(const json::value& frame);

    net::any_io_executor m_executor;
    const policy::Profile& m_profile;
    TokenChanges& m_changes;
    std::shared_ptr<ipc::Channel> m_prompter;
    bool m_screen_locked = false; ///< as the prompter last said; a new one starts with an open screen
    std::map<std::string, std::shared_ptr<Pending>> m_pending;
};

} // namespace jk::doors
