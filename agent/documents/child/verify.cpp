#include "agent/documents/child/verify.hpp"

#include "agent/documents/child/refusal.hpp"
#include "agent/documents/child/report.hpp"
#include "agent/documents/child/revision_difference.hpp"
#include "agent/documents/child/signing_rules.hpp"
#include "jurukunci/encoding.hpp"
#include "x509/openssl_ptr.hpp"

#include <qpdf/QPDFExc.hh>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <set>

namespace jk::documents::child {
namespace {

constexpr std::size_t max_signatures = 100;
constexpr std::size_t chunk = 256u << 10;

const EVP_MD* md_of(HashFunction hash) {
    return hash == HashFunction::sha256 ? EVP_sha256() : hash == HashFunction::sha384 ? EVP_sha384() : EVP_sha512();
}

Digest digest_of(const DocumentBytes& bytes, HashFunction hash, std::initializer_list<std::pair<std::uint64_t, std::uint64_t>> ranges) {
    const x509::EvpMdCtxPtr context(EVP_MD_CTX_new());
    EVP_DigestInit_ex(context.get(), md_of(hash), nullptr);
    Bytes buffer(chunk);
    for (auto [start, length] : ranges) {
        while (length > 0) {
            const auto n = bytes.read(start, buffer.data(), static_cast<std::size_t>(std::min<std::uint64_t>(length, buffer.size())));
            if (n == 0) break;
            EVP_DigestUpdate(context.get(), buffer.data(), n);
            start += n;
            length -= n;
        }
    }
    std::array<std::uint8_t, 64> value{};
    unsigned size = 0;
    EVP_DigestFinal_ex(context.get(), value.data(), &size);
    return *Digest::from(hash, {value.data(), size});
}

class PdfVerification {
public:
    PdfVerification(std::shared_ptr<DocumentBytes> bytes, PdfFile& file) : m_bytes(std::move(bytes)), m_file(file) {}

    std::vector<SignatureFindings> run() {
        for (auto& field : fields_of(m_file)) {
            auto value = field.dictionary.getKey("/V");
            if (!field.is_signature || !value.isDictionary() || value.getKey("/Type").isNameAndEquals("/DocTimeStamp")) continue;
            if (m_found.size() >= max_signatures) refuse(Errc::document_not_examined, "has more than 100 signatures");
            m_found.push_back(examine(field, value));
        }
        std::ranges::stable_sort(m_found, {}, &SignatureFindings::revision_end);
        judge_later_revisions();
        return std::move(m_found);
    }

private:
    SignatureFindings examine(const Field& field, QPDFObjectHandle signature) {
        SignatureFindings s;
        s.field = field.name;
        const auto cms = contents(signature, s);
        if (!cms) return s;
        const auto& r = s.byte_range;
        s.cms = check_cms(*cms, [&](HashFunction hash) { return digest_of(*m_bytes, hash, {{r[0], r[1]}, {r[2], r[3]}}); });
        if (!s.cms.signing_time) s.cms.signing_time = claimed_time(signature);
        if (s.cms.verdict == CmsVerdict::intact) s.integrity = Integrity::intact;
        if (signature.getKey("/SubFilter").isNameAndEquals("/ETSI.CAdES.detached") && !s.cms.cades && s.integrity == Integrity::intact) {
            s.integrity = Integrity::invalid;
            s.cms.verdict = CmsVerdict::format_failure;
            s.cms.reason = "PAdES without signing-certificate-v2";
        }
        return s;
    }

    static std::optional<WallTime> claimed_time(QPDFObjectHandle signature) {
        auto m = signature.getKey("/M");
        if (!m.isString()) return std::nullopt;
        int year = 0, sign_hours = 0, sign_minutes = 0;
        unsigned month = 1, day = 1, hour = 0, minute = 0, second = 0;
        char direction = 'Z';
        const int got = std::sscanf(m.getStringValue().c_str(), "D:%4d%2u%2u%2u%2u%2u%c%2d'%2d", &year, &month, &day, &hour, &minute, &second,
                                    &direction, &sign_hours, &sign_minutes);
        if (got < 6) return std::nullopt;
        char text[32];
        std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02u:%02u:%02uZ", year % 10000, month % 100, day % 100, hour % 100, minute % 100,
                      second % 100);
        auto time = parse_rfc3339(text);
        if (!time) return time;
        const auto shift = std::chrono::hours(sign_hours) + std::chrono::minutes(sign_minutes);
        return direction == '+' ? *time - shift : direction == '-' ? *time + shift : *time;
    }

