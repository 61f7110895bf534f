#include "jurukunci/catalogue.hpp"

namespace jk {

const CatalogueEntry& entry_of(Errc errc) {
    const auto all = catalogue();
    const auto place = static_cast<std::size_t>(errc) - 1; // enumerators count from 1, in the table's order
    return place < all.size() ? all[place] : all[static_cast<std::size_t>(Errc::device_failed) - 1];
}

Errc errc_of_code(std::string_view code) {
    for (const auto& entry : catalogue())
        if (entry.code == code) return entry.errc;
    return Errc::device_failed;
}

} // namespace jk
