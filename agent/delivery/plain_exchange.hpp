// One exchange over plain http, blocking: for answers whose signature is judged afterwards, in the agent. No redirects, no proxy, one host.
#pragma once
#include "agent/delivery/errand.hpp"

namespace jk::delivery {

/// Never throws; a fault is told in the answer.
ErrandAnswer plain_exchange(const Errand& errand);

} // namespace jk::delivery
