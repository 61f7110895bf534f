// jurukuncid: reads the configuration, builds the agent, runs it. Nothing else happens here.
#include "agent/agent.hpp"

#include "jurukunci/version.hpp"
#include "sandbox/process.hpp"

#include <CLI/CLI.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>

namespace {

int give_up(const jk::Error& error) {
    std::fprintf(stderr, "jurukuncid: %s\n  %s\n  %s\n  %s\n", error.log_line().c_str(), error.sentence(jk::Language::indonesian).c_str(),
                 error.remedy(jk::Language::indonesian).c_str(), error.remedy(jk::Language::english).c_str());
    return error.entry().exit_code;
}

} // namespace

int main(int argc, char** argv) {
    using namespace jk;
    CLI::App app{"Agen Jurukunci: menjaga kunci privat pada token, untuk satu pengguna."};
    AgentOptions options;
    bool print_version = false;
    app.add_option("--port", options.port, "port pada 127.0.0.1 dan ::1; 0 = yang mana saja; bawaan: yang pertama dari 17845-17849")
        ->check(CLI::Range(0, 65535));
    app.add_flag("--version", print_version, "tampilkan versi");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    if (print_version) {
        std::printf("jurukunci %s\n", std::string(version()).c_str());
        return 0;
    }

    sandbox::harden();
    sandbox::raise_descriptor_limit();
    auto launcher = launcher::fork_launcher(); // while there is one thread, and before anything is given up
    if (!launcher) return give_up(launcher.error());
    spdlog::set_default_logger(spdlog::stderr_logger_st("jurukunci"));
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");

    auto configuration = config::read(config::system_folder());
    if (!configuration) return give_up(configuration.error());
    auto agent = Agent::build(std::move(*configuration), std::move(*launcher), options);
    if (!agent) return give_up(agent.error());
    if (auto ended = (*agent)->run(); !ended) return give_up(ended.error());
    return 0;
}
