#include "cli/prompter_client.hpp"

#include "ipc/pin_channel.hpp"
#include "ipc/strict_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace jk::cli {

Outcome<PrompterClient> PrompterClient::open(const std::string& kind, const std::filesystem::path& socket) {
    auto client = ControlClient::connect(socket);
    if (!client) return std::move(client).error();
    PrompterClient prompter(std::move(*client));
    if (auto sent = prompter.answer({{"register", kind}}); !sent) return sent.error();
    auto frame = prompter.m_client.channel().receive();
    if (!frame) return Error{Errc::agent_absent, frame.error().detail};
    auto value = ipc::parse_json(text_of(frame->body));
    if (!value || !value->is_object()) return Error{Errc::device_failed, "the agent's answer cannot be read"};
    if (const auto* error = value->get_object().if_contains("error"); error != nullptr && error->is_object())
        return error_from(error->get_object()).with("kind", kind).with("environment", "produksi/uji");
    return prompter;
}

Outcome<PrompterClient::Event> PrompterClient::next() {
    auto frame = m_client.channel().receive();
    if (!frame) return std::move(frame).error();
    auto value = ipc::parse_json(text_of(frame->body));
    if (!value || !value->is_object()) return Error{Errc::device_failed, "a frame that is no JSON object"};
    auto& body = value->get_object();
    Event event;
    if (auto* ask = body.if_contains("ask"); ask != nullptr && ask->is_object() && frame->fds.size() <= 1) {
        UniqueFd pin_channel;
        if (!frame->fds.empty()) pin_channel = std::move(frame->fds[0]);
        Question question{std::string(ask->at("id").as_string()), std::move(ask->get_object()), std::move(pin_channel)};
        event.question.emplace(std::move(question));
    }
    if (const auto* closed = body.if_contains("close"); closed != nullptr && closed->is_string()) {
        event.closed = closed->get_string();
        if (const auto* reason = body.if_contains("reason"); reason != nullptr && reason->is_object()) event.close_reason = reason->get_object();
    }
    return event;
}

Outcome<void> PrompterClient::answer(json::object frame) {
    const auto text = json::serialize(frame);
    return m_client.channel().send(bytes_of(text));
}

Outcome<void> PrompterClient::agree(const Question& question, const Secret* pin, const std::vector<std::size_t>& rejected) {
    if (pin != nullptr)
        if (auto ok = ipc::write_pin(question.pin_channel.get(), *pin); !ok) return ok;
    return answer({{"id", question.id}, {"answer", "yes"}, {"rejected", json::array(rejected.begin(), rejected.end())}});
}

Outcome<void> PrompterClient::decline(const Question& question) { return answer({{"id", question.id}, {"answer", "no"}}); }

} // namespace jk::cli
