// UsersLog: this user's own log and device key, as the machine's configuration names them. Read only; the agent may run or not.
#pragma once
#include "agent/audit/log_view.hpp"
#include "agent/config/configuration.hpp"
#include "agent/store/device_key.hpp"

namespace jk::cli {

struct UsersLog {
    config::Configuration configuration;
    store::DeviceKey key;
    std::unique_ptr<audit::LogView> log;

    static Outcome<UsersLog> open();
    std::string_view environment() const { return policy::name_of(configuration.profile.environment); }
};

} // namespace jk::cli
