// PrompterClient: the frames between the agent and whoever asks the person: terminal, tray, test. docs/protocol/prompter.md.
#pragma once
#include "cli/control_client.hpp"
#include "jurukunci/secret.hpp"

#include <optional>
#include <string>
#include <vector>

namespace jk::cli {

/// A question, with the channel on which the PIN goes to the token's process, past the agent.
struct Question {
    std::string id;
    json::object body;
    UniqueFd pin_channel;                    ///< none where no PIN is asked for
    std::vector<UniqueFd> secret_channels{}; ///< of a provisioning: one for each of its secrets, in order
};

class PrompterClient {
public:
    /// Registers as the one prompter of this kind, or says why not.
    static Outcome<PrompterClient> open(const std::string& kind, const std::filesystem::path& socket = control_socket());

    struct Event {
        std::optional<Question> question;
        std::string closed;        ///< id of a question that is over
        json::object close_reason; ///< an error object
    };
    /// Waits for the next frame; an error when the agent is gone.
    Outcome<Event> next();
    int fd() { return m_client.channel().fd(); }

    /// Writes the PIN first (null: it is typed on the reader, or none is asked for), then says yes.
    /// `final_try`: the person has confirmed that the last try before the token locks is to be used.
    Outcome<void> agree(const Question& question, const Secret* pin, const std::vector<std::size_t>& rejected, bool final_try = false);
    /// Yes to a provisioning: each secret on its own channel, in the question's order, and the serial's ending as it was typed.
    Outcome<void> agree_with_secrets(const Question& question, const std::vector<Secret>& secrets, const std::string& serial_ending,
                                     bool final_try = false);
    /// The person wants the thing, but not with the last try: no PIN goes anywhere.
    Outcome<void> keep_final_try(const Question& question);
    Outcome<void> decline(const Question& question);

private:
    explicit PrompterClient(ControlClient client) : m_client(std::move(client)) {}
    Outcome<void> answer(json::object frame);
    ControlClient m_client;
};

} // namespace jk::cli
