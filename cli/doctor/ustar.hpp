// A tar archive (POSIX.1-2017 pax, ustar format) of small texts: for one writer of files that it names itself, a library would be more to judge.
#pragma once
#include "jurukunci/bytes.hpp"
#include "jurukunci/clock.hpp"

namespace jk::doctor {

struct TarFile {
    std::string name; ///< plain, below 100 octets
    std::string text;
};

/// Files of nobody in particular (uid 0, mode 0600): whose they were is nobody's business.
Bytes ustar(const std::vector<TarFile>& files, WallTime modified);

} // namespace jk::doctor
