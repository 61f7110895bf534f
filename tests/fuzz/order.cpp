// Orders: a compact JWS from a page, read with a registered key. The input is header and payload, one line each; their signature is made here, so
// that what lies behind it is reached, too. And the input itself as a JWS.
#include "agent/doors/shape/order_json.hpp"
#include "jurukunci/displayed_text.hpp"
#include "jurukunci/encoding.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/support/order_key.hpp"

using namespace jk;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto secret = test::OrderKey::create();
    static const auto key = *x509::PublicKey::from_pem(secret.public_pem());
    const auto text = text_of({data, size});
    fuzz::require(!doors::read_order(text, nullptr), "nothing is an order without a key");
    fuzz::require(!doors::read_order(text, &key), "nobody else's signature is taken");

    const auto line = text.find('\n');
    if (line == std::string_view::npos) return 0;
    const auto jws = secret.sign_text(std::string(text.substr(line + 1)), std::string(text.substr(0, line)));
    const auto order = doors::read_order(jws, &key);
    if (!order) {
        fuzz::require(is_utf8(order.error().log_line()), "a refusal can be logged");
        return 0;
    }
    fuzz::require(order->nonce.size() >= 16 && order->nonce.size() <= 64, "a nonce has a length");
    fuzz::require(order->user.size() <= 200 && is_utf8(order->user), "a name is short and text");
    for (const auto& document : order->documents) fuzz::require(from_hex(document).has_value(), "a document is a hash");
    auto forged = jws;
    forged[forged.size() / 2] = forged[forged.size() / 2] == 'A' ? 'B' : 'A';
    fuzz::require(forged == jws || !doors::read_order(forged, &key), "a changed order is none");
    return 0;
}
