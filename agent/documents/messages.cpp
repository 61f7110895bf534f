#include "agent/documents/messages.hpp"

#include "ipc/error_wire.hpp"
#include "jurukunci/displayed_text.hpp"

namespace jk::documents {
namespace {

constexpr std::size_t max_text = 4096;
constexpr std::size_t max_certificate = 64u << 10;

Error malformed() { return {Errc::document_not_examined, "gave an answer that does not follow its form"}; }

ipc::Writer start(JobKind kind) {
    ipc::Writer writer;
    writer.u8(static_cast<std::uint8_t>(kind));
    return writer;
}

ipc::Writer start_answer() {
    ipc::Writer writer;
    writer.flag(true);
    return writer;
}

void write(ipc::Writer& writer, const Update& update) { writer.bytes(update.before).u32(update.cms_room).bytes(update.after).text(update.field); }

std::optional<int> read_pages(ipc::Reader& reader) {
    const auto pages = reader.i64();
    return pages >= 0 && pages <= 10'000'000 ? std::optional(static_cast<int>(pages)) : std::nullopt;
}

std::string read_title(ipc::Reader& reader) {
    auto title = reader.text(max_text);
    return is_utf8(title) ? title : std::string();
}

Update read_update_fields(ipc::Reader& reader) {
    Update update;
    const auto before = reader.bytes(max_update);
    update.before.assign(before.begin(), before.end());
    update.cms_room = reader.u32();
    const auto after = reader.bytes(max_update);
    update.after.assign(after.begin(), after.end());
    update.field = reader.text(max_text);
    return update;
}

void write(ipc::Writer& writer, const PrepareRequest& request) {
    writer.text(request.name).flag(request.appearance.has_value());
    if (const auto& a = request.appearance) writer.text(a->field).i64(a->page).f64(a->x).f64(a->y).f64(a->width).f64(a->height).text(a->link);
    writer.text(request.signer_name)
        .i64(request.time.time_since_epoch().count())
        .text(request.shown_time)
        .text(request.marking)
        .text(request.hash)
        .u32(request.cms_room);
}

PrepareRequest read_prepare_fields(ipc::Reader& reader) {
    PrepareRequest request;
    request.name = reader.text(max_text);
    if (reader.flag()) {
        Appearance a;
        a.field = reader.text(max_text);
        a.page = static_cast<int>(reader.i64());
        a.x = reader.f64();
        a.y = reader.f64();
        a.width = reader.f64();
        a.height = reader.f64();
        a.link = reader.text(max_text);
        request.appearance = a;
    }
    request.signer_name = reader.text(max_text);
    request.time = WallTime(std::chrono::milliseconds(reader.i64()));
    request.shown_time = reader.text(max_text);
    request.marking = reader.text(max_text);
    request.hash = reader.text(16);
    request.cms_room = reader.u32();
    return request;
}

std::vector<Bytes> read_certificates(ipc::Reader& reader) {
    std::vector<Bytes> all;
    for (auto left = reader.count(4); left > 0; --left) {
        const auto der = reader.bytes(max_certificate);
        all.emplace_back(der.begin(), der.end());
    }
    return all;
}

void write(ipc::Writer& writer, const std::vector<Bytes>& certificates) {
    writer.u32(static_cast<std::uint32_t>(certificates.size()));
    for (const auto& der : certificates) writer.bytes(der);
}

} // namespace

Bytes encode_inspect() { return start(JobKind::inspect).take(); }

Bytes encode(const PrepareRequest& request) {
    auto writer = start(JobKind::prepare);
    write(writer, request);
    return writer.take();
}

Outcome<PrepareRequest> read_prepare(ipc::Reader& reader) {
    auto request = read_prepare_fields(reader);
    if (auto ok = reader.end(); !ok) return ok.error();
    return request;
}

Bytes encode(const CheckRequest& request) {
    auto writer = start(JobKind::check);
    write(writer, request.wanted);
    write(writer, request.update);
    return writer.take();
}

Outcome<CheckRequest> read_check(ipc::Reader& reader) {
    CheckRequest request;
    request.wanted = read_prepare_fields(reader);
    request.update = read_update_fields(reader);
    if (auto ok = reader.end(); !ok) return ok.error();
    return request;
}

Bytes encode(const VerifyRequest& request) {
    auto writer = start(JobKind::verify);
    writer.bytes(request.tail).flag(request.detached.has_value());
    if (request.detached) writer.bytes(*request.detached);
    write(writer, request.anchors);
    write(writer, request.intermediates);
    writer.i64(request.at.time_since_epoch().count()).text(request.environment);
    return writer.take();
}

Outcome<VerifyRequest> read_verify(ipc::Reader& reader) {
    VerifyRequest request;
    const auto tail = reader.bytes(2 * max_update);
    request.tail.assign(tail.begin(), tail.end());
    if (reader.flag()) {
        const auto detached = reader.bytes(max_detached);
        request.detached.emplace(detached.begin(), detached.end());
    }
    request.anchors = read_certificates(reader);
    request.intermediates = read_certificates(reader);
    request.at = WallTime(std::chrono::milliseconds(reader.i64()));
    request.environment = reader.text(max_text);
    if (auto ok = reader.end(); !ok) return ok.error();
    return request;
}

Outcome<JobKind> read_kind(ipc::Reader& reader) {
    const auto kind = reader.u8();
    if (reader.failed() || kind < 1 || kind > static_cast<std::uint8_t>(JobKind::verify)) return malformed();
    return static_cast<JobKind>(kind);
}

Bytes encode_answer(const Inspection& inspection) {
    auto writer = start_answer();
    writer.flag(inspection.is_pdf).i64(inspection.pages.value_or(-1)).text(std::string_view(inspection.title).substr(0, max_text));
    return writer.take();
}

Bytes encode_answer(const Update& update) {
    auto writer = start_answer();
    write(writer, update);
    return writer.take();
}

Bytes encode_answer(const std::string& report) {
    auto writer = start_answer();
    writer.text(report);
    return writer.take();
}

Bytes encode_done() { return start_answer().take(); }

Bytes encode_error(const Error& error) {
    ipc::Writer writer;
    writer.flag(false);
    ipc::write(writer, error);
    return writer.take();
}

Outcome<void> read_answer(ipc::Reader& reader) {
    if (reader.flag()) return done();
    if (reader.failed()) return malformed();
    auto error = ipc::read_error(reader, Errc::document_not_examined);
    if (!reader.end()) return malformed();
    return error;
}

Outcome<Inspection> read_inspection(ipc::Reader& reader) {
    if (auto ok = read_answer(reader); !ok) return ok.error();
    Inspection inspection;
    inspection.is_pdf = reader.flag();
    inspection.pages = read_pages(reader);
    inspection.title = read_title(reader);
    if (!reader.end()) return malformed();
    return inspection;
}

Outcome<Update> read_update(ipc::Reader& reader) {
    if (auto ok = read_answer(reader); !ok) return ok.error();
    auto update = read_update_fields(reader);
    if (!reader.end()) return malformed();
    return update;
}

Outcome<std::string> read_report(ipc::Reader& reader) {
    if (auto ok = read_answer(reader); !ok) return ok.error();
    auto report = reader.text(max_report);
    if (!reader.end()) return malformed();
    return report;
}

} // namespace jk::documents
