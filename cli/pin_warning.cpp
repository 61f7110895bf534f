#include "cli/pin_warning.hpp"

namespace jk::cli {
namespace {

bool says(const json::object& question, std::string_view name) {
    const auto* value = question.if_contains(name); // an agent of before these words does not say it
    return value != nullptr && value->is_bool() && value->get_bool();
}

} // namespace

std::string pin_warning(const json::object& question, bool english) {
    std::string lines;
    if (says(question, "pinCountLow") && !says(question, "finalTry")) // the last try has words of its own
        lines += english
                     ? "\n  CAUTION: the token itself reports that a wrong PIN was typed. Few tries may be left: type it with care.\n"
                     : "\n  PERHATIAN: token sendiri melaporkan bahwa passphrase pernah salah diketik. Sisa percobaan mungkin tinggal sedikit: ketik "
                       "dengan teliti.\n";
    if (says(question, "pinToBeChanged"))
        lines += english ? "\n  CAUTION: the token reports that this PIN is still the initial one. Change it: jurukunci pin change\n"
                         : "\n  PERHATIAN: token melaporkan bahwa passphrase ini masih bawaan. Gantilah: jurukunci pin change\n";
    return lines;
}

std::string tries_words(const json::object& question, bool english) {
    const auto number = number_of(question, "triesLeft");
    const auto left = std::to_string(number);
    if (says(question, "pinCountLow") && number > 1) return english ? "at most " + left + " tries left" : "sisa percobaan paling banyak " + left;
    return english ? left + " tries left" : "sisa percobaan " + left;
}

} // namespace jk::cli
