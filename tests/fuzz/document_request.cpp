// What the agent may ask a document process.
#include "agent/documents/messages.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace jk;
using namespace jk::documents;

namespace {

/// Numbers may be cut to their type on the first reading, not on the second.
template <class Read> void read_twice(ipc::Reader reader, Read read) {
    const auto request = read(reader);
    if (!request) return;
    const auto written = encode(*request);
    ipc::Reader second(written);
    fuzz::require(read_kind(second).has_value(), "an encoded request has a kind");
    const auto again = read(second);
    fuzz::require(again.has_value() && encode(*again) == written, "a request is the same when read again");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ipc::Reader reader({data, size});
    const auto kind = read_kind(reader);
    if (!kind) return 0;
    switch (*kind) {
    case JobKind::inspect: break;
    case JobKind::prepare: read_twice(reader, read_prepare); break;
    case JobKind::check: read_twice(reader, read_check); break;
    case JobKind::verify: read_twice(reader, read_verify); break;
    }
    return 0;
}
