#include "x509/ec_point.hpp"

#include "x509/certificate_request.hpp"
#include "x509/openssl_ptr.hpp"

#include <openssl/objects.h>

#include <array>

namespace jk::x509 {
namespace {

using GroupPtr = std::unique_ptr<EC_GROUP, Deleter<EC_GROUP_free>>;
using PointPtr = std::unique_ptr<EC_POINT, Deleter<EC_POINT_free>>;

GroupPtr group_of(const Certificate& certificate) {
    const auto spki = public_key_of(certificate);
    const unsigned char* at = spki.data();
    const EvpPkeyPtr key(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
    std::array<char, 64> name{};
    std::size_t size = 0;
    if (!key || EVP_PKEY_get_group_name(key.get(), name.data(), name.size(), &size) != 1) return nullptr;
    return GroupPtr(EC_GROUP_new_by_curve_name(OBJ_txt2nid(name.data())));
}

} // namespace

bool is_on_curve(const Certificate& certificate, ByteView bytes) {
    if (certificate.key_kind != KeyKind::ec || bytes.empty() || bytes.front() != POINT_CONVERSION_UNCOMPRESSED) return false;
    const auto group = group_of(certificate);
    const PointPtr point(group ? EC_POINT_new(group.get()) : nullptr);
    const bool on_curve = point && EC_POINT_oct2point(group.get(), point.get(), bytes.data(), bytes.size(), nullptr) == 1 &&
                          EC_POINT_is_at_infinity(group.get(), point.get()) == 0;
    openssl_fault(); // whatever was wrong with it is nobody else's fault
    return on_curve;
}

} // namespace jk::x509
