#include "agent/documents/child/signing_rules.hpp"

#include "agent/documents/child/refusal.hpp"

namespace jk::documents::child {
namespace {

constexpr int max_references = 64;

/// The transform parameters of a signature's references with this method.
std::vector<QPDFObjectHandle> transforms(QPDFObjectHandle signature, const std::string& method) {
    std::vector<QPDFObjectHandle> all;
    if (!signature.isDictionary()) return all;
    auto references = signature.getKey("/Reference");
    if (!references.isArray()) return all;
    for (int i = 0; i < std::min(references.getArrayNItems(), max_references); ++i) {
        auto reference = references.getArrayItem(i);
        if (!reference.isDictionary() || !reference.getKey("/TransformMethod").isNameAndEquals(method)) continue;
        auto parameters = reference.getKey("/TransformParams");
        all.push_back(parameters.isDictionary() ? parameters : QPDFObjectHandle::newDictionary());
    }
    return all;
}

bool lists(QPDFObjectHandle names, const std::string& field) {
    if (!names.isArray()) return false;
    for (int i = 0; i < names.getArrayNItems(); ++i) {
        auto entry = names.getArrayItem(i);
        if (!entry.isString()) continue;
        const auto name = entry.getUTF8Value();
        if (name == field || field.starts_with(name + ".")) return true;
    }
    return false;
}

/// Does a FieldMDP action lock this field (12.8.2.4)? A field that does not exist yet is locked where everything is.
bool locks(QPDFObjectHandle parameters, const std::string& field) {
    auto action = parameters.getKey("/Action");
    if (action.isNameAndEquals("/Include")) return lists(parameters.getKey("/Fields"), field);
    if (action.isNameAndEquals("/Exclude")) return !lists(parameters.getKey("/Fields"), field);
    return true; // All, or something we do not know
}

void require_permission(QPDF& qpdf, bool existing_field) {
    int r = 0, p = 0;
    if (!qpdf.isEncrypted(r, p)) return;
    const auto bit = [&](int number) { return (p & (1 << (number - 1))) != 0; };
    // Table 22: filling in an existing field needs bit 6 or 9, making a new one bits 4 and 6.
    const bool permitted = existing_field ? bit(6) || (r >= 3 && bit(9)) : bit(4) && bit(6);
    if (!permitted)
        refuse(Errc::document_forbids_signing,
               "its encryption permissions do not allow a signature field to be " + std::string(existing_field ? "filled in" : "added"));
}

} // namespace

std::optional<int> certification(PdfFile& file) {
    auto permissions = file.root().getKey("/Perms");
    if (!permissions.isDictionary()) return std::nullopt;
    auto signature = permissions.getKey("/DocMDP");
    if (!signature.isDictionary()) return std::nullopt;
    for (auto parameters : transforms(signature, "/DocMDP")) {
        auto level = parameters.getKey("/P");
        return level.isInteger() ? static_cast<int>(level.getIntValue()) : 2; // 2 is the default
    }
    return 1; // a certification we cannot read is taken at its strictest
}

void require_signable(PdfFile& file, const std::vector<Field>& fields, NewSignature kind, const std::string& field_name) {
    const bool existing = kind == NewSignature::in_existing_field;
    require_permission(file.qpdf(), existing);
    const auto level = certification(file);
    if (level && *level != 2 && *level != 3) refuse(Errc::document_forbids_signing, "it is certified and allows no changes");
    if (level && kind == NewSignature::visible)
        refuse(Errc::appearance_refused, "the document is certified: a new visible signature would break the certification");
    for (auto field : fields) {
        if (!field.is_signature) continue;
        auto signature = field.dictionary.getKey("/V");
        if (!signature.isDictionary()) continue;
        auto rules = transforms(signature, "/FieldMDP");
        if (auto lock = field.dictionary.getKey("/Lock"); lock.isDictionary()) rules.push_back(lock);
        for (auto rule : rules) {
            if (locks(rule, field_name)) refuse(Errc::document_forbids_signing, "the signature in field \"" + field.name + "\" locks the fields");
            if (!rule.getKey("/P").isInteger())
                continue; // PDF 2.0: a lock may also say what may change in the whole document, as a certification does
            if (rule.getKey("/P").getIntValue() == 1)
                refuse(Errc::document_forbids_signing, "the signature in field \"" + field.name + "\" ended all changes");
            if (kind == NewSignature::visible)
                refuse(Errc::appearance_refused, "the signature in field \"" + field.name + "\" allows no new visible field");
        }
    }
}

void require_seed_values(QPDFObjectHandle seed, const std::string& field_name, const std::string& hash) {
    const auto unmet = [&](const std::string& what) { refuse(Errc::document_forbids_signing, "field \"" + field_name + "\" demands " + what); };
    auto flags = seed.getKey("/Ff");
    const long long required = flags.isInteger() ? flags.getIntValue() : 0;
    const auto demands = [&](int bit, const char* key) { return (required & (1LL << (bit - 1))) != 0 && seed.hasKey(key); };
    const auto offers = [&](const char* key, const std::string& wanted) {
        auto value = seed.getKey(key);
        for (int i = 0; value.isArray() && i < value.getArrayNItems(); ++i) {
            auto entry = value.getArrayItem(i);
            if (entry.isNameAndEquals("/" + wanted) || (entry.isString() && entry.getStringValue() == wanted)) return true;
        }
        return value.isNameAndEquals("/" + wanted);
    };
    if (demands(1, "/Filter") && !offers("/Filter", "Adobe.PPKLite")) unmet("another signature handler");
    if (demands(2, "/SubFilter") && !offers("/SubFilter", "ETSI.CAdES.detached")) unmet("another kind of signature");
    if (demands(4, "/Reasons")) unmet("a reason from its list");
    if (demands(5, "/LegalAttestation")) unmet("a legal attestation");
    if (demands(6, "/AddRevInfo")) unmet("revocation information in the signature");
    if (demands(7, "/DigestMethod") && !offers("/DigestMethod", hash)) unmet("another hash function");
    for (const char* key : {"/Cert", "/TimeStamp"}) {
        auto part = seed.getKey(key);
        if (part.isDictionary() && part.getKey("/Ff").isInteger() && part.getKey("/Ff").getIntValue() != 0)
            unmet(std::string(key + 1) + " properties that this version does not check");
    }
    if (auto certify = seed.getKey("/MDP"); certify.isDictionary() && certify.getKey("/P").isInteger() && certify.getKey("/P").getIntValue() != 0)
        unmet("a certification");
    if (seed.getKey("/LockDocument").isNameAndEquals("/true")) unmet("that the document is locked afterwards");
}

} // namespace jk::documents::child
