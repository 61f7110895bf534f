// The worker's conversation with the agent: read a request, act, answer, until the agent hangs up.
#pragma once
#include "ipc/blocking_channel.hpp"
#include "pkcs11/wrap/module.hpp"

namespace jk::pkcs11 {

/// Returns when the agent is gone or says something that makes no sense.
void serve(ipc::BlockingChannel& channel, const Module& module);

} // namespace jk::pkcs11
