// Orders: what an application's server signed must be what its page asks for. That the signature was good is the door's finding.
#include "agent/policy/rules.hpp"

namespace jk::policy {
namespace {

constexpr std::chrono::seconds longest_life{300}, clock_difference{60};

Error refused(std::string member, std::string fault) {
    return Error{Errc::order_refused}.with("member", std::move(member)).with("fault", std::move(fault));
}

} // namespace

Decision judge_order(const Profile& profile, const SignRequest& request) {
    Decision decision(profile.regulation);
    decision.check(Rule::order_present, request.order || !request.caller.needs_order,
                   Error{Errc::order_required}.with("origin", request.caller.origin));
    if (!request.order) return decision;
    const auto& order = *request.order;
    decision.check(Rule::order_origin, order.issuer == request.caller.origin, refused("iss", "is not the origin of the page"));
    decision.check(Rule::order_purpose, order.purpose == request.purpose, refused("purpose", "is another one than the request's"));
    decision.check(Rule::order_task, order.task_kind == request.task_kind, refused("taskKind", "is another one than the request's"));
    decision.check(
        Rule::order_documents, order.documents.size() == request.items.size(),
        refused("documents", "has " + std::to_string(order.documents.size()) + " entries for " + std::to_string(request.items.size()) + " items"));
    decision.check(Rule::order_certificate, !order.certificate || !request.certificate || *order.certificate == *request.certificate,
                   refused("certificate", "is another one than the request's"));
    return decision;
}

Outcome<void> judge_ordered_item(const SignRequest& request, std::size_t item, std::string_view digest_hex) {
    if (!request.order || (item < request.order->documents.size() && request.order->documents[item] == digest_hex)) return done();
    return refused("documents[" + std::to_string(item) + "]", "is not the SHA-256 of this item");
}

Outcome<void> judge_order_age(const Order& order, WallTime now) {
    if (order.expires - order.issued > longest_life) return refused("exp", "is more than 300 s after iat");
    if (order.expires < order.issued) return refused("exp", "lies before iat");
    if (order.issued > now + clock_difference) return refused("iat", "lies in the future of this computer's clock");
    if (now > order.expires) return Error{Errc::order_expired}.with("time", rfc3339(order.expires));
    return done();
}

} // namespace jk::policy
