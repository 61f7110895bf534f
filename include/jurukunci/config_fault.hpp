// Why a file is refused, for both who read it: the official is told which file, and where; whoever mends it, what exactly is wrong. The first is
// Indonesian and the second English, and neither sentence holds words of the other.
#pragma once
#include "jurukunci/error.hpp"

#include <cerrno>
#include <cstring>

namespace jk {

/// `alasan` and `reason` say the same.
inline Error file_fault(std::string file, std::string alasan, std::string reason) {
    return Error{Errc::config_refused, reason}.with("file", std::move(file)).with("alasan", std::move(alasan)).with("reason", std::move(reason));
}

/// What a file says, and not the file itself: English words are for whoever writes such files. `line` from 1; 0 where none is known.
inline Error content_fault(std::string file, std::string reason, int line = 0) {
    return file_fault(std::move(file), line > 0 ? "isinya salah di sekitar baris " + std::to_string(line) : "isinya tidak sesuai ketentuan",
                      std::move(reason));
}

/// strerror() knows the system's language only.
inline std::string alasan_of(int system_error) {
    switch (system_error) {
    case ENOENT: return "tidak ada";
    case EACCES:
    case EPERM: return "tidak boleh dibuka";
    case ELOOP: return "hanya tautan ke berkas lain";
    case ENOSPC:
    case EDQUOT: return "disk penuh";
    case EROFS: return "disk hanya dapat dibaca";
    default: return "tidak dapat dibuka (kesalahan sistem nomor " + std::to_string(system_error) + ")";
    }
}

inline Error file_fault(std::string file, int system_error) {
    return file_fault(std::move(file), alasan_of(system_error), std::strerror(system_error));
}

} // namespace jk
