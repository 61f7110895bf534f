#include "agent/delivery/errand_child.hpp"

#include "ipc/blocking_channel.hpp"
#include "ipc/channel.hpp"

#include <boost/asio/steady_timer.hpp>

namespace jk::delivery {
namespace {

constexpr std::chrono::seconds grace{30}; ///< the process ends itself before that

Error fault(std::string why) { return Error{Errc::device_failed, std::move(why)}; }

} // namespace

Task<Outcome<ErrandAnswer>> run_errand(net::any_io_executor executor, launcher::Launcher& launcher, Errand errand) {
    auto ends = ipc::socket_pair();
    if (!ends) co_return ends.error();
    launcher::Command command;
    command.program = "jurukunci-deliver";
    command.fds.push_back(std::move(ends->second));
    auto started = co_await launcher.start(std::move(command));
    if (!started) co_return started.error();
    auto child = std::make_shared<launcher::Child>(std::move(*started));
    const auto channel = std::make_shared<ipc::Channel>(executor, std::move(ends->first));
    auto age = std::make_shared<net::steady_timer>(executor, std::chrono::seconds(errand.seconds) + grace);
    age->async_wait([child, channel](const boost::system::error_code& ec) {
        if (!ec) child->kill();
    });
    auto sent = co_await channel->send(write(errand));
    if (!sent) co_return sent.error();
    auto frame = co_await channel->receive(max_frame);
    age->cancel();
    if (!frame) co_return fault("the delivering process ended: " + frame.error().detail);
    auto answer = read_errand_answer(frame->body);
    if (!answer) co_return answer.error();
    if (!answer->fault.empty()) co_return fault(answer->fault);
    co_return std::move(*answer);
}

} // namespace jk::delivery
