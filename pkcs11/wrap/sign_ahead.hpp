// SignAhead: a session of its own in which C_SignInit is called before the next digest is known. Half of the time of a fast token's signature is
// spent there, and between two signatures of a program that makes many the token has nothing else to do. Nothing is signed ahead: C_Sign waits
// for a digest that a window lets through. The key must be one that asks no PIN at each use (CKA_ALWAYS_AUTHENTICATE).
#pragma once
#include "jurukunci/certificate.hpp"
#include "pkcs11/wrap/sign.hpp"

#include <memory>
#include <optional>

namespace jk::pkcs11 {

class SignAhead {
public:
    struct Like {
        CertificateId certificate;
        Mechanism mechanism;
        bool operator==(const Like&) const = default;
    };
    /// On a token that is logged in. The key is looked for in this session; one of other custody than `judged`, which the gate has seen, is an error.
    static Outcome<SignAhead> open(const Module& module, CK_SLOT_ID slot, int lane, const Like& like, ByteView public_key, const KeyCustody& judged);

    const Like& like() const { return m_like; }
    Outcome<void> get_ready();
    /// Nothing where the module does not know of the readiness any more: nothing was signed, and the ordinary way is open.
    std::optional<Outcome<Bytes>> sign(const Digest& digest);

private:
    SignAhead(Session session, PrivateKey key, Like like)
        : m_session(std::move(session)), m_key(key), m_like(like), m_how(std::make_unique<SignMechanism>(like.mechanism, Hashing::here)) {}
    Session m_session; ///< its end is the end of what was begun
    PrivateKey m_key;
    Like m_like;
    std::unique_ptr<SignMechanism> m_how;
    bool m_ready = false;
};

} // namespace jk::pkcs11
