#include "agent/delivery/errand.hpp"

#include "ipc/wire.hpp"

namespace jk::delivery {

Bytes write(const Errand& e) {
    ipc::Writer writer;
    writer.text(e.method).text(e.host).text(e.port).text(e.target).u32(static_cast<std::uint32_t>(e.headers.size()));
    for (const auto& [name, value] : e.headers) writer.text(name).text(value);
    return writer.bytes(e.body).text(e.ca).text(e.chain).text(e.key).flag(e.plain).u32(e.most).u32(e.seconds).take();
}

Outcome<Errand> read_errand(ByteView frame) {
    ipc::Reader reader(frame);
    Errand e;
    e.method = reader.text(8);
    e.host = reader.text(255);
    e.port = reader.text(5);
    e.target = reader.text(4096);
    for (auto left = reader.count(8); left > 0 && !reader.failed(); --left) {
        auto name = reader.text(128);
        e.headers.emplace_back(std::move(name), reader.text(4096));
    }
    const auto body = reader.bytes(max_body);
    e.body.assign(body.begin(), body.end());
    e.ca = reader.text(256u << 10);
    e.chain = reader.text(64u << 10);
    e.key = reader.text(16u << 10);
    e.plain = reader.flag();
    e.most = reader.u32();
    e.seconds = reader.u32();
    if (auto ok = reader.end(); !ok) return ok.error();
    if (e.most > max_answer_body || e.seconds == 0 || e.seconds > longest) return Error{Errc::device_failed, "an errand without bounds"};
    if (e.plain && !(e.ca.empty() && e.chain.empty() && e.key.empty())) return Error{Errc::device_failed, "a plain errand with keys"};
    return e;
}

Bytes write(const ErrandAnswer& answer) {
    return ipc::Writer().u32(static_cast<std::uint32_t>(answer.status)).bytes(answer.body).text(answer.fault).take();
}

Outcome<ErrandAnswer> read_errand_answer(ByteView frame) {
    ipc::Reader reader(frame);
    ErrandAnswer answer;
    const auto status = reader.u32();
    const auto body = reader.bytes(max_answer_body);
    answer.body.assign(body.begin(), body.end());
    answer.fault = reader.text(1000);
    if (auto ok = reader.end(); !ok) return ok.error();
    if (status > 999) return Error{Errc::device_failed, "the delivering process gave no HTTP status"};
    answer.status = static_cast<int>(status);
    return answer;
}

} // namespace jk::delivery
