#include "agent/audit/tail.hpp"

#include "jurukunci/encoding.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

namespace jk::audit {
namespace {

constexpr std::size_t hash_size = 32;

Error unavailable(const char* what) {
    const std::string reason = std::string(what) + ": " + std::strerror(errno);
    return Error{Errc::audit_unavailable, reason}.with("reason", reason);
}

void put(Bytes& to, std::uint64_t value, int octets) {
    for (int i = octets - 1; i >= 0; --i) to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void put(Bytes& to, std::string_view text) {
    put(to, text.size(), 4);
    const auto bytes = bytes_of(text);
    to.insert(to.end(), bytes.begin(), bytes.end());
}

/// Length of what follows, row, at, kind, operation, body, the row before's hash, this row's hash.
void put(Bytes& to, const TailRow& row) {
    put(to, 8 + 8 + 3 * 4 + row.kind.size() + row.operation.size() + row.body.size() + 2 * hash_size, 4);
    put(to, static_cast<std::uint64_t>(row.row), 8);
    put(to, static_cast<std::uint64_t>(row.at_ms), 8);
    for (const auto& text : {row.kind, row.operation, row.body}) put(to, text);
    for (const auto& digest : {row.previous, row.hash}) to.insert(to.end(), digest.value().begin(), digest.value().end());
}

class Cursor {
public:
    explicit Cursor(ByteView bytes) : m_left(bytes) {}
    std::optional<ByteView> take(std::size_t size) {
        if (size > m_left.size()) return std::nullopt;
        const auto taken = m_left.first(size);
        m_left = m_left.subspan(size);
        return taken;
    }
    std::optional<std::uint64_t> number(std::size_t octets) {
        const auto bytes = take(octets);
        if (!bytes) return std::nullopt;
        std::uint64_t value = 0;
        for (const auto byte : *bytes) value = value << 8 | byte;
        return value;
    }
    std::optional<std::string> text() {
        const auto size = number(4);
        const auto bytes = size ? take(*size) : std::nullopt;
        return bytes ? std::optional(std::string(text_of(*bytes))) : std::nullopt;
    }
    std::optional<Digest> digest() {
        const auto bytes = take(hash_size);
        return bytes ? Digest::from(HashFunction::sha256, *bytes) : std::nullopt;
    }
    bool empty() const { return m_left.empty(); }

private:
    ByteView m_left;
};

std::optional<TailRow> next_row(Cursor& file) {
    const auto size = file.number(4);
    const auto bytes = size ? file.take(*size) : std::nullopt;
    if (!bytes) return std::nullopt;
    Cursor cursor(*bytes);
    const auto row = cursor.number(8), at = cursor.number(8);
    auto kind = cursor.text(), operation = cursor.text(), body = cursor.text();
    const auto previous = cursor.digest(), hash = cursor.digest();
    if (!row || !at || !kind || !operation || !body || !previous || !hash || !cursor.empty()) return std::nullopt;
    TailRow read{
        static_cast<std::int64_t>(*row), static_cast<std::int64_t>(*at), std::move(*kind), std::move(*operation), std::move(*body), *previous, *hash};
    return row_hash(read.previous, read.content()) == read.hash ? std::optional(std::move(read)) : std::nullopt;
}

} // namespace

Outcome<Tail> Tail::open(const std::filesystem::path& file) {
    UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
    struct stat facts {};
    if (!fd || fstat(fd.get(), &facts) != 0) return unavailable(file.c_str());
    return Tail(file, std::move(fd), static_cast<std::uint64_t>(facts.st_size));
}

Outcome<std::vector<TailRow>> Tail::rows_in(const std::filesystem::path& file) {
    UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!fd && errno == ENOENT) return std::vector<TailRow>{};
    struct stat facts {};
    if (!fd || fstat(fd.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
        const std::string reason = file.string() + ": " + std::strerror(errno);
        return Error{Errc::audit_unreadable, reason}.with("reason", reason);
    }
    return Tail(file, std::move(fd), static_cast<std::uint64_t>(facts.st_size)).read();
}

Outcome<std::vector<TailRow>> Tail::read() const {
    Bytes bytes(std::min<std::uint64_t>(m_size, max_file));
    for (std::size_t got = 0; got < bytes.size();) {
        const auto n = pread(m_file.get(), bytes.data() + got, bytes.size() - got, static_cast<off_t>(got));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return unavailable("reading the log's tail");
        if (n == 0) bytes.resize(got);
        got += static_cast<std::size_t>(n);
    }
    std::vector<TailRow> rows;
    for (Cursor cursor(bytes);;) {
        auto row = next_row(cursor);
        if (!row) return rows;
        rows.push_back(std::move(*row));
    }
}

Outcome<void> Tail::add(std::span<const TailRow> rows) {
    Bytes bytes;
    for (const auto& row : rows) put(bytes, row);
    for (std::size_t written = 0; written < bytes.size();) {
        const auto n = ::write(m_file.get(), bytes.data() + written, bytes.size() - written);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            const auto error = unavailable("writing the log's tail");
            (void)!ftruncate(m_file.get(), static_cast<off_t>(m_size)); // half a row would hide what comes after it
            return error;
        }
        written += static_cast<std::size_t>(n);
    }
    m_size += bytes.size();
    return done();
}

Outcome<void> Tail::keep_copy() const {
    std::error_code ec;
    const auto copy = m_path.string() + ".left-" + random_id(6);
    std::filesystem::copy_file(m_path, copy, ec);
    if (!ec) return done();
    errno = ec.value();
    return unavailable(copy.c_str());
}

Outcome<void> Tail::clear() {
    if (ftruncate(m_file.get(), 0) != 0) return unavailable("emptying the log's tail");
    m_size = 0;
    return done();
}

} // namespace jk::audit
