#include "jurukunci/administration.hpp"

namespace jk {
namespace {

template <class... Cases> struct Match : Cases... { using Cases::operator()...; };
template <class... Cases> Match(Cases...) -> Match<Cases...>;

} // namespace

std::string_view name_of(SecretRole role) {
    switch (role) {
    case SecretRole::so_pin: return "so-pin";
    case SecretRole::new_so_pin: return "new-so-pin";
    case SecretRole::pin: return "pin";
    case SecretRole::new_pin: return "new-pin";
    }
    return "?";
}

std::string_view name_of(const AdministrationStep& step) {
    static constexpr std::string_view names[] = {"token-init", "pin-first",   "pin-change",  "pin-unblock", "key-generate",
                                                 "csr",        "cert-import", "cert-delete", "destroy"};
    static_assert(std::size(names) == std::variant_size_v<AdministrationStep>);
    return names[step.index()];
}

std::vector<SecretRole> secrets_of(const AdministrationStep& step) {
    using enum SecretRole;
    using Roles = std::vector<SecretRole>;
    return std::visit(Match{[](const step::InitialiseToken& s) {
                                return s.blank ? Roles{new_so_pin} : Roles{so_pin, new_so_pin};
                            },
                            [](const step::SetFirstPin&) {
                                return Roles{so_pin, new_pin};
                            },
                            [](const step::UnblockPin&) {
                                return Roles{so_pin, new_pin};
                            },
                            [](const step::ChangePin&) {
                                return Roles{pin, new_pin};
                            },
                            [](const step::DestroyContents& s) { return s.with_so_pin ? Roles{so_pin} : Roles{pin}; },
                            [](const auto&) { return Roles{pin}; }},
                      step);
}

} // namespace jk
