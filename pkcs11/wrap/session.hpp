// Session and Login: opened in a factory, ended by the destructor. Direct C_* calls.
#pragma once
#include "jurukunci/secret.hpp"
#include "jurukunci/token.hpp"
#include "pkcs11/wrap/module.hpp"

#include <vector>

namespace jk::pkcs11 {

/// What C_GetTokenInfo says now.
struct TokenState {
    std::string serial, label, manufacturer, model;
    std::string firmware; ///< "4.3"
    bool initialized = false;
    PinState pin_state = PinState::ok;
    bool pin_to_be_changed = false; ///< beside `pin_state`, which names the worst only
    bool pin_pad = false;
};
Outcome<TokenState> token_state(const Module& module, CK_SLOT_ID slot, int lane = 0);

/// Slots with a token in them, looked at anew: C_GetSlotList without a list is what makes a module see new readers.
Outcome<std::vector<CK_SLOT_ID>> slots_with_token(const Module& module);

class Session {
public:
    /// Read-only: nothing on a token changes when a document is signed. `lane` is the calling thread's place on the board.
    static Outcome<Session> open(const Module& module, CK_SLOT_ID slot, int lane);
    /// For administration only: objects and PINs of the token may change.
    static Outcome<Session> open_for_writing(const Module& module, CK_SLOT_ID slot, int lane);
    Session(Session&& other) noexcept;
    Session& operator=(Session&&) = delete;
    ~Session(); ///< closes; never throws

    const Module& module() const { return *m_module; }
    CK_SESSION_HANDLE handle() const { return m_handle; }
    int lane() const { return m_lane; }

private:
    static Outcome<Session> open_with(const Module& module, CK_SLOT_ID slot, int lane, CK_FLAGS flags);
    Session(const Module& module, CK_SESSION_HANDLE handle, int lane) : m_module(&module), m_handle(handle), m_lane(lane) {}
    const Module* m_module;
    CK_SESSION_HANDLE m_handle;
    int m_lane;
};

/// CKM_* of what the token in this slot offers; empty where it does not say, or says too much to be true.
/// The caller has marked the call on the board.
std::vector<CK_MECHANISM_TYPE> mechanism_types(const Module& module, CK_SLOT_ID slot);

/// The user is logged in for as long as this lives; its end is C_Logout, which ends every login of this process.
class Login {
public:
    /// Exactly one C_Login with this PIN. An empty PIN never reaches the token: some answer CKR_OK to it while another program is logged in.
    static Outcome<Login> with_pin(const Session& session, const Secret& pin);
    static Outcome<Login> on_pin_pad(const Session& session);
    /// With the PIN that was typed here; null: the person types it on the reader.
    static Outcome<Login> as_user(const Session& session, const Secret* pin) {
        return pin != nullptr ? with_pin(session, *pin) : on_pin_pad(session);
    }
    /// As security officer, for administration; a wrong one is so_pin_incorrect. Null as above.
    static Outcome<Login> as_so(const Session& session, const Secret* so_pin);
    Login(Login&& other) noexcept;
    Login& operator=(Login&&) = delete;
    ~Login();

private:
    explicit Login(const Session& session) : m_session(&session) {}
    static Outcome<Login> attempt(const Session& session, ByteView pin, Call call, CK_USER_TYPE user = CKU_USER);
    const Session* m_session;
};

} // namespace jk::pkcs11
