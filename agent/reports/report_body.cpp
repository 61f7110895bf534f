#include "agent/reports/report_body.hpp"

#include "agent/reports/device_jws.hpp"
#include "jurukunci/encoding.hpp"
#include "jurukunci/version.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <set>

namespace jk::reports {
json::object to_json(const audit::SignedThing& thing) {
    return {{"row", thing.row},
            {"at", rfc3339(thing.at)},
            {"name", thing.name},
            {"sha256", thing.digest},
            {"application", thing.application},
            {"origin", thing.origin},
            {"certificate", thing.certificate},
            {"certain", thing.certain}};
}

json::array applications_of(const std::vector<audit::SignedThing>& things) {
    json::array all;
    std::set<std::pair<std::string, std::string>> seen;
    for (const auto& thing : things)
        if (seen.emplace(thing.application, thing.origin).second)
            all.push_back(json::object{{"application", thing.application}, {"origin", thing.origin}});
    return all;
}

Outcome<Bytes> report_body(const ReportCase& report, const std::optional<std::vector<audit::SignedThing>>& things,
                           const std::vector<Attachment>& attachments, const store::DeviceKey& key) {
    json::object payload{{"type", "jurukunci-report"}, {"version", 1}, {"agent", version()}, {"case", to_json(report)}, {"signedSince", nullptr}};
    if (things) {
        json::array list;
        for (const auto& thing : *things) list.push_back(to_json(thing));
        payload["signedSince"] = std::move(list);
        payload["applications"] = applications_of(*things);
    }
    json::array files;
    for (const auto& attachment : attachments)
        files.push_back(json::object{{"kind", attachment.kind},
                                     {"name", attachment.name},
                                     {"sha256", sha256(attachment.content).hex()},
                                     {"content", to_base64(attachment.content)}});
    payload["attachments"] = std::move(files);
    const auto text = device_jws(report_type, json::serialize(payload), key);
    if (text.size() > max_report_body) return Error{Errc::too_many}.with("what", "bytes of attachments");
    return Bytes(text.begin(), text.end());
}

} // namespace jk::reports
