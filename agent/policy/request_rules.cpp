#include "agent/policy/rules.hpp"

#include <algorithm>

namespace jk::policy {
namespace {

std::string joined(const std::vector<Cited>& list) {
    std::string all;
    for (const auto& entry : list) all += (all.empty() ? "" : ", ") + entry.value;
    return all;
}

Error malformed(std::string field, std::string fault) {
    return Error{Errc::request_malformed}.with("field", std::move(field)).with("fault", std::move(fault));
}

/// Levels of the ETSI baselines that later versions will make.
bool is_higher_level(std::string_view level) {
    const auto last = level.rfind('_');
    const auto grade = last == std::string_view::npos ? "" : level.substr(last + 1);
    return (level.starts_with("PAdES_BASELINE_") || level.starts_with("CAdES_BASELINE_")) && (grade == "T" || grade == "LT" || grade == "LTA");
}

void judge_level(Decision& decision, const SignRequest& request) {
    const std::string offered = request.format == Format::raw ? "" : std::string(name_of(request.format)) + "_BASELINE_B";
    if (request.level == offered) return decision.pass(Rule::level_offered);
    if (request.format != Format::raw && is_higher_level(request.level))
        return decision.refuse(Rule::level_offered, Error{Errc::not_available}.with("what", request.level));
    decision.refuse(Rule::level_offered, malformed("level", "must be " + (offered.empty() ? "absent for RAW" : offered)));
}

void judge_item(Decision& decision, const SignRequest& request, const SignItem& item) {
    if (!item.appearance) return;
    decision.check(Rule::appearance_is_pades, request.format == Format::pades, malformed("appearance", "is for PAdES only"));
    if (item.appearance->link.empty()) return;
    const auto host = https_host(item.appearance->link);
    const bool registered = host && std::ranges::find(request.caller.link_hosts, *host) != request.caller.link_hosts.end();
    decision.check(Rule::link_registered, registered, Error{Errc::link_refused}.with("link", item.appearance->link));
}

} // namespace

Decision judge_application(const Profile& profile, std::string_view origin, WallTime now) {
    Decision decision(profile.regulation);
    const auto* application = profile.find_application(origin);
    decision.check(Rule::application_approved, application != nullptr, Error{Errc::origin_refused}.with("origin", std::string(origin)));
    if (application == nullptr) return decision;
    const bool ended = application->until && now > *application->until;
    decision.check(Rule::application_current, !ended,
                   Error{Errc::origin_expired}.with("origin", std::string(origin)).with("date", ended ? indonesian_date(*application->until) : ""));
    return decision;
}

Outcome<CallerIdentity> judge_origin(const Profile& profile, std::string_view origin, WallTime now) {
    if (const auto ok = judge_application(profile, origin, now).outcome(); !ok) return ok.error();
    const auto* application = profile.find_application(origin);
    return CallerIdentity{Door::http,
                          application->origin.text(),
                          application->origin.text(),
                          application->name,
                          application->owner_unit,
                          profile.regulation.approved_applications_citation,
                          application->link_hosts,
                          application->order_key.has_value()};
}

Decision judge_request(const Profile& profile, const SignRequest& request) {
    Decision decision(profile.regulation);
    if (request.format == Format::authentication) {
        // No regulation names logging in; the machine's profile permits it or does not.
        decision.check(Rule::login_permitted, profile.authentication, Errc::login_not_permitted);
        return decision;
    }
    const auto& law = profile.regulation;
    const auto* purpose = find(law.purposes, request.purpose);
    const auto unfit = Error{Errc::key_usage_refused}.with("purpose", request.purpose);
    decision.check(Rule::purpose_in_profile, purpose != nullptr, unfit);
    decision.check_citing(Rule::purpose_is_signature, purpose != nullptr ? purpose->citation : "", request.purpose == "tte", unfit);
    decision.check(Rule::task_named, find(law.task_kinds, request.task_kind) != nullptr,
                   Error{Errc::task_kind_refused}.with("allowed", joined(law.task_kinds)));
    decision.check(Rule::something_to_sign, !request.items.empty(), malformed("items", "is empty"));
    decision.check(Rule::batch_within_limit, request.items.size() <= profile.limits.items_per_consent,
                   Error{Errc::batch_too_large}
                       .with("count", std::to_string(request.items.size()))
                       .with("limit", std::to_string(profile.limits.items_per_consent)));
    judge_level(decision, request);
    // Hashes from a page cannot be shown to the person. The command line's caller is the person, with the file in hand.
    decision.check(Rule::content_visible, request.format != Format::raw || profile.raw_hashes || request.caller.door == Door::control,
                   Error{Errc::content_not_visible});
    for (const auto& item : request.items) judge_item(decision, request, item);
    decision.append(judge_order(profile, request));
    return decision;
}

} // namespace jk::policy
