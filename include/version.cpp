#include "jurukunci/version.hpp"

namespace jk {
std::string_view version() { return JURUKUNCI_VERSION; }
} // namespace jk
