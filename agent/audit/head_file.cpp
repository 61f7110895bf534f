#include "agent/audit/head_file.hpp"

#include "agent/store/state_folder.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace jk::audit {
namespace {

constexpr std::size_t row_size = 8, hash_size = 32, signature_size = 64, record_size = row_size + hash_size + signature_size;

/// Row (u64, big-endian), its hash, and the Ed25519 signature of the checkpoint.
Bytes record_of(const Head& head, ByteView signature) {
    Bytes record;
    for (int shift = 56; shift >= 0; shift -= 8) record.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(head.row) >> shift));
    record.insert(record.end(), head.hash.value().begin(), head.hash.value().end());
    record.insert(record.end(), signature.begin(), signature.end());
    record.resize(record_size);
    return record;
}

Error unavailable(const std::filesystem::path& file) {
    const std::string reason = file.string() + ": " + std::strerror(errno);
    return Error{Errc::audit_unavailable, reason}.with("reason", reason);
}

} // namespace

bool HeadFile::Record::signed_by(const store::DeviceKey& key) const { return key.verifies(checkpoint_message(head.row, head.hash), signature); }

Outcome<void> HeadFile::write_birth(const std::filesystem::path& file) {
    const auto record = record_of({}, {});
    return store::replace_file_durably(file, text_of(record));
}

Outcome<HeadFile> HeadFile::open(const std::filesystem::path& file) {
    UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) return unavailable(file);
    return HeadFile(std::move(fd));
}

Outcome<std::optional<HeadFile::Record>> HeadFile::read(const std::filesystem::path& file) {
    const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!fd && errno == ENOENT) return std::optional<Record>();
    if (!fd) return unavailable(file);
    Bytes record(record_size + 1);
    const auto n = ::read(fd.get(), record.data(), record.size());
    if (n < 0) return unavailable(file);
    if (n != static_cast<ssize_t>(record_size)) return std::optional<Record>();
    std::uint64_t row = 0;
    for (std::size_t i = 0; i < row_size; ++i) row = row << 8 | record[i];
    const ByteView bytes(record);
    const auto hash = Digest::from(HashFunction::sha256, bytes.subspan(row_size, hash_size));
    if (!hash || row >= std::uint64_t(1) << 63) return std::optional<Record>();
    const auto signature = bytes.subspan(row_size + hash_size, signature_size);
    return std::optional(Record{{static_cast<std::int64_t>(row), *hash}, Bytes(signature.begin(), signature.end())});
}

void HeadFile::keep(const Head& head, ByteView signature) const {
    const auto record = record_of(head, signature);
    if (pwrite(m_file.get(), record.data(), record.size(), 0) != static_cast<ssize_t>(record.size()))
        spdlog::warn("audit.head stays behind the log: {}", std::strerror(errno));
}

} // namespace jk::audit
