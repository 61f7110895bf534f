#include "pkcs11/wrap/sign_ahead.hpp"

#include "pkcs11/wrap/ck_result.hpp"

#include <tuple>
#include <utility>

namespace jk::pkcs11 {
namespace {

bool same(const KeyCustody& a, const KeyCustody& b) {
    const auto all = [](const KeyCustody& c) {
        return std::tuple(c.sensitive, c.extractable, c.always_sensitive, c.never_extractable, c.local, c.always_authenticate,
                          c.known_to_match_certificate);
    };
    return all(a) == all(b);
}

} // namespace

Outcome<SignAhead> SignAhead::open(const Module& module, CK_SLOT_ID slot, int lane, const Like& like, ByteView public_key, const KeyCustody& judged) {
    auto session = Session::open(module, slot, lane);
    if (!session) return std::move(session).error();
    const auto key = find_key(*session, like.certificate, public_key);
    if (!key) return key.error();
    if (!same(key->custody, judged)) return Error{Errc::token_swapped, "another key than the one that was judged"};
    return SignAhead(std::move(*session), *key, like);
}

Outcome<void> SignAhead::get_ready() {
    if (m_ready) return done();
    auto begun = begin_sign(m_session, m_key, *m_how);
    m_ready = static_cast<bool>(begun);
    return begun;
}

std::optional<Outcome<Bytes>> SignAhead::sign(const Digest& digest) {
    if (!std::exchange(m_ready, false)) return std::nullopt;
    auto signature = finish_sign(m_session, m_like.mechanism, digest);
    if (signature) return signature;
    for (const CK_RV forgotten : {CKR_OPERATION_NOT_INITIALIZED, CKR_SESSION_HANDLE_INVALID, CKR_SESSION_CLOSED})
        if (came_of(signature.error(), forgotten)) return std::nullopt;
    return signature;
}

} // namespace jk::pkcs11
