// judge, of a key use by a local program: before the person is asked, and each second again while a window is open.
#include "agent/gate/local_programs.hpp"

#include <algorithm>

namespace jk::gate {

Task<Outcome<TokenInfo>> LocalPrograms::find_token(ProgramRef program, TokenId id) {
    auto tokens = co_await m_rooms.token.recent_tokens();
    const auto is_there = [&] { return tokens && std::ranges::find(*tokens, id, &TokenInfo::id) != tokens->end(); };
    if (!is_there() && m_rooms.token.is_late(id.module)) {
        const std::function<bool()> given_up = [program] { return program->m_gone.has_value(); };
        co_await m_rooms.token.await_late(id.module, given_up);
        tokens = co_await m_rooms.token.recent_tokens();
    }
    if (!tokens) co_return tokens.error();
    const auto place = std::ranges::find(*tokens, id, &TokenInfo::id);
    if (place == tokens->end()) co_return Errc::token_absent;
    auto token = *place;
    // All of them: the certificate that followed this one may be on another token.
    if (m_rooms.inquiry != nullptr) co_await m_rooms.inquiry->refresh(std::move(*tokens));
    co_return token;
}

Outcome<void> LocalPrograms::not_blocked(const Certificate& certificate, const TokenId& token, policy::KeyAction action) const {
    return policy::judge_blocks(m_rooms.blocks, certificate, token, action, m_rooms.profile.regulation.revocation.irreversible.basis.citation);
}

Outcome<LocalPrograms::Permission> LocalPrograms::permitted(const CertificateRef& certificate, const TokenInfo& token) const {
    const auto by_profile = policy::judge_key_for_program(m_rooms.profile, certificate, token.certificates, m_rooms.clock.now());
    if (!by_profile) return by_profile.error();
    Permission may{*by_profile, {}};
    auto& key = may.key;
    if (m_rooms.facts != nullptr) {
        if (auto ok = policy::judge_session(m_rooms.profile, m_rooms.facts->session()).outcome(); !ok) return ok.error();
        const auto state = m_rooms.facts->about(*certificate, token.id);
        const auto decision = policy::judge_state(m_rooms.profile, state, *certificate, m_rooms.clock.now());
        const auto ok = m_rooms.first_use != nullptr ? policy::outcome_before_first_use(decision) : decision.outcome();
        if (!ok && (!key.decrypt || state.decryption_blocked)) return ok.error();
        if (!ok && key.sign) may.no_signature = ok.error(); // revoked or replaced: old letters stay readable
    }
    const auto sign = not_blocked(*certificate, token.id, policy::KeyAction::sign);
    if (!sign && key.sign && !may.no_signature) may.no_signature = sign.error();
    key.sign = key.sign && !may.no_signature;
    const auto decrypt = not_blocked(*certificate, token.id, policy::KeyAction::decrypt);
    key.decrypt = key.decrypt && decrypt;
    if (key.sign || key.decrypt) return may;
    return may.no_signature ? *may.no_signature : decrypt.error();
}

std::optional<Error> LocalPrograms::narrow(Window& window) const {
    std::optional<Error> why;
    bool any = false;
    for (auto& key : window.keys) {
        const auto may = permitted(key.certificate, window.seen);
        if (!may && !why) why = may.error();
        key.may_sign = key.may_sign && may && may->key.sign;
        key.may_decrypt = key.may_decrypt && may && may->key.decrypt;
        if (may && may->no_signature && !why) why = may->no_signature;
        any = any || key.may_sign || key.may_decrypt;
    }
    if (any) return std::nullopt;
    return why ? why : Error(Errc::use_ended);
}

} // namespace jk::gate
