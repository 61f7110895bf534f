#include "pkcs11/worker/use_windows.hpp"

#include "pkcs11/wrap/decrypt.hpp"
#include "pkcs11/wrap/derive.hpp"
#include "pkcs11/wrap/sign.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace jk::pkcs11 {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int lane = CallBoard::lanes - 1;   ///< beyond those that sign documents
constexpr std::chrono::milliseconds fast{5}; ///< a token that takes longer has nothing to gain from C_SignInit ahead

bool is_like(const KeyTask& task, const SignAhead::Like& like) {
    const auto* digest = std::get_if<DigestToSign>(&task.what);
    return digest != nullptr && like == SignAhead::Like{task.certificate, digest->mechanism};
}

} // namespace

Outcome<void> UseWindows::find_keys(TokenLogin& token, Window& window) const {
    window.keys.clear();
    for (const auto& wanted : window.grant.keys) {
        auto key = find_key(token.session, wanted.certificate, wanted.public_key);
        if (!key) return key.error();
        window.keys.push_back(*key);
    }
    return done();
}

Outcome<OpenUseReply> UseWindows::open(CK_SLOT_ID slot, const std::string& label, OpenUseRequest request, std::optional<Secret> pin) {
    const auto serial = request.serial;
    std::size_t open = 0;
    for (const auto& [name, token] : m_tokens) open += token->windows.size();
    if (open >= most) return Error{Errc::too_many}.with("what", "key use windows");
    if (const auto known = m_tokens.find(serial); known != m_tokens.end() && known->second->place.slot != slot) m_tokens.erase(known);
    if (!m_tokens.contains(serial)) {
        auto session = Session::open(m_module, slot, lane);
        if (!session) return std::move(session).error();
        m_tokens.emplace(serial,
                         std::make_unique<TokenLogin>(TokenLogin{{slot, serial, label}, std::move(*session), std::nullopt, {}, std::nullopt, false}));
    }
    auto& token = *m_tokens.at(serial);
    token.ahead.reset();
    token.ahead_refused = false;
    token.login.reset(); // a login that is open would answer for this PIN without looking at it
    auto login = pin ? Login::with_pin(token.session, *pin) : Login::on_pin_pad(token.session);
    if (!login) {
        m_tokens.erase(serial);
        return std::move(login).error();
    }
    token.login.emplace(std::move(*login));

    const auto now = SteadyClock::now();
    // Handles of private objects may not outlive the login they were found in.
    for (auto old = token.windows.begin(); old != token.windows.end();)
        old = old->second.until <= now || !find_keys(token, old->second) ? token.windows.erase(old) : std::next(old);
    const auto until = now + std::chrono::seconds(request.seconds);
    Window window{std::move(request), {}, 0, until, std::nullopt};
    window.left = window.grant.operations;
    if (auto ok = find_keys(token, window); !ok) {
        if (token.windows.empty()) m_tokens.erase(serial);
        return ok.error();
    }
    OpenUseReply reply;
    reply.window = m_next++;
    for (const auto& key : window.keys) reply.custody.push_back(key.custody);
    if (std::ranges::any_of(reply.custody, [](const auto& custody) { return custody.always_authenticate; })) window.pin = std::move(pin);
    token.windows.emplace(reply.window, std::move(window));
    return reply;
}

Outcome<Bytes> UseWindows::use(std::uint64_t id, const KeyTask& task) {
    for (const auto& [serial, token] : m_tokens) {
        const auto place = token->windows.find(id);
        if (place == token->windows.end()) continue;
        auto& window = place->second;
        if (SteadyClock::now() >= window.until || window.left == 0) {
            close(id);
            return Errc::use_ended;
        }
        --window.left; // before the token is asked: whatever happens then, it counts
        // One operation on the token at a time: some have a single security environment.
        if (token->ahead && !is_like(task, token->ahead->like())) token->ahead.reset();
        const auto begun = SteadyClock::now();
        auto result = use(*token, window, task);
        if (result) return remember(id, task, SteadyClock::now() - begun), result;
        m_last.reset();
        token->ahead.reset();
        auto error = explained(std::move(result).error(), m_module, token->place, lane);
        const bool refused = error.code == Errc::pin_incorrect || error.code == Errc::pin_locked;
        // Its session is of no use any more; and a PIN that was refused for one use is tried for no other.
        if (refused || went_away(error)) m_tokens.erase(std::string(serial));
        return error;
    }
    return Errc::use_ended;
}

