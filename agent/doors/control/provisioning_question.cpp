#include "agent/doors/control/provisioning_question.hpp"

#include <boost/json/array.hpp>

namespace jk::doors {

namespace json = boost::json;

json::object provisioning_question_json(const ConsentQuestion& q) {
    const auto& about = *q.provisioning;
    json::array details, secrets;
    for (const auto& [name, value] : about.details) details.push_back(json::object{{"name", name}, {"value", value}});
    for (const auto& role : about.secrets)
        secrets.push_back(json::object{{"role", role}, {"twice", role.starts_with("new-")}, {"onReader", q.pin_pad}});
    json::object o{{"id", q.id.value},
                   {"kind", "provisioning"},
                   {"step", about.step},
                   {"application", q.application},
                   {"origin", q.origin},
                   {"ownerUnit", q.owner_unit},
                   {"city", q.city},
                   {"citation", q.citation},
                   {"environment", q.environment},
                   {"marking", q.marking},
                   {"token", {{"label", q.token_label}, {"serial", about.serial}, {"manufacturer", about.manufacturer}, {"model", about.model}}},
                   {"holder", nullptr},
                   {"details", std::move(details)},
                   {"secrets", std::move(secrets)},
                   {"typeSerialEnding", about.type_serial_ending},
                   {"finalTry", q.final_try},
                   {"triesLeft", q.tries_left},
                   {"pinCountLow", q.pin_count_low},
                   {"pinToBeChanged", q.pin_to_be_changed},
                   {"soTriesLeft", about.so_tries_left},
                   {"deadlineSeconds", q.deadline.count()}};
    if (!about.holder.empty()) o["holder"] = json::object{{"name", about.holder}, {"unit", about.holder_unit}, {"case", about.case_id}};
    return o;
}

} // namespace jk::doors
