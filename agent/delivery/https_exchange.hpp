// One HTTPS exchange with mutual TLS, blocking: the process has nothing else to do, and ends at its age whatever a server does.
#pragma once
#include "agent/delivery/errand.hpp"

namespace jk::delivery {

/// Never throws; a fault is told in the answer. TLS 1.2 or later, the server's name checked, no anchors but the errand's, no redirects.
ErrandAnswer exchange(const Errand& errand);

} // namespace jk::delivery
