// StatusUrl: where an issuer's answer about revocation is fetched: plain http, because the answer itself is signed, and because whoever asks for the
// state of a TLS certificate over TLS would ask in a circle. From certificates: bytes of outside.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace jk::x509 {

struct StatusUrl {
    std::string host, port = "80", target; ///< the target begins with a slash

    /// `http://host[:port][/path[?query]]`, lower-case host, at most 1024 bytes. No user, no fragment, no escapes in the host.
    static std::optional<StatusUrl> parse(std::string_view text);
    /// "host", or "host:port" where the port is not 80: as profiles list it.
    std::string authority() const { return port == "80" ? host : host + ":" + port; }
};

} // namespace jk::x509
