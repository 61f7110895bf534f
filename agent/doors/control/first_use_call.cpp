#include "agent/doors/control/first_use_call.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

namespace jk::doors {

namespace json = boost::json;

json::object notice_json(const OwnerNoticeShown& notice) {
    json::array parts;
    for (const auto& part : notice.parts) {
        json::object text;
        text["id"] = part.indonesian;
        text["en"] = part.english;
        json::object o;
        o["part"] = part.name;
        o["sha256"] = part.sha256;
        o["text"] = std::move(text);
        parts.push_back(std::move(o));
    }
    return {{"profile", notice.profile}, {"version", notice.version}, {"parts", std::move(parts)}};
}

json::object first_use_json(const gate::FirstUse& first_use) {
    json::array acknowledged;
    for (const auto& a : first_use.record().all()) {
        const auto& parts = first_use.notice().parts;
        const bool current = std::ranges::any_of(parts, [&](const auto& part) { return part.sha256 == a.text_sha256; });
        acknowledged.push_back(json::object{{"certificateSha256", a.certificate},
                                            {"subject", a.subject},
                                            {"part", a.part},
                                            {"sha256", a.text_sha256},
                                            {"profile", a.profile},
                                            {"version", a.version},
                                            {"at", rfc3339(a.at)},
                                            {"row", a.row},
                                            {"current", current}});
    }
    return {{"notice", notice_json(first_use.notice())}, {"acknowledged", std::move(acknowledged)}};
}

} // namespace jk::doors
