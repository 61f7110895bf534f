#include "agent/session/session_facts.hpp"

#include <systemd/sd-login.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <unistd.h>

namespace jk::session {
namespace {

struct Free {
    void operator()(char* text) const { std::free(text); } // sd_* give malloc's memory
};

/// What a call of the sd_…(…, char**) kind gave.
template <class Call> std::string text_of(Call call) {
    char* raw = nullptr;
    const int result = call(&raw);
    const std::unique_ptr<char, Free> owned(raw);
    return result >= 0 && raw != nullptr ? raw : "";
}

std::optional<bool> yes_or_no(int result) { return result < 0 ? std::nullopt : std::optional<bool>(result > 0); }

std::optional<Login> login_of_this_process() {
    auto id = text_of([](char** out) { return sd_pid_get_session(0, out); });
    if (id.empty()) id = text_of([](char** out) { return sd_uid_get_display(geteuid(), out); });
    if (id.empty()) return std::nullopt;
    const char* name = id.c_str();
    Login login;
    login.remote = yes_or_no(sd_session_is_remote(name));
    login.active = yes_or_no(sd_session_is_active(name));
    login.type = text_of([&](char** out) { return sd_session_get_type(name, out); });
    login.service = text_of([&](char** out) { return sd_session_get_service(name, out); });
    return login;
}

struct Mark {
    const char* name;
    const char* how;
};

/// Set by what brought the person here from elsewhere. A user who unsets them hides it; logind's word counts besides.
constexpr std::array marks{Mark{"SSH_CONNECTION", "SSH"}, Mark{"SSH_CLIENT", "SSH"},    Mark{"SSH_TTY", "SSH"},   Mark{"XRDP_SESSION", "RDP"},
                           Mark{"VNCDESKTOP", "VNC"},     Mark{"X2GO_SESSION", "X2Go"}, Mark{"NXSESSIONID", "NX"}};

/// PAM services of programs that let people in from elsewhere, whether or not they tell logind so.
constexpr std::array<std::pair<std::string_view, const char*>, 5> services{
    {{"sshd", "SSH"}, {"xrdp-sesman", "RDP"}, {"tigervnc", "VNC"}, {"vncserver", "VNC"}, {"x2go", "X2Go"}}};

} // namespace

Surroundings of_this_process() {
    const auto environment = [](const char* name) {
        const char* value = std::getenv(name);
        return std::string(value != nullptr ? value : "");
    };
    return {environment, login_of_this_process};
}

policy::SessionFacts session_facts(const Surroundings& surroundings) {
    policy::SessionFacts facts;
    if (const auto login = surroundings.login()) {
        facts.remote = login->remote;
        facts.active = login->active;
        if (login->remote.value_or(false)) facts.how = login->service.empty() ? "logind" : login->service;
        const auto service = std::ranges::find(services, std::string_view(login->service), &std::pair<std::string_view, const char*>::first);
        if (service != services.end()) facts.remote = true, facts.how = service->second;
    }
    for (const auto& mark : marks)
        if (!surroundings.environment(mark.name).empty()) {
            facts.remote = true;
            facts.how = mark.how;
            break;
        }
    return facts;
}

} // namespace jk::session
