#include "jurukunci/requests.hpp"

namespace jk {

std::string_view name_of(Format format) {
    switch (format) {
    case Format::pades: return "PAdES";
    case Format::cades: return "CAdES";
    case Format::raw: return "RAW";
    case Format::authentication: return "authentication";
    }
    return "?";
}

} // namespace jk
