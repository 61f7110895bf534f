// UseWindows: what local programs may do with keys of this module's tokens, each window for one program's grant. Lives in the worker, on its
// main thread. Windows of one token share one session (SignAhead has another) and one login: a further one logs out and in again, because only
// so its PIN is looked at; a wrong PIN, a signing window and a removed token end all of them. A window does what its grant says, so often, for
// so long, and then refuses by itself. When the last window of a token goes, the token is logged out.
#pragma once
#include "pkcs11/worker/use_messages.hpp"
#include "pkcs11/wrap/key.hpp"
#include "pkcs11/wrap/removal.hpp"
#include "pkcs11/wrap/sign_ahead.hpp"

#include <chrono>
#include <map>
#include <memory>

namespace jk::pkcs11 {

class UseWindows {
public:
    static constexpr std::size_t most = 64; ///< windows of all tokens

    explicit UseWindows(const Module& module) : m_module(module) {}

    /// `pin` is empty for a token with a PIN pad.
    Outcome<OpenUseReply> open(CK_SLOT_ID slot, const std::string& label, OpenUseRequest request, std::optional<Secret> pin);
    /// use_ended where the window is no more.
    Outcome<Bytes> use(std::uint64_t window, const KeyTask& task);
    /// Between two uses that follow each other at once: the token gets ready for another signature like the last two (SignAhead).
    void get_ready();
    /// No other followed: nothing stays begun on the token.
    void stand_down();
    void close(std::uint64_t window);
    /// Another login on this token is about to come.
    void end_token(const std::string& serial) { m_tokens.erase(serial); }
    bool any() const { return !m_tokens.empty(); }
    /// Ends the windows of tokens that are not where they were.
    void look_at_tokens();

private:
    struct Window {
        OpenUseRequest grant;
        std::vector<PrivateKey> keys; ///< in the grant's order
        std::uint32_t left = 0;
        std::chrono::steady_clock::time_point until;
        std::optional<Secret> pin; ///< only where a key is CKA_ALWAYS_AUTHENTICATE
    };
    struct TokenLogin {
        AskedToken place;
        Session session;
        std::optional<Login> login; ///< after the session: logs out before it closes
        std::map<std::uint64_t, Window> windows;
        std::optional<SignAhead> ahead; ///< goes before the login does
        bool ahead_refused = false;
    };
    struct LastSignature {
        std::uint64_t window = 0;
        SignAhead::Like like;
        bool twice = false; ///< and the one before was like it
    };
    Outcome<void> find_keys(TokenLogin& token, Window& window) const;
    Outcome<Bytes> use(TokenLogin& token, Window& window, const KeyTask& task) const;
    Outcome<Bytes> sign(TokenLogin& token, const PrivateKey& key, const DigestToSign& digest, const Secret* pin) const;
    void remember(std::uint64_t window, const KeyTask& task, std::chrono::steady_clock::duration took);

    const Module& m_module;
    std::map<std::string, std::unique_ptr<TokenLogin>> m_tokens; ///< by serial
    std::uint64_t m_next = 1;
    std::optional<LastSignature> m_last; ///< where getting ready for another is worth it
};

} // namespace jk::pkcs11
