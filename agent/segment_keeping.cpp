#include "agent/segment_keeping.hpp"

#include "jurukunci/version.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

namespace jk {
namespace {

constexpr std::chrono::seconds between_looks{5}, after_a_fault{600};
constexpr std::chrono::milliseconds between_slices{20};
constexpr int slice = 500; ///< rows: some milliseconds of the loop

} // namespace

SegmentKeeping::~SegmentKeeping() { m_stopped = true; }

audit::ExportFacts SegmentKeeping::facts() const {
    return {std::string(version()), m_rooms.profile, m_rooms.environment, m_rooms.clock.now(), m_rooms.custody.key().public_key()};
}

bool SegmentKeeping::due() {
    const auto answer = m_segments.due(m_rooms.limits);
    return answer && *answer;
}

void SegmentKeeping::at_start() {
    if (auto ok = m_segments.take_all_out(); !ok) return spdlog::error("rows of closed segments stay in the database: {}", ok.error().log_line());
    if (!due()) return;
    const auto closed = m_segments.close(facts());
    if (!closed) return spdlog::error("the log stays in one piece: {}", closed.error().log_line());
    if (*closed) spdlog::info("rows {} to {} of the log are in {} now", (*closed)->first, (*closed)->last, (*closed)->file);
}

Task<void> SegmentKeeping::run(std::function<bool()> idle) {
    if (m_rooms.limits.none()) co_return;
    for (;;) {
        co_await ipc::sleep_for(between_looks);
        if (m_rooms.custody.read_only() || !idle() || !due()) continue;
        auto closed = co_await close(idle);
        if (closed && *closed) co_await take_out(idle);
        if (closed) continue;
        spdlog::error("the log stays in one piece: {}", closed.error().log_line());
        co_await ipc::sleep_for(after_a_fault);
    }
}

/// False where something came in between: the file is thrown away, and the next look tries again.
Task<Outcome<bool>> SegmentKeeping::close(const std::function<bool()>& idle) {
    auto plan = m_segments.plan(m_rooms.clock.now());
    if (!plan) co_return plan.error();
    if (!*plan) co_return false;
    auto segment = co_await write(std::move(**plan));
    if (!segment) co_return segment.error();
    if (!idle()) {
        m_segments.discard(*segment);
        co_return false;
    }
    auto adopted = m_segments.adopt(*segment);
    if (adopted && *adopted) spdlog::info("rows {} to {} of the log are in {} now", segment->first, segment->last, segment->file);
    co_return adopted;
}

struct SegmentKeeping::Writing {
    explicit Writing(net::any_io_executor executor) : done(executor) {}
    ipc::Event done;
    std::optional<Outcome<audit::Segment>> result;
};

Task<Outcome<audit::Segment>> SegmentKeeping::write(audit::SegmentPlan plan) {
    // A key of the thread's own: the loop signs with the other one meanwhile.
    auto key = store::DeviceKey::open(m_rooms.state / "device.key");
    if (!key) co_return key.error();
    auto own_key = std::make_shared<store::DeviceKey>(std::move(*key));
    auto writing = std::make_shared<Writing>(m_executor);
    net::post(m_writer, [writing, own_key, executor = m_executor, state = m_rooms.state, head = facts(), plan = std::move(plan), this]() mutable {
        auto result = audit::write_segment(state, std::move(plan), head, *own_key, [this] { return m_stopped.load(); });
        net::post(executor, [writing = std::move(writing), result = std::move(result)]() mutable {
            writing->result = std::move(result);
            writing->done.notify();
        });
    });
    while (!writing->result) co_await writing->done.wait();
    co_return std::move(*writing->result);
}

Task<void> SegmentKeeping::take_out(const std::function<bool()>& idle) {
    for (;;) {
        co_await ipc::sleep_for(between_slices);
        if (!idle()) {
            co_await ipc::sleep_for(between_looks);
            continue;
        }
        const auto more = m_segments.take_out(slice);
        if (!more) spdlog::error("rows of a closed segment stay in the database until the next start: {}", more.error().log_line());
        if (!more || !*more) co_return;
    }
}

} // namespace jk
