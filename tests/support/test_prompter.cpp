// jurukunci-test-prompter: answers consents by a script, for tests and for the demo without a terminal. An ordinary client of the control
// door; the agent accepts it under `environment: uji` only.
//
//   jurukunci-test-prompter --pin-file FILE [--log FILE] STEP…
// One STEP per question, the last one for all that follow:
// A provisioning's secrets come from files named secret-ROLE beside FILE (FILE itself for "pin" where there is none); its steps, besides:
//   swap-ending (another serial's ending) · wrong (the first secret is a wrong one) · ROLE=TEXT (yes, but this one secret is TEXT)
//   final (yes, also to the last try before the token locks) · final-wrong (the same, with a wrong PIN) ·
//   yes (to a first use, too: it has read it) · no · silent · wrong (a wrong PIN) · empty (an empty PIN) · reject:0,2 · slow (yes after two seconds; slow:6 after six)
//   · held:FILE (yes once that is there) · leave (hang up)
#include "cli/prompter_client.hpp"
#include "sandbox/process.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

namespace {

using namespace jk;

Secret pin_from(const std::string& file) {
    auto pin = Secret::create();
    if (!pin) std::exit(5);
    const UniqueFd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC));
    const auto n = read(fd.get(), pin->room().data(), Secret::capacity);
    if (n > 0) pin->grow(static_cast<std::size_t>(n));
    return std::move(*pin);
}

Secret wrong_pin() {
    auto pin = Secret::create();
    const char wrong[] = "bukan-pin-ini";
    std::memcpy(pin->room().data(), wrong, sizeof wrong - 1);
    pin->grow(sizeof wrong - 1);
    return std::move(*pin);
}

Secret secret_of(const std::string& text) {
    auto secret = Secret::create();
    std::memcpy(secret->room().data(), text.data(), text.size());
    secret->grow(text.size());
    return std::move(*secret);
}

/// A yes to a provisioning, with what the step says about its secrets.
void prepare(cli::PrompterClient& prompter, const cli::Question& question, const std::string& step, const std::string& pin_file) {
    const auto folder = pin_file.substr(0, pin_file.rfind('/') + 1);
    std::vector<Secret> secrets;
    for (const auto& value : question.body.at("secrets").as_array()) {
        if (value.as_object().at("onReader").as_bool()) continue;
        const std::string role(value.as_object().at("role").as_string());
        const auto file = folder + "secret-" + role;
        if (step == "wrong" && secrets.empty())
            secrets.push_back(wrong_pin());
        else if (step.starts_with(role + "="))
            secrets.push_back(secret_of(step.substr(role.size() + 1)));
        else
            secrets.push_back(pin_from(access(file.c_str(), R_OK) == 0 ? file : pin_file));
    }
    const std::string serial(question.body.at("token").as_object().at("serial").as_string());
    const auto ending = serial.size() <= 4 ? serial : serial.substr(serial.size() - 4);
    (void)prompter.agree_with_secrets(question, secrets, step == "swap-ending" ? "zzzz" : ending, step.starts_with("final"));
}

std::vector<std::size_t> numbers(const std::string& list) {
    std::vector<std::size_t> all;
    std::istringstream in(list);
    for (std::string number; std::getline(in, number, ',');) all.push_back(std::stoul(number));
    return all;
}

} // namespace

int main(int argc, char** argv) {
    std::string pin_file, log_file;
    std::vector<std::string> steps;
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        if (argument == "--pin-file" && i + 1 < argc)
            pin_file = argv[++i];
        else if (argument == "--log" && i + 1 < argc)
            log_file = argv[++i];
        else
            steps.push_back(argument);
    }
    if (steps.empty()) steps.emplace_back("yes");
    sandbox::harden();
    Outcome<cli::PrompterClient> prompter;
    for (int attempt = 0; attempt < 100 && !prompter; ++attempt) { // the agent may still be starting
        prompter = cli::PrompterClient::open("test");
        if (prompter || prompter.error().code != Errc::agent_absent) break;
        usleep(50'000);
    }
    if (!prompter) {
        std::fprintf(stderr, "jurukunci-test-prompter: %s\n", prompter.error().log_line().c_str());
        return prompter.error().entry().exit_code;
    }
    std::puts("registered");
    std::fflush(stdout);
    std::vector<UniqueFd> kept; // the PIN channel of a question that gets no answer stays open, as a dialog's would
    for (std::size_t turn = 0;;) {
        auto event = prompter->next();
        if (!event) return 0;
        if (!log_file.empty()) {
            std::ofstream log(log_file, std::ios::app);
            if (event->question) log << boost::json::serialize(event->question->body) << "\n";
            if (!event->closed.empty())
                log << boost::json::serialize(boost::json::object{{"closed", event->closed}, {"reason", event->close_reason}}) << "\n";
        }
        if (!event->question) continue;
        auto& question = *event->question;
        const auto step = steps[std::min(turn++, steps.size() - 1)];
        const auto pin = step == "wrong" || step == "final-wrong" ? wrong_pin() : step == "empty" ? std::move(*Secret::create()) : pin_from(pin_file);
        if (step == "leave") return 0;
        if (step.starts_with("held:"))
            for (int i = 0; i < 3000 && access(step.c_str() + 5, F_OK) != 0; ++i) usleep(20'000);
        if (step.starts_with("slow")) sleep(step.size() > 5 ? static_cast<unsigned>(std::atoi(step.c_str() + 5)) : 2);
        if (step == "silent")
            for (kept.push_back(std::move(question.pin_channel)); !question.secret_channels.empty(); question.secret_channels.pop_back())
                kept.push_back(std::move(question.secret_channels.back()));
        else if (step == "no")
            (void)prompter->decline(question);
        else if (question.body.at("kind").as_string() == "provisioning")
            prepare(*prompter, question, step, pin_file);
        else
            (void)prompter->agree(question, question.pin_channel ? &pin : nullptr,
                                  step.starts_with("reject:") ? numbers(step.substr(7)) : std::vector<std::size_t>{}, step.starts_with("final"));
    }
}
