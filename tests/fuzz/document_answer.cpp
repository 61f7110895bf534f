// What a document process, which has read a stranger's PDF, may answer the agent. The first byte says which answer is awaited.
#include "agent/documents/messages.hpp"
#include "agent/doors/shape/error_json.hpp"
#include "ipc/strict_json.hpp"
#include "jurukunci/displayed_text.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <boost/json/serialize.hpp>

using namespace jk;
using namespace jk::documents;

namespace {

/// A refusal goes on to the page as JSON.
void refused(const Error& error) {
    const auto answer = boost::json::serialize(doors::error_json(error, Language::indonesian));
    fuzz::require(is_utf8(answer) && ipc::parse_json(answer).has_value(), "a refusal becomes JSON");
}

template <class T, class Read> void read_twice(ipc::Reader reader, Read read) {
    const auto answer = read(reader);
    if (!answer) return refused(answer.error());
    const auto written = encode_answer(*answer);
    ipc::Reader second(written);
    const auto again = read(second);
    fuzz::require(again.has_value() && encode_answer(*again) == written, "an answer is the same when read again");
    if constexpr (requires { answer->title; }) fuzz::require(answer->title.empty() || is_utf8(answer->title), "a title is UTF-8");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const ByteView body(data + 1, size - 1);
    switch (data[0] % 4) {
    case 0: read_twice<Inspection>(ipc::Reader(body), read_inspection); break;
    case 1: read_twice<Update>(ipc::Reader(body), documents::read_update); break;
    case 2: read_twice<std::string>(ipc::Reader(body), read_report); break;
    default:
        ipc::Reader reader(body);
        if (const auto ok = read_answer(reader); !ok) refused(ok.error());
    }
    return 0;
}
