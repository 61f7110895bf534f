// What a program may send to the PKCS#11 door, and what an agent may answer to the module inside that program. The first byte says which.
#include "pkcs11/frames/messages.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace jk;
namespace frames = jk::pkcs11::frames;

namespace {

void request(ByteView bytes) {
    ipc::Reader reader(bytes);
    const auto head = frames::read_head(reader);
    if (!head || head->ask != frames::Ask::use) return;
    const auto token = frames::read_token(reader);
    const auto task = frames::read_task(reader);
    if (!task || !reader.end()) return;
    fuzz::require(task->shown().value().size() >= 32, "a task shows a whole digest");
    auto writer = frames::start(head->id, head->ask);
    frames::write(writer, token);
    frames::write(writer, *task);
    fuzz::require(writer.take() == Bytes(bytes.begin(), bytes.end()), "a request has one spelling");
}

template <class Read, class Value> Bytes again(const std::vector<Value>& values, Read) {
    ipc::Writer writer;
    frames::write(writer, values);
    return writer.take();
}

template <class Read> void answer(ByteView bytes, Read read) {
    ipc::Reader reader(bytes);
    const auto values = read(reader);
    if (!reader.end()) return;
    const auto written = again(values, read);
    ipc::Reader second(written);
    fuzz::require(again(read(second), read) == written && second.end().has_value(), "an answer is the same when read again");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const ByteView body(data + 1, size - 1);
    switch (data[0] % 3) {
    case 0: request(body); break;
    case 1: answer(body, [](ipc::Reader& reader) { return frames::read_tokens(reader); }); break;
    default: answer(body, [](ipc::Reader& reader) { return frames::read_objects(reader); });
    }
    return 0;
}
