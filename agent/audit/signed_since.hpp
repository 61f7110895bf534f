// SignedSince: what was signed with certain keys from a moment on, as the log knows it (row 13.3). Reads only; any open database of a log.
#pragma once
#include "jurukunci/clock.hpp"
#include "jurukunci/outcome.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <string>
#include <vector>

namespace jk::audit {

/// Whose signatures are meant: any of these. None at all: every signature of this log.
struct WhichKeys {
    std::vector<std::string> certificates; ///< SHA-256, hexadecimal
    std::vector<std::string> serials;      ///< of tokens
};

struct SignedThing {
    std::int64_t row = 0;
    WallTime at{};
    std::string name, digest; ///< the document and its hash; of a program's use the digest only
    std::string application, origin;
    std::string certificate;
    bool certain = true; ///< false: it was at the token when the agent or the machine went down
};

/// "From t0 on" is by the order of rows: once a row's time has reached t0, later rows count whatever a clock that was set back says of them.
Outcome<std::vector<SignedThing>> signed_since(SQLite::Database& log, WallTime t0, const WhichKeys& keys);

/// Certificates that this log has seen on a token with this serial.
Outcome<std::vector<std::string>> certificates_on(SQLite::Database& log, const std::string& serial);

} // namespace jk::audit
