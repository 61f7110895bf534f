// Lines of a closed segment, which lies in the user's folder: whatever stands there, it is read or refused, and what is read has the hash that it is
// judged by.
#include "agent/audit/segment_file.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace jk;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    audit::SegmentReader reader;
    int read = 0;
    reader.row = [&](const audit::StoredRow& row) {
        ++read;
        (void)audit::row_hash(audit::genesis(), row.content());
        return done();
    };
    reader.checkpoint = [&](const audit::StoredCheckpoint&) { return ++read, done(); };
    const auto ok = audit::read_segment_line(text_of({data, size}), reader);
    fuzz::require(ok ? read == 1 : read == 0, "a line is one row, one checkpoint, or refused");
    return 0;
}
