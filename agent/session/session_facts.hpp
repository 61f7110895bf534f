// SessionFacts from logind (files below /run/systemd, read through libsystemd: no bus, no connection) and from the environment that the agent was
// started with. Asked anew for each decision, because people lock screens and switch users. Any thread.
#pragma once
#include "agent/policy/state.hpp"

#include <functional>
#include <optional>
#include <string>

namespace jk::session {

/// What logind says about one session.
struct Login {
    std::optional<bool> remote, active;
    std::string type, service; ///< "wayland", "tty"; the PAM service: "gdm-password", "sshd", "xrdp-sesman"
};

/// What the verdict is made of; tests give their own.
struct Surroundings {
    std::function<std::string(const char* name)> environment;
    std::function<std::optional<Login>()> login; ///< nothing where logind knows no session of ours
};

/// Of this process: its own session; of a user's service, which has none, the session at the user's display.
Surroundings of_this_process();

policy::SessionFacts session_facts(const Surroundings& surroundings);

/// Only the session; about certificates nothing is known.
class LoginFacts : public policy::Facts {
public:
    policy::SessionFacts session() const override { return session_facts(m_surroundings); }

private:
    Surroundings m_surroundings = of_this_process();
};

} // namespace jk::session
