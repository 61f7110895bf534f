// StatusInquiry: brings what is known about certificates up to date before they are judged. Implemented by agent/life; event loop.
#pragma once
#include "jurukunci/async.hpp"
#include "jurukunci/token.hpp"

#include <vector>

namespace jk {

class StatusInquiry {
public:
    virtual ~StatusInquiry() = default;
    /// Returns at once where everything is known freshly enough, and in any case after the profile's short wait. What it learnt is in the facts.
    virtual Task<void> refresh(std::vector<TokenInfo> tokens) = 0;
};

} // namespace jk
