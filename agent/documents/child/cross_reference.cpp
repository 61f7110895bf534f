#include "agent/documents/child/cross_reference.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <stdexcept>
#include <vector>

namespace jk::documents::child {
namespace {

constexpr std::size_t longest_section = 32u << 20;
constexpr std::size_t most_sections = 1000;
constexpr long long most_listed = 8'000'000;
constexpr std::string_view white("\0\t\n\f\r ", 6);

struct Fault : std::runtime_error {
    using runtime_error::runtime_error;
};

class Tokens {
public:
    explicit Tokens(std::string_view text) : m_rest(text) {}

    std::string_view next() {
        m_rest.remove_prefix(std::min(m_rest.find_first_not_of(white), m_rest.size()));
        const auto token = m_rest.substr(0, m_rest.find_first_of(white));
        m_rest.remove_prefix(token.size());
        return token;
    }
    long long number(std::string_view token) const {
        long long value = 0;
        const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
        if (error != std::errc() || end != token.data() + token.size() || value < 0) throw Fault("a cross-reference section cannot be read");
        return value;
    }
    long long number() { return number(next()); }
    std::string_view rest() const { return m_rest; }

private:
    std::string_view m_rest;
};

class Sections {
public:
    Sections(PdfFile& file, std::uint64_t from) : m_file(file), m_from(from) {}

    void read() {
        m_open.push_back(m_file.last_section().offset);
        while (!m_open.empty()) {
            const auto offset = m_open.back();
            m_open.pop_back();
            const auto at = offset + m_file.header_offset();
            if (at < m_from || !m_seen.insert(at).second) continue;
            if (m_seen.size() > most_sections) throw Fault("there are too many cross-reference sections");
            section(at);
        }
    }

private:
    void section(std::uint64_t at) {
        const auto bytes = m_file.bytes().read(at, longest_section);
        Tokens tokens(text_of(bytes));
        m_listed.clear();
        const auto first = tokens.next();
        first == "xref" ? table(tokens) : stream(tokens, first);
    }

    void table(Tokens& tokens) {
        for (auto token = tokens.next(); token != "trailer"; token = tokens.next()) {
            // "trailer<<" is a token too
            if (token.starts_with("trailer")) return follow(dictionary(std::string(token.substr(7)) + std::string(tokens.rest()), "startxref"));
            const auto start = tokens.number(token), count = tokens.number();
            list(start, count);
            for (auto left = count; left > 0; --left) {
                tokens.number();
                tokens.number();
                if (const auto kind = tokens.next(); kind != "n" && kind != "f") throw Fault("a cross-reference section cannot be read");
            }
        }
        follow(dictionary(tokens.rest(), "startxref"));
    }

    void stream(Tokens& tokens, std::string_view number) {
        tokens.number(number);
        tokens.number();
        const auto keyword = tokens.next();
        if (!keyword.starts_with("obj")) throw Fault("a cross-reference section cannot be read");
        auto entries = dictionary(std::string(keyword.substr(3)) + std::string(tokens.rest().substr(0, tokens.rest().find("endobj"))), "stream");
        auto index = entries.getKey("/Index");
        if (!index.isArray()) return follow(entries);
        if (index.getArrayNItems() % 2 != 0) throw Fault("a cross-reference section cannot be read");
        for (int i = 0; i < index.getArrayNItems(); i += 2) {
            if (!index.getArrayItem(i).isInteger() || !index.getArrayItem(i + 1).isInteger()) throw Fault("a cross-reference section cannot be read");
            list(index.getArrayItem(i).getIntValue(), index.getArrayItem(i + 1).getIntValue());
        }
        follow(entries);
    }

    QPDFObjectHandle dictionary(std::string_view text, std::string_view end) {
        const auto close = text.find(end);
        if (close == text.npos) throw Fault("a cross-reference section has no end");
        auto value = QPDFObjectHandle::parse(&m_file.qpdf(), std::string(text.substr(0, close)));
        if (!value.isDictionary()) throw Fault("a cross-reference section has no dictionary");
        return value;
    }

    void list(long long start, long long count) {
        if (start < 0 || count < 0 || count > most_listed || start > most_listed) throw Fault("a cross-reference section cannot be read");
        for (auto object = start; object < start + count; ++object)
            if (!m_listed.insert(object).second) throw Fault("object " + std::to_string(object) + " is listed twice in one cross-reference section");
    }

    void follow(QPDFObjectHandle entries) {
        for (const char* key : {"/Prev", "/XRefStm"})
            if (auto offset = entries.getKey(key); offset.isInteger() && offset.getIntValue() >= 0)
                m_open.push_back(static_cast<std::uint64_t>(offset.getIntValue()));
    }

    PdfFile& m_file;
    std::uint64_t m_from;
    std::vector<std::uint64_t> m_open;
    std::set<std::uint64_t> m_seen;
    std::set<long long> m_listed;
};

} // namespace

std::string cross_reference_fault(PdfFile& file, std::uint64_t from) {
    try {
        Sections(file, from).read();
    } catch (const std::exception& e) { // libqpdf's too, of a dictionary that cannot be read
        return e.what();
    }
    return {};
}

} // namespace jk::documents::child
