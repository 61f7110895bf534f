// HeadFile: `audit.head` beside the database: the newest checkpoint once more, so that a database that is gone, emptied or older shows. Written over in
// place after each checkpoint, without an fsync of its own: it may be behind the database, never ahead of it. Owner: Log; lives on the event loop.
#pragma once
#include "agent/audit/head.hpp"
#include "agent/store/device_key.hpp"
#include "jurukunci/unique_fd.hpp"

#include <filesystem>
#include <optional>

namespace jk::audit {

class HeadFile {
public:
    /// Row 0, on the disk before the device key gets its file: a key with this record has no log yet, any other key had one.
    static Outcome<void> write_birth(const std::filesystem::path& file);
    static Outcome<HeadFile> open(const std::filesystem::path& file);

    struct Record {
        Head head;
        Bytes signature;
        bool signed_by(const store::DeviceKey& key) const;
    };
    /// No value: there is no file, or what it has is no record.
    static Outcome<std::optional<Record>> read(const std::filesystem::path& file);

    /// One write of 104 bytes. A failure leaves an older head there, which is no lie.
    void keep(const Head& head, ByteView signature) const;

private:
    explicit HeadFile(UniqueFd file) : m_file(std::move(file)) {}
    UniqueFd m_file;
};

} // namespace jk::audit
