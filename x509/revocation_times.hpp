// Times and algorithms that both kinds of answer are judged by. Only for x509/'s own .cpp files.
#pragma once
#include "jurukunci/clock.hpp"
#include "jurukunci/outcome.hpp"
#include "x509/openssl_ptr.hpp"

#include <openssl/objects.h>

#include <optional>

namespace jk::x509 {

inline Error no_answer(std::string why) { return Error{Errc::status_unknown, std::move(why)}.with("hours", "-"); }

/// A clock that is a little off is no attack.
inline constexpr std::chrono::minutes clock_skew{5};

inline std::optional<WallTime> time_in(const ASN1_TIME* time) {
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
    return WallTime(std::chrono::seconds(timegm(&parts)));
}

/// SHA-1 and older say nothing about who signed.
inline bool sound(const X509_ALGOR* algorithm) {
    const ASN1_OBJECT* object = nullptr;
    X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
    int digest = NID_undef, key = NID_undef;
    if (object == nullptr || OBJ_find_sigid_algs(OBJ_obj2nid(object), &digest, &key) != 1) return false;
    // RSA-PSS and Ed25519 name their digest elsewhere, or have their own.
    return digest == NID_sha256 || digest == NID_sha384 || digest == NID_sha512 || (digest == NID_undef && key != NID_undef);
}

} // namespace jk::x509
