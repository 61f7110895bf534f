// Head: how far a log reaches.
#pragma once
#include "agent/audit/chain.hpp"

namespace jk::audit {

struct Head {
    std::int64_t row = 0; ///< 0: the log is empty
    Digest hash = genesis();
};

} // namespace jk::audit
