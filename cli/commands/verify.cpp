#include "cli/commands/commands.hpp"

#include "jurukunci/displayed_text.hpp"

#include <boost/json/array.hpp>
#include <fcntl.h>

#include <cerrno>
#include <cstring>

namespace jk::cli {
namespace {

void print_signature(const Console& console, const json::object& s) {
    const auto* signer = s.if_contains("signer");
    const auto name = signer != nullptr && signer->is_object() ? displayed(text_of(signer->get_object(), "commonName")) : std::string("?");
    console.line("  " + displayed(text_of(s, "field")) + ": " + name + ", " + text_of(s, "indication") +
                 (text_of(s, "subIndication").empty() ? "" : " (" + text_of(s, "subIndication") + ")"));
    console.line("    keutuhan " + text_of(s, "integrity") + ", kepercayaan " + text_of(s, "trust") + ", " + text_of(s, "level"),
                 "    integrity " + text_of(s, "integrity") + ", trust " + text_of(s, "trust") + ", " + text_of(s, "level"));
    for (const auto& change : s.at("changes").as_array()) console.line("    ± " + displayed(change.as_string(), 200));
    for (const auto& warning : s.at("warnings").as_array()) console.line("    ! " + displayed(text_of(warning.as_object(), "text"), 200));
}

} // namespace

int verify(const Console& console, const std::string& file, const std::string& detached) {
    std::vector<UniqueFd> owners;
    std::vector<int> fds;
    for (const auto& path : {file, detached}) {
        if (path.empty()) continue;
        owners.emplace_back(open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (!owners.back()) return console.fail(Error{Errc::request_malformed}.with("field", path).with("fault", std::strerror(errno)));
        fds.push_back(owners.back().get());
    }
    auto client = ControlClient::connect();
    if (!client) return console.fail(client.error());
    int exit_code = 0;
    auto answer = ask(console, *client, {{"call", "verify"}}, exit_code, fds);
    if (!answer) return exit_code;
    console.result(answer->body);
    const auto conclusion = text_of(answer->body, "conclusion");
    const char* word = conclusion == "valid"          ? "SAH"
                       : conclusion == "no-signature" ? "tidak bertanda tangan"
                       : conclusion == "unreadable"   ? "tidak terbaca"
                                                      : "TIDAK SAH";
    console.line(file + ": " + word + " (" + conclusion + ")", file + ": " + conclusion);
    if (!text_of(answer->body, "reason").empty()) console.line("  " + displayed(text_of(answer->body, "reason"), 300));
    for (const auto& signature : answer->body.at("signatures").as_array()) print_signature(console, signature.as_object());
    if (conclusion == "valid") {
        std::string list;
        for (const auto& what : answer->body.at("notChecked").as_array()) list += (list.empty() ? "" : ", ") + std::string(what.as_string());
        console.line("  belum diperiksa versi ini: " + list, "  not checked by this version: " + list);
    }
    return conclusion == "valid" ? 0 : 1;
}

} // namespace jk::cli
