// jurukunci-deliver: one exchange over the network, then it ends. Started by the agent's launcher only; descriptor 3 is the agent. The only program of ours that
// opens a connection.
#include "agent/delivery/https_exchange.hpp"
#include "agent/delivery/plain_exchange.hpp"
#include "ipc/blocking_channel.hpp"
#include "sandbox/filters.hpp"
#include "sandbox/process.hpp"

#include <unistd.h>

#include <cstdio>

int main(int argc, char**) {
    using namespace jk;
    if (argc > 1) {
        std::fputs("jurukunci-deliver is started by jurukuncid; it has no use of its own\n", stderr);
        return 2;
    }
    sandbox::harden();
    if (!sandbox::die_with_parent()) return 0;
    alarm(delivery::longest);
    ipc::BlockingChannel agent(UniqueFd(3));
    auto frame = agent.receive(delivery::max_frame);
    if (!frame) return 5;
    const auto errand = delivery::read_errand(frame->body);
    if (!errand || !sandbox::confine_delivery()) return 5;
    alarm(errand->seconds);
    const auto answer = errand->plain ? delivery::plain_exchange(*errand) : delivery::exchange(*errand);
    return agent.send(delivery::write(answer)) ? 0 : 5;
}