    /// The CMS, if ByteRange and Contents are what they must be; otherwise the reason is in `s`.
    std::optional<Bytes> contents(QPDFObjectHandle signature, SignatureFindings& s) {
        const auto fail = [&](std::string reason) {
            s.cms.reason = std::move(reason);
            return std::nullopt;
        };
        auto range = signature.getKey("/ByteRange");
        if (!range.isArray() || range.getArrayNItems() != 4) return fail("ByteRange is missing or not four numbers");
        for (int i = 0; i < 4; ++i) {
            auto number = range.getArrayItem(i);
            if (!number.isInteger() || number.getIntValue() < 0) return fail("ByteRange is not four numbers");
            s.byte_range[static_cast<std::size_t>(i)] = static_cast<std::uint64_t>(number.getIntValue());
        }
        const auto [start, length, second, rest] = s.byte_range;
        constexpr std::uint64_t far = std::uint64_t(1) << 48;
        if (start != 0 || length >= far || second >= far || rest >= far || second <= length + 2 || second + rest > m_bytes->size())
            return fail("ByteRange does not describe a document with one gap");
        s.revision_end = second + rest;
        auto value = signature.getKey("/Contents");
        if (!value.isString()) return fail("Contents is missing");
        // By position, not by value: a copy of the string elsewhere must not stand in for the gap.
        const auto parsed_at = value.getParsedOffset();
        if (parsed_at < 0 || static_cast<std::uint64_t>(parsed_at) + m_file.header_offset() != length)
            return fail("the gap is not this signature's Contents");
        const auto gap = m_bytes->read(length, static_cast<std::size_t>(second - length));
        const auto text = text_of(gap);
        if (text.front() != '<' || text.back() != '>') return fail("the gap is more or less than the hexadecimal string");
        const auto decoded = from_hex(text.substr(1, text.size() - 2));
        if (!decoded) return fail("the gap holds something that is not hexadecimal");
        if (!is_a_revision(s)) return fail("the signed range does not end where a revision ends");
        return decoded;
    }

    /// The signed part must be a document of its own, which shows this very signature.
    bool is_a_revision(const SignatureFindings& s) {
        try {
            auto revision = PdfFile::open(m_bytes, s.revision_end);
            for (auto& field : fields_of(revision)) {
                if (field.name != s.field) continue;
                auto range = field.dictionary.getKey("/V").getKey("/ByteRange");
                return range.isArray() && range.getArrayNItems() == 4 && range.getArrayItem(1).isInteger() &&
                       static_cast<std::uint64_t>(range.getArrayItem(1).getIntValue()) == s.byte_range[1];
            }
        } catch (const Refusal&) {
        } catch (const QPDFExc&) {
        }
        return false;
    }

    /// What was appended from one end to the next, for as long as each step only adds a signature.
    std::vector<std::string> step(std::uint64_t from, std::uint64_t to, int signatures) {
        try {
            auto older = PdfFile::open(m_bytes, from), newer = PdfFile::open(m_bytes, to);
            return beyond_signatures(older, newer, signatures, Strictness::any_producer);
        } catch (const Refusal& refusal) {
            return {"a later revision cannot be read: " + refusal.error.detail};
        } catch (const QPDFExc& e) {
            return {std::string("a later revision cannot be read: ") + e.what()};
        }
    }

    bool only_white_space(std::uint64_t from) {
        if (m_bytes->size() - from > 1024) return false;
        const auto rest = m_bytes->read(from, 1024);
        return std::ranges::all_of(rest, [](auto b) { return b == 0 || std::isspace(b); });
    }

    void judge_later_revisions() {
        std::set<std::uint64_t> ends;
        for (const auto& s : m_found)
            if (s.revision_end > 0 && s.integrity == Integrity::intact) ends.insert(s.revision_end);
        std::map<std::uint64_t, std::vector<std::string>> after; // by where the step starts
        for (auto end = ends.begin(); end != ends.end(); ++end) {
            const auto next = std::next(end);
            if (next != ends.end())
                after[*end] = step(*end, *next, 1);
            else if (*end != m_bytes->size() && !only_white_space(*end))
                after[*end] = step(*end, m_bytes->size(), 0);
        }
        const auto level = certification(m_file);
        for (auto& s : m_found) {
            s.whole_document = s.revision_end == m_bytes->size() || (s.revision_end > 0 && only_white_space(s.revision_end));
            if (s.integrity != Integrity::intact) continue;
            for (auto place = after.find(s.revision_end); place != after.end(); ++place)
                s.changes.insert(s.changes.end(), place->second.begin(), place->second.end());
            if (!s.changes.empty()) s.integrity = Integrity::modified_after_signing;
            if (is_certification(s.field) && ((level == 1 && !s.whole_document) || !s.changes.empty())) s.integrity = Integrity::certified_violation;
        }
    }

    bool is_certification(const std::string& field) {
        auto permissions = m_file.root().getKey("/Perms");
        if (!permissions.isDictionary() || !permissions.getKey("/DocMDP").isDictionary()) return false;
        for (auto& f : fields_of(m_file))
            if (f.name == field) return f.dictionary.getKey("/V").isSameObjectAs(permissions.getKey("/DocMDP"));
        return false;
    }

    std::shared_ptr<DocumentBytes> m_bytes;
    PdfFile& m_file;
    std::vector<SignatureFindings> m_found;
};

std::string verify_detached(const DocumentBytes& bytes, const VerifyRequest& request) {
    SignatureFindings s;
    s.cms = check_cms(*request.detached, [&](HashFunction hash) { return digest_of(bytes, hash, {{0, bytes.size()}}); });
    s.integrity = s.cms.verdict == CmsVerdict::intact ? Integrity::intact : Integrity::invalid;
    s.byte_range = {0, bytes.size(), 0, 0};
    s.revision_end = bytes.size();
    s.whole_document = s.integrity == Integrity::intact;
    return report_of({s}, request, false);
}

} // namespace

std::string verify(std::shared_ptr<DocumentBytes> bytes, const VerifyRequest& request) {
    bytes->append(request.tail);
    if (request.detached) return verify_detached(*bytes, request);
    try {
        auto file = PdfFile::open(bytes, bytes->size());
        return report_of(PdfVerification(bytes, file).run(), request, true);
    } catch (const Refusal& refusal) {
        return unreadable_report(refusal.error.detail, request);
    } catch (const QPDFExc& e) {
        return unreadable_report(e.what(), request);
    }
}

} // namespace jk::documents::child
