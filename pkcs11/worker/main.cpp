// jurukunci-worker MODULE [relaxed]: loads one vendor library and signs what its grants list. Started by the agent's launcher only.
// Descriptor 3 is the agent, 4 the call board.
#include "pkcs11/worker/messages.hpp"
#include "pkcs11/worker/serve.hpp"
#include "sandbox/filters.hpp"
#include "sandbox/process.hpp"

#include <cstdio>
#include <string_view>

int main(int argc, char** argv) {
    using namespace jk;
    if (argc < 2) {
        std::fputs("jurukunci-worker is started by jurukuncid; it has no use of its own\n", stderr);
        return 2;
    }
    sandbox::harden();
    if (!sandbox::die_with_parent()) return 0;
    ipc::BlockingChannel channel(UniqueFd(3), ipc::Reading::ahead);
    auto board = pkcs11::CallBoard::map(UniqueFd(4));
    if (!board) return 5;
    // Before the library is loaded: its constructors are vendor code too. "relaxed" is a quirk in modules.d, with its reason.
    const bool relaxed = argc > 2 && std::string_view(argv[2]) == "relaxed";
    auto confined = relaxed ? done() : sandbox::confine_worker();
    auto module = confined ? pkcs11::Module::load(argv[1], *board) : Outcome<pkcs11::Module>(confined.error());
    // The first frame says whether the module can be used at all.
    if (!module) {
        (void)channel.send(pkcs11::error_reply(0, module.error()));
        return 3;
    }
    if (!channel.send(pkcs11::start_reply(0).take())) return 0;
    pkcs11::serve(channel, *module);
    return 0;
}
