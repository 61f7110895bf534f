// Origins of pages and hosts of links.
#include "agent/policy/origin.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>

using namespace jk;

namespace {

bool is_plain_host(std::string_view host) {
    return !host.empty() &&
           std::ranges::all_of(host, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; });
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = text_of({data, size});
    if (const auto origin = policy::Origin::parse(text)) {
        fuzz::require(origin->text() == text, "an origin is its own text");
        fuzz::require(is_plain_host(origin->host()), "its host is lower-case ASCII");
        fuzz::require(policy::https_host(text) == origin->host(), "as a link it has the same host");
    }
    if (const auto host = policy::https_host(text)) {
        fuzz::require(is_plain_host(*host), "a link's host is lower-case ASCII");
        const auto rest = text.substr(std::string_view("https://").size());
        fuzz::require(rest.starts_with(*host), "and stands right behind the scheme");
        fuzz::require(rest.size() == host->size() || std::string_view(":/?#").find(rest[host->size()]) != std::string_view::npos,
                      "and ends where an authority ends");
    }
    return 0;
}
