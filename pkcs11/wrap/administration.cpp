// The token itself and its PINs.
#include "pkcs11/wrap/administration.hpp"

#include "pkcs11/wrap/ck_result.hpp"
#include "pkcs11/wrap/discovery.hpp"
#include "pkcs11/wrap/objects.hpp"
#include "pkcs11/wrap/pin_rules.hpp"
#include "pkcs11/wrap/pin_strength.hpp"

#include <algorithm>

namespace jk::pkcs11 {
namespace {

CK_UTF8CHAR* typed(const Secret* secret) { // the C interface has no const
    return secret != nullptr ? const_cast<CK_UTF8CHAR*>(secret->expose().data()) : nullptr;
}
CK_ULONG size_of(const Secret* secret) { return secret != nullptr ? secret->size() : 0; }
/// A person at a reader takes longer than a token.
Call at_reader(const Secret* secret, Call call) { return secret != nullptr ? call : Call::login_on_pin_pad; }

PinLength length_of(const ShownToken& token) { return {token.contents.least_pin, token.contents.most_pin}; }

Outcome<void> judge_new_pin(const ShownToken& token, const Secret* fresh, const step::NewPin& wish) {
    if (fresh == nullptr) return done();
    if (auto ok = judge_new_secret(*fresh, SecretRole::new_pin, length_of(token)); !ok) return ok;
    return judge_strength(*fresh, length_of(token), {wish.about_holder, token.contents.label, token.contents.id.serial});
}

/// A token may be stricter than it says.
Error refused_new(const ShownToken& token, std::string_view function, CK_RV rv) {
    auto error = ck_error(function, rv);
    if (rv != CKR_PIN_LEN_RANGE && rv != CKR_PIN_INVALID) return error;
    error.code = Errc::pin_length;
    error.with("least", std::to_string(token.contents.least_pin)).with("most", std::to_string(token.contents.most_pin));
    return error;
}

/// Judged before the token is asked: an SO-PIN that everybody knows would open it for everybody as long as it lives.
Outcome<void> judge_so_pin(const ShownToken& token, const Secret* so_pin) {
    if (so_pin == nullptr || !is_factory(*so_pin, SecretRole::so_pin)) return done();
    const bool nobodys = token.contents.empty() && token.certificates.empty() && token.contents.pin_state == PinState::not_set;
    const char* next = nobodys ? "jurukunci token init" : "jurukunci token destroy, jurukunci token init";
    return Error{Errc::so_pin_still_factory}.with("next", next);
}

Outcome<void> call_init_token(const Module& module, CK_SLOT_ID slot, const Secret* so_pin, const std::string& label) {
    CK_UTF8CHAR padded[32];
    std::fill(std::begin(padded), std::end(padded), ' ');
    std::copy_n(label.begin(), std::min(label.size(), sizeof padded), padded);
    const CallMark mark(module.board(), 0, at_reader(so_pin, Call::init_token));
    const CK_RV rv = module.functions().C_InitToken(slot, typed(so_pin), size_of(so_pin), padded);
    if (rv == CKR_OK) return done();
    auto error = ck_error("C_InitToken", rv);
    if (error.code == Errc::pin_incorrect) error.code = Errc::so_pin_incorrect;
    if (error.code == Errc::pin_locked) error.code = Errc::so_pin_locked;
    return error;
}

/// Some modules give a token another slot and a serial when it is initialised.
Outcome<std::string> serial_after(const Module& module, const ShownToken& before, const std::vector<ShownToken>& others, const std::string& label) {
    if (!before.contents.id.serial.empty()) {
        auto same = find_token(module, before.contents.id.serial, Depth::token_only);
        if (same) return same->contents.id.serial;
    }
    const auto now = inventory(module, Depth::token_only);
    if (!now) return now.error();
    for (const auto& token : *now) {
        const auto known = [&](const ShownToken& other) {
            return other.contents.initialised && other.contents.id.serial == token.contents.id.serial;
        };
        if (token.contents.initialised && token.contents.label == label && std::ranges::none_of(others, known)) return token.contents.id.serial;
    }
    return Error{Errc::token_absent, "the token is not in any slot after C_InitToken"};
}

/// C_InitToken has been: no answer may sound as if the token were as it was, whatever refused the rest.
Error after_init(const Error& error) {
    if (error.code == Errc::token_removed || error.code == Errc::token_failed) return error;
    const auto word = [&](const char* name, std::string_view otherwise) {
        const auto found = std::ranges::find(error.words, name, [](const auto& w) { return w.first; });
        return found != error.words.end() ? found->second : std::string(otherwise);
    };
    return Error{Errc::token_failed, "after C_InitToken: " + error.log_line()}
        .with("function", word("function", "C_InitToken"))
        .with("result", word("result", error.entry().code));
}

/// Something is gone already: the same.
Error after_removal(const Error& error, std::uint32_t removed) {
    if (removed == 0 || error.code == Errc::token_removed || error.code == Errc::token_failed) return error;
    return Error{Errc::token_failed, std::to_string(removed) + " objects were removed before: " + error.log_line()}
        .with("function", "C_DestroyObject")
        .with("result", std::string(error.entry().code));
}

Outcome<void> change_so_pin(const Module& module, CK_SLOT_ID slot, const ShownToken& token, const Secret* so_pin, const Secret* fresh) {
    const auto session = Session::open_for_writing(module, slot, 0);
    if (!session) return session.error();
    const auto login = Login::as_so(*session, so_pin);
    if (!login) return login.error();
    const CallMark mark(module.board(), 0, at_reader(fresh, Call::set_pin));
    const CK_RV rv = module.functions().C_SetPIN(session->handle(), typed(so_pin), size_of(so_pin), typed(fresh), size_of(fresh));
    if (rv != CKR_OK) return refused_new(token, "C_SetPIN", rv);
    return done();
}

} // namespace

Outcome<std::string> init_token(const Module& module, const ShownToken& token, const Secret* so_pin, const Secret* fresh, bool change,
                                const std::string& label) {
    if (const Secret* lasting = change ? fresh : so_pin; lasting != nullptr)
        if (auto ok = judge_new_secret(*lasting, SecretRole::new_so_pin, length_of(token)); !ok) return ok.error();
    const auto others = inventory(module, Depth::token_only);
    if (!others) return others.error();
    if (auto ok = call_init_token(module, token.slot, so_pin, label); !ok) return ok.error();
    auto serial = serial_after(module, token, *others, label);
    if (!serial) return after_init(serial.error());
    const bool same = fresh != nullptr && !judge_change(*so_pin, *fresh);
    if (!change || same) return serial;
    const auto now = find_token(module, *serial, Depth::token_only);
    if (!now) return after_init(now.error());
    if (auto ok = change_so_pin(module, now->slot, *now, so_pin, fresh); !ok) return after_init(ok.error());
    return serial;
}

Outcome<void> init_pin(const Module& module, const ShownToken& token, const Secret* so_pin, const Secret* fresh, const step::NewPin& wish) {
    if (auto ok = judge_so_pin(token, so_pin); !ok) return ok;
    if (auto ok = judge_new_pin(token, fresh, wish); !ok) return ok;
    if (fresh != nullptr)
        if (auto ok = judge_change(*so_pin, *fresh); !ok) return ok;
    const auto session = Session::open_for_writing(module, token.slot, 0);
    if (!session) return session.error();
    const auto login = Login::as_so(*session, so_pin);
    if (!login) return login.error();
    const CallMark mark(module.board(), 0, at_reader(fresh, Call::set_pin));
    const CK_RV rv = module.functions().C_InitPIN(session->handle(), typed(fresh), size_of(fresh));
    if (rv != CKR_OK) return refused_new(token, "C_InitPIN", rv);
    return done();
}

Outcome<void> change_pin(const Module& module, const ShownToken& token, const Secret* pin, const Secret* fresh, const step::NewPin& wish) {
    if (pin != nullptr && pin->empty()) return Errc::pin_empty;
    if (auto ok = judge_new_pin(token, fresh, wish); !ok) return ok;
    if (pin != nullptr)
        if (auto ok = judge_change(*pin, *fresh); !ok) return ok;
    const auto session = Session::open_for_writing(module, token.slot, 0);
    if (!session) return session.error();
    bool expired = false;
    if (pin != nullptr) { // at a reader it would be one more time to type
        // A wrong old PIN and an unfit new one must not be told by the same answer: C_Login looks at the old one alone.
        // A right one that has run out opens nothing but C_SetPIN (CKR_PIN_EXPIRED).
        const auto login = Login::as_user(*session, pin);
        if (!login && login.error().code != Errc::pin_must_change) return login.error();
        expired = !login;
    }
    const CallMark mark(module.board(), 0, at_reader(fresh, Call::set_pin));
    const CK_RV rv = module.functions().C_SetPIN(session->handle(), typed(pin), size_of(pin), typed(fresh), size_of(fresh));
    // No login has looked at the old one: what the token says vaguely is its fault, so that no guess goes uncounted. The new one was judged before.
    if (expired && (rv == CKR_PIN_INVALID || rv == CKR_PIN_LEN_RANGE)) return Error{Errc::pin_incorrect, std::string("C_SetPIN: ") + name_of(rv)};
    if (rv != CKR_OK) return refused_new(token, "C_SetPIN", rv);
    return done();
}

Outcome<std::uint32_t> destroy_with_so_pin(const Module& module, const ShownToken& token, const Secret* so_pin) {
    if (so_pin != nullptr && so_pin->empty()) return Errc::pin_empty;
    const auto before = token.contents.keys.size() + token.certificates.size() + token.contents.other_objects;
    if (auto ok = call_init_token(module, token.slot, so_pin, ""); !ok) return ok.error();
    return static_cast<std::uint32_t>(before);
}

Outcome<std::uint32_t> destroy_with_pin(const Module& module, const ShownToken& token, const Secret* pin) {
    const auto session = Session::open_for_writing(module, token.slot, 0);
    if (!session) return session.error();
    const auto login = Login::as_user(*session, pin);
    if (!login) return login.error();
    std::uint32_t removed = 0;
    for (int round = 0; round < 16; ++round) { // 256 objects a round; no card holds more
        const auto objects = find_all(*session);
        if (!objects) return after_removal(objects.error(), removed);
        std::uint32_t now = 0;
        std::optional<Error> refused;
        for (const auto object : *objects) {
            const CallMark mark(module.board(), 0, Call::write_object);
            const CK_RV rv = module.functions().C_DestroyObject(session->handle(), object);
            if (rv == CKR_OK)
                ++now;
            else
                refused = ck_error("C_DestroyObject", rv);
        }
        removed += now;
        if (objects->empty()) return removed;
        if (now == 0) return after_removal(*refused, removed); // what is left stays: say so
    }
    return Error{Errc::token_failed, "the token still shows objects"}.with("function", "C_DestroyObject").with("result", "objects are left");
}

} // namespace jk::pkcs11
