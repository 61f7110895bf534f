#include "pkcs11/wrap/session.hpp"

#include "pkcs11/wrap/ck_result.hpp"
#include "pkcs11/wrap/discovery.hpp"

#include <algorithm>
#include <utility>

namespace jk::pkcs11 {

Outcome<TokenState> token_state(const Module& module, CK_SLOT_ID slot, int lane) {
    CK_TOKEN_INFO info{};
    const CallMark mark(module.board(), lane, Call::get_token_info);
    if (const CK_RV rv = module.functions().C_GetTokenInfo(slot, &info); rv != CKR_OK) return ck_error("C_GetTokenInfo", rv);
    TokenState state;
    state.serial = padded_text(info.serialNumber, sizeof info.serialNumber);
    state.label = padded_text(info.label, sizeof info.label);
    state.manufacturer = padded_text(info.manufacturerID, sizeof info.manufacturerID);
    state.model = padded_text(info.model, sizeof info.model);
    state.firmware = std::to_string(info.firmwareVersion.major) + "." + std::to_string(info.firmwareVersion.minor);
    state.initialized = (info.flags & CKF_TOKEN_INITIALIZED) != 0;
    state.pin_pad = (info.flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0;
    state.pin_state = (info.flags & CKF_USER_PIN_LOCKED) != 0          ? PinState::locked
                      : (info.flags & CKF_USER_PIN_INITIALIZED) == 0   ? PinState::not_set
                      : (info.flags & CKF_USER_PIN_FINAL_TRY) != 0     ? PinState::final_try
                      : (info.flags & CKF_USER_PIN_COUNT_LOW) != 0     ? PinState::count_low
                      : (info.flags & CKF_USER_PIN_TO_BE_CHANGED) != 0 ? PinState::to_be_changed
                                                                       : PinState::ok;
    state.pin_to_be_changed = (info.flags & CKF_USER_PIN_INITIALIZED) != 0 && (info.flags & CKF_USER_PIN_TO_BE_CHANGED) != 0;
    return state;
}

Outcome<std::vector<CK_SLOT_ID>> slots_with_token(const Module& module) {
    const CallMark mark(module.board(), 0, Call::enumerate);
    CK_ULONG count = 0;
    if (const CK_RV rv = module.functions().C_GetSlotList(CK_TRUE, nullptr, &count); rv != CKR_OK) return ck_error("C_GetSlotList", rv);
    std::vector<CK_SLOT_ID> slots(max_slots);
    count = slots.size();
    if (const CK_RV rv = module.functions().C_GetSlotList(CK_TRUE, slots.data(), &count); rv != CKR_OK) return ck_error("C_GetSlotList", rv);
    slots.resize(std::min<CK_ULONG>(count, max_slots));
    return slots;
}

std::vector<CK_MECHANISM_TYPE> mechanism_types(const Module& module, CK_SLOT_ID slot) {
    constexpr CK_ULONG most = 4096;
    CK_ULONG count = 0;
    if (module.functions().C_GetMechanismList(slot, nullptr, &count) != CKR_OK || count > most) return {};
    std::vector<CK_MECHANISM_TYPE> types(count);
    if (module.functions().C_GetMechanismList(slot, types.data(), &count) != CKR_OK || count > types.size()) return {};
    types.resize(count);
    return types;
}

Outcome<Session> Session::open(const Module& module, CK_SLOT_ID slot, int lane) { return open_with(module, slot, lane, CKF_SERIAL_SESSION); }

Outcome<Session> Session::open_for_writing(const Module& module, CK_SLOT_ID slot, int lane) {
    return open_with(module, slot, lane, CKF_SERIAL_SESSION | CKF_RW_SESSION);
}

Outcome<Session> Session::open_with(const Module& module, CK_SLOT_ID slot, int lane, CK_FLAGS flags) {
    CK_SESSION_HANDLE handle = 0;
    const CallMark mark(module.board(), lane, Call::open_session);
    const CK_RV rv = module.functions().C_OpenSession(slot, flags, nullptr, nullptr, &handle);
    if (rv != CKR_OK) return ck_error("C_OpenSession", rv);
    return Session(module, handle, lane);
}

Session::Session(Session&& other) noexcept : m_module(std::exchange(other.m_module, nullptr)), m_handle(other.m_handle), m_lane(other.m_lane) {}

Session::~Session() {
    if (m_module == nullptr) return;
    const CallMark mark(m_module->board(), m_lane, Call::close_session);
    m_module->functions().C_CloseSession(m_handle);
}

Outcome<Login> Login::attempt(const Session& session, ByteView pin, Call call, CK_USER_TYPE user) {
    const auto& module = session.module();
    auto* bytes = const_cast<CK_UTF8CHAR*>(pin.data()); // the C interface has no const
    const auto once = [&] {
        const CallMark mark(module.board(), session.lane(), call);
        return module.functions().C_Login(session.handle(), user, bytes, pin.size());
    };
    CK_RV rv = once();
    if (rv == CKR_USER_ALREADY_LOGGED_IN) {
        // Somebody's login is still open in this process and our PIN was not looked at. End it and ask again: this is the first check of the PIN.
        const CallMark mark(module.board(), session.lane(), Call::logout);
        module.functions().C_Logout(session.handle());
        rv = once();
    }
    if (rv != CKR_OK) return ck_error("C_Login", rv);
    return Login(session);
}

Outcome<Login> Login::with_pin(const Session& session, const Secret& pin) {
    if (pin.empty()) return Errc::pin_empty;
    return attempt(session, pin.expose(), Call::login);
}

Outcome<Login> Login::on_pin_pad(const Session& session) { return attempt(session, {}, Call::login_on_pin_pad); }

Outcome<Login> Login::as_so(const Session& session, const Secret* so_pin) {
    if (so_pin != nullptr && so_pin->empty()) return Errc::pin_empty;
    auto login = so_pin != nullptr ? attempt(session, so_pin->expose(), Call::login, CKU_SO) : attempt(session, {}, Call::login_on_pin_pad, CKU_SO);
    if (!login && login.error().code == Errc::pin_incorrect) return Error{Errc::so_pin_incorrect, login.error().detail};
    if (!login && login.error().code == Errc::pin_locked) return Error{Errc::so_pin_locked, login.error().detail};
    return login;
}

Login::Login(Login&& other) noexcept : m_session(std::exchange(other.m_session, nullptr)) {}

Login::~Login() {
    if (m_session == nullptr) return;
    const CallMark mark(m_session->module().board(), m_session->lane(), Call::logout);
    m_session->module().functions().C_Logout(m_session->handle());
}

} // namespace jk::pkcs11