Outcome<Bytes> UseWindows::use(TokenLogin& token, Window& window, const KeyTask& task) const {
    const auto& granted = window.grant.keys;
    const auto place = std::ranges::find_if(granted, [&](const auto& key) { return key.certificate == task.certificate; });
    if (place == granted.end()) return Error{Errc::digest_not_granted, "another key"};
    if (task.decrypts() ? !place->may_decrypt : !place->may_sign) return Error{Errc::digest_not_granted, "another operation"};
    if (window.grant.only && *window.grant.only != task.shown()) return Error{Errc::digest_not_granted, "another digest"};
    const auto& key = window.keys[static_cast<std::size_t>(place - granted.begin())];
    const Secret* pin = window.pin ? &*window.pin : nullptr;
    if (const auto* ciphertext = std::get_if<Ciphertext>(&task.what)) return decrypt(token.session, key, *ciphertext, pin);
    if (const auto* peer = std::get_if<PeerPoint>(&task.what)) return derive(token.session, key, *peer);
    if (const auto* message = std::get_if<MessageToSign>(&task.what)) return sign_message(token.session, key, message->message, pin);
    return sign(token, key, std::get<DigestToSign>(task.what), pin);
}

Outcome<Bytes> UseWindows::sign(TokenLogin& token, const PrivateKey& key, const DigestToSign& digest, const Secret* pin) const {
    if (token.ahead) // else it would be gone: it is like this task
        if (auto signature = token.ahead->sign(digest.digest)) return std::move(*signature);
    return pkcs11::sign(token.session, key, digest.mechanism, digest.digest, pin);
}

void UseWindows::remember(std::uint64_t window, const KeyTask& task, SteadyClock::duration took) {
    const auto* digest = std::get_if<DigestToSign>(&task.what);
    const auto before = std::exchange(m_last, std::nullopt);
    if (digest == nullptr || took > fast) return;
    m_last = {window, {task.certificate, digest->mechanism}, false};
    m_last->twice = before && before->window == window && before->like == m_last->like;
}

void UseWindows::get_ready() {
    if (!m_last || !m_last->twice) return;
    for (const auto& [serial, token] : m_tokens) {
        const auto place = token->windows.find(m_last->window);
        if (place == token->windows.end() || place->second.left == 0 || SteadyClock::now() >= place->second.until) continue;
        auto& ahead = token->ahead;
        if (token->ahead_refused) return;
        if (!ahead) {
            const auto& keys = place->second.grant.keys;
            const auto key = std::ranges::find(keys, m_last->like.certificate, [](const auto& granted) { return granted.certificate; });
            if (key == keys.end()) return;
            const auto& judged = place->second.keys[static_cast<std::size_t>(key - keys.begin())].custody;
            if (judged.always_authenticate) return;
            auto opened = SignAhead::open(m_module, token->place.slot, lane, m_last->like, key->public_key, judged);
            if (opened) ahead.emplace(std::move(*opened));
        }
        // Where it cannot be had, the ordinary way stays, and says what is wrong if it is wrong there, too.
        token->ahead_refused = !ahead || !ahead->get_ready();
        if (token->ahead_refused) ahead.reset();
        return;
    }
}

void UseWindows::stand_down() {
    for (const auto& [serial, token] : m_tokens) token->ahead.reset();
}

void UseWindows::close(std::uint64_t id) {
    for (auto token = m_tokens.begin(); token != m_tokens.end(); ++token)
        if (token->second->windows.erase(id) > 0) {
            if (token->second->windows.empty()) m_tokens.erase(token);
            return;
        }
}

void UseWindows::look_at_tokens() {
    std::erase_if(m_tokens, [&](const auto& entry) {
        const auto state = token_state(m_module, entry.second->place.slot);
        return !state || state->serial != entry.first;
    });
}

} // namespace jk::pkcs11
