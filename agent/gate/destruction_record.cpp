#include "agent/gate/destruction_record.hpp"

#include "agent/store/state_folder.hpp"
#include "jurukunci/encoding.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace jk::gate {
namespace {

namespace json = boost::json;

json::array list(const std::vector<std::string>& texts) { return json::array(texts.begin(), texts.end()); }

json::object record_of(const store::DeviceKey& key, const DestructionFacts& f) {
    json::object holder{{"name", f.holder}, {"unit", f.unit}, {"case", f.case_id}};
    json::object token{{"module", f.token.id.module},
                       {"serial", f.token.id.serial},
                       {"label", f.token.label},
                       {"model", f.token.model},
                       {"manufacturer", f.token.manufacturer}};
    return {{"type", "jurukunci-destruction-record"},
            {"version", 1},
            {"operation", f.operation},
            {"destroyedAt", rfc3339(f.at)},
            {"city", f.city},
            {"profile", f.profile},
            {"environment", f.environment},
            {"token", std::move(token)},
            {"reason", f.destruction.reason},
            {"method", f.with_so_pin ? "initialised-anew" : "objects-removed"},
            {"removedObjects", f.removed},
            {"certificateSha256", list(f.certificates)},
            {"publicKeySha256", list(f.keys)},
            {"holder", f.holder.empty() ? json::value(nullptr) : json::value(std::move(holder))},
            {"officer", f.destruction.officer},
            {"witnesses", list(f.destruction.witnesses)},
            {"minutes", f.destruction.minutes},
            {"application", f.application},
            {"origin", f.origin},
            {"auditRow", f.row},
            {"signedBy", to_base64(key.public_key())}};
}

} // namespace

Outcome<WrittenRecord> write_destruction_record(const std::filesystem::path& folder, const store::DeviceKey& key, const DestructionFacts& facts) {
    if (auto ok = store::make_private_folder(folder); !ok) return ok.error();
    const auto text = json::serialize(record_of(key, facts)) + "\n";
    const auto signature = key.sign(bytes_of(text));
    WrittenRecord written{folder / (facts.operation + ".json"), folder / (facts.operation + ".json.sig"), sha256(bytes_of(text)), text, signature};
    // The signature first: a record without one could be taken for a forged one.
    if (auto ok = store::replace_file_durably(written.signature, text_of(signature)); !ok) return ok.error();
    if (auto ok = store::replace_file_durably(written.record, text); !ok) return ok.error();
    return written;
}

} // namespace jk::gate
