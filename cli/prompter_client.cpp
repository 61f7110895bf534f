#include "cli/prompter_client.hpp"

#include "ipc/pin_channel.hpp"
#include "ipc/strict_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace jk::cli {
namespace {

std::string kind_of(const json::object& question) {
    const auto* kind = question.if_contains("kind");
    return kind != nullptr && kind->is_string() ? std::string(kind->get_string()) : std::string();
}

} // namespace

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
    if (auto* ask = body.if_contains("ask"); ask != nullptr && ask->is_object()) {
        Question question{std::string(ask->at("id").as_string()), std::move(ask->get_object()), UniqueFd()};
        if (kind_of(question.body) == "provisioning")
            question.secret_channels = std::move(frame->fds);
        else if (!frame->fds.empty())
            question.pin_channel = std::move(frame->fds[0]);
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

Outcome<void> PrompterClient::agree(const Question& question, const Secret* pin, const std::vector<std::size_t>& rejected, bool final_try) {
    if (pin != nullptr)
        if (auto ok = ipc::write_pin(question.pin_channel.get(), *pin); !ok) return ok;
    json::object frame{{"id", question.id}, {"answer", "yes"}, {"rejected", json::array(rejected.begin(), rejected.end())}};
    if (final_try) frame["finalTry"] = "yes";
    return answer(std::move(frame));
}

Outcome<void> PrompterClient::agree_with_secrets(const Question& question, const std::vector<Secret>& secrets, const std::string& serial_ending,
                                                 bool final_try) {
    if (secrets.size() != question.secret_channels.size()) return Error{Errc::device_failed, "the question's channels are not its secrets"};
    for (std::size_t i = 0; i < secrets.size(); ++i)
        if (auto ok = ipc::write_pin(question.secret_channels[i].get(), secrets[i]); !ok) return ok;
    json::object frame{{"id", question.id}, {"answer", "yes"}, {"rejected", json::array()}, {"serialEnding", serial_ending}};
    if (final_try) frame["finalTry"] = "yes";
    return answer(std::move(frame));
}

Outcome<void> PrompterClient::keep_final_try(const Question& question) {
    return answer({{"id", question.id}, {"answer", "yes"}, {"rejected", json::array()}, {"finalTry", "no"}});
}

Outcome<void> PrompterClient::decline(const Question& question) { return answer({{"id", question.id}, {"answer", "no"}}); }

} // namespace jk::cli
