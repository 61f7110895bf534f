// ControlCalls: one connection of the control door: request frames in, answer frames out, in order. A program that goes away before
// consent takes its requests with it.
#pragma once
#include "agent/doors/control/control_door.hpp"
#include "agent/doors/control/provisioning_calls.hpp"

namespace jk::doors {

class ControlCalls {
public:
    ControlCalls(ControlRooms& rooms, CallerIdentity caller, std::shared_ptr<ipc::Channel> channel)
        : m_rooms(rooms), m_caller(std::move(caller)), m_channel(std::move(channel)), m_provisioning(rooms.provisioning, m_caller) {}
    Task<void> serve();

private:
    struct Answer {
        explicit Answer(json::object o) : body(std::move(o)) {}
        json::object body;
        std::vector<UniqueFd> fds;
    };
    static Outcome<Answer> plain(Outcome<json::object> body);
    static Answer answer_with(std::string_view name, json::value value);
    Task<Outcome<Answer>> call(const json::value& request, std::vector<UniqueFd> fds);
    Task<Outcome<Answer>> take_document(UniqueFd file);
    Task<Outcome<Answer>> sign(const json::value& body);
    Task<Outcome<Answer>> wait_for(const std::string& id, std::uint64_t seen, int seconds);
    Task<Outcome<Answer>> verify(std::vector<UniqueFd> fds);
    Outcome<Answer> content(const std::string& id);
    void abandon();

    ControlRooms& m_rooms;
    CallerIdentity m_caller;
    std::shared_ptr<ipc::Channel> m_channel;
    Language m_language = Language::indonesian;
    std::vector<gate::OperationRef> m_started;
    ProvisioningCalls m_provisioning; ///< after m_caller
};

} // namespace jk::doors
