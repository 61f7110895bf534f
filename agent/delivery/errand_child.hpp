// A jurukunci-deliver for one errand: started, heard, and ended at its age. Event loop.
#pragma once
#include "agent/delivery/errand.hpp"
#include "jurukunci/async.hpp"
#include "launcher/launcher.hpp"

namespace jk::delivery {

/// The answer, whatever its status; an error where there was none.
Task<Outcome<ErrandAnswer>> run_errand(net::any_io_executor executor, launcher::Launcher& launcher, Errand errand);

} // namespace jk::delivery
