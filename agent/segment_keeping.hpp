// SegmentKeeping: closes segments of the log by themselves, at the start and while the agent runs: never while somebody is asked, something is signed or a
// window is open. The file is written on a thread of its own, from a connection that only reads; rows leave the database in slices. docs/adr/0035.
// Owner: the agent; event loop.
#pragma once
#include "agent/audit/custody.hpp"
#include "agent/audit/segments.hpp"
#include "ipc/event.hpp"

#include <boost/asio/thread_pool.hpp>

#include <atomic>

namespace jk {

class SegmentKeeping {
public:
    struct Rooms {
        audit::Custody& custody;
        const Clock& clock;
        std::filesystem::path state; ///< the folder of audit.db
        audit::SegmentLimits limits;
        std::string profile, environment; ///< for a segment's first line
    };
    SegmentKeeping(net::any_io_executor executor, Rooms rooms)
        : m_executor(executor), m_rooms(std::move(rooms)), m_segments(m_rooms.custody.log(), m_rooms.custody.key(), m_rooms.clock, m_rooms.state) {}
    ~SegmentKeeping(); ///< waits for the thread, which stops at its next look

    /// Before any door is open: all at once. What cannot be closed stays in the database, whole.
    void at_start();
    /// Never ends. `idle`: nobody is asked and nothing is under way.
    Task<void> run(std::function<bool()> idle);

private:
    struct Writing;
    audit::ExportFacts facts() const;
    bool due();
    Task<Outcome<bool>> close(const std::function<bool()>& idle);
    Task<Outcome<audit::Segment>> write(audit::SegmentPlan plan);
    Task<void> take_out(const std::function<bool()>& idle);

    net::any_io_executor m_executor;
    Rooms m_rooms;
    audit::Segments m_segments;
    std::atomic<bool> m_stopped = false;
    net::thread_pool m_writer{1}; ///< last: joined before anything it uses goes
};

} // namespace jk
