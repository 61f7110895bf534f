#include "agent/reports/report_request.hpp"

#include "ipc/json_fields.hpp"
#include "x509/read_certificate.hpp"

#include <algorithm>

namespace jk::reports {
namespace {

constexpr std::size_t short_text = 200, long_text = 4000;

bool digits(const std::string& text, std::size_t least, std::size_t most) {
    return text.size() >= least && text.size() <= most && std::ranges::all_of(text, [](unsigned char c) { return c >= '0' && c <= '9'; });
}

/// Control characters would be a way to write other lines than one's own into a letter.
bool printable(const std::string& text) {
    return std::ranges::none_of(text, [](unsigned char c) { return (c < 0x20 && c != '\n') || c == 0x7f; });
}

Person read_person(ipc::JsonFields& fields, std::string_view name) {
    Person person;
    const auto* value = fields.optional_object(name);
    if (value == nullptr) return person;
    ipc::JsonFields inner(*value, std::string(name));
    person.name = inner.optional_text("name", short_text).value_or("");
    person.nip = inner.optional_text("nip", 32).value_or("");
    person.position = inner.optional_text("position", short_text).value_or("");
    person.unit = inner.optional_text("unit", short_text).value_or("");
    if (!person.nip.empty() && !digits(person.nip, 18, 18)) inner.refuse("nip", "must be the eighteen digits of a NIP");
    for (const auto* text : {&person.name, &person.position, &person.unit})
        if (!printable(*text) || text->find('\n') != std::string::npos) inner.refuse(name, "must be one line");
    person.name = without_nik(person.name);
    person.position = without_nik(person.position);
    person.unit = without_nik(person.unit);
    if (auto ok = inner.end(); !ok) fields.refuse(ok.error());
    return person;
}

std::optional<WallTime> read_time(ipc::JsonFields& fields, std::string_view name, WallTime now) {
    const auto text = fields.optional_text(name, 32);
    if (!text) return std::nullopt;
    const auto time = parse_rfc3339(*text);
    if (!time) fields.refuse(name, "must be a time such as 2026-11-21T08:00:00Z");
    if (time && *time > now + std::chrono::minutes(10)) fields.refuse(name, "lies in the future");
    return time;
}

} // namespace

std::string without_nik(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i, count = 0;
        for (std::size_t k = i; k < text.size(); ++k) {
            const char c = text[k];
            if (c >= '0' && c <= '9') {
                ++count;
                end = k + 1;
            } else if (count == 0 || (c != ' ' && c != '.' && c != '-')) {
                break;
            }
        }
        if (count == 16)
            out += "[NIK disamarkan]";
        else
            out += text.substr(i, std::max<std::size_t>(end - i, 1));
        i = count == 0 ? i + 1 : end;
    }
    return out;
}

Outcome<ReportRequest> read_report_request(const json::value& body, WallTime now) {
    ipc::JsonFields fields(body, "");
    ReportRequest r;
    r.category = fields.text("category", 64);
    r.description = fields.optional_text("description", long_text).value_or("");
    if (!printable(r.description)) fields.refuse("description", "has control characters");
    r.description = without_nik(r.description);
    if (fields.has("significant")) r.significant = fields.flag_or("significant", false);
    r.known = read_time(fields, "knownAt", now);
    r.last_safe = read_time(fields, "lastSafeAt", now);
    if (r.last_safe && *r.last_safe > r.known.value_or(now)) fields.refuse("lastSafeAt", "lies after knownAt");
    r.holder = read_person(fields, "holder");
    r.superior = read_person(fields, "superior");
    r.head_of_unit = read_person(fields, "headOfUnit");
    r.token_serial = fields.optional_text("tokenSerial", 64).value_or("");
    if (!printable(r.token_serial) || r.token_serial.find('\n') != std::string::npos) fields.refuse("tokenSerial", "must be one line");
    r.certificate_sha256 = fields.optional_text("certificateSha256", 64).value_or("");
    if (!r.certificate_sha256.empty() &&
        (r.certificate_sha256.size() != 64 || r.certificate_sha256.find_first_not_of("0123456789abcdef") != std::string::npos))
        fields.refuse("certificateSha256", "must be 64 hexadecimal digits in lower case");
    if (const auto der = fields.optional_base64("certificate", x509::max_certificate_size)) {
        auto certificate = x509::read_certificate(*der);
        if (certificate)
            r.certificate = std::move(*certificate);
        else
            fields.refuse("certificate", "is no certificate");
    }
    if (auto ok = fields.end(); !ok) return ok.error();
    if (r.token_serial.empty() && !r.certificate && r.certificate_sha256.empty() && r.holder.nip.empty()) return Errc::report_subject_missing;
    return r;
}

} // namespace jk::reports
