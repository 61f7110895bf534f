#include "agent/reports/device_jws.hpp"

#include "jurukunci/digest.hpp"
#include "jurukunci/encoding.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace jk::reports {

std::string device_jws(std::string_view type, const std::string& payload, const store::DeviceKey& key) {
    const auto header =
        boost::json::serialize(boost::json::object{{"alg", "EdDSA"}, {"typ", type}, {"kid", to_base64url(sha256(key.public_key()).value())}});
    auto text = to_base64url(bytes_of(header)) + "." + to_base64url(bytes_of(payload));
    const auto signature = key.sign(bytes_of(text));
    return text + "." + to_base64url(signature);
}

} // namespace jk::reports
