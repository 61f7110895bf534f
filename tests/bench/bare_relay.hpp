// BareRelay: what the arrangement costs by itself. One process asks, one checks each signature, one holds the token; nothing is judged, asked or
// recorded. What ours takes beyond it is ours to mend; what it takes beyond a direct call is the price of a module in a process of its own.
#pragma once
#include "jurukunci/certificate.hpp"
#include "jurukunci/unique_fd.hpp"

#include <sys/types.h>

#include <functional>
#include <memory>
#include <vector>

namespace jk::bench {

class DirectToken;

class BareRelay {
public:
    enum class Check { none, each };
    /// `token` runs in the process that holds the token. Owner of both processes: this.
    BareRelay(const std::function<std::unique_ptr<DirectToken>()>& token, const Certificate& certificate, Check check);
    ~BareRelay();
    BareRelay(const BareRelay&) = delete;
    BareRelay& operator=(const BareRelay&) = delete;

    std::vector<double> signatures(int count); ///< seconds each

private:
    UniqueFd m_socket;
    pid_t m_relay = -1, m_signer = -1;
};

} // namespace jk::bench
