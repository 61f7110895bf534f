// TokenChanges: whether tokens came or went, for those who show it to a person. Implemented by pkcs11/hotplug; lives on the agent's event loop.
#pragma once
#include "jurukunci/async.hpp"
#include "jurukunci/token.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace jk {

class TokenChanges {
public:
    virtual ~TokenChanges() = default;

    /// Another number whenever a token came, went, or says something else about its PIN. It means nothing across restarts of the agent.
    virtual std::uint64_t revision() const = 0;
    /// Returns when revision() is not `seen`, or at `until`. Waiting alone makes nobody look: see Looking.
    virtual Task<void> changed(std::uint64_t seen, std::chrono::steady_clock::time_point until) = 0;
    /// As they were seen last, without certificates and mechanisms.
    virtual std::vector<TokenInfo> present() const = 0;

protected:
    friend class Looking;
    virtual void begin_looking() = 0;
    virtual void end_looking() = 0;
};

/// While one exists, readers that tell nothing by themselves are asked several times a second. Somebody waits: a page, or an open dialog.
class Looking {
public:
    explicit Looking(TokenChanges& changes) : m_changes(changes) { m_changes.begin_looking(); }
    ~Looking() { m_changes.end_looking(); }
    Looking(const Looking&) = delete;
    Looking& operator=(const Looking&) = delete;

private:
    TokenChanges& m_changes;
};

} // namespace jk
