#include "pkcs11/wrap/objects.hpp"

#include "pkcs11/wrap/ck_result.hpp"

#include <algorithm>

namespace jk::pkcs11 {
namespace {

constexpr CK_ULONG max_objects = 256;
constexpr CK_ULONG max_attribute = 64u << 10; ///< sizes from a token are input
constexpr std::uint8_t not_written = 0xa5;

/// A search that is always finished, because an open one blocks every other on the session.
class Search {
public:
    Search(const Session& session, std::vector<CK_ATTRIBUTE> pattern) : m_session(session) {
        m_rv = m_session.module().functions().C_FindObjectsInit(session.handle(), pattern.data(), pattern.size());
    }
    ~Search() {
        if (m_rv == CKR_OK) m_session.module().functions().C_FindObjectsFinal(m_session.handle());
    }
    Search(const Search&) = delete;
    Search& operator=(const Search&) = delete;

    Outcome<std::vector<CK_OBJECT_HANDLE>> all() {
        if (m_rv != CKR_OK) return ck_error("C_FindObjectsInit", m_rv);
        std::vector<CK_OBJECT_HANDLE> found(max_objects);
        CK_ULONG count = 0;
        const CK_RV rv = m_session.module().functions().C_FindObjects(m_session.handle(), found.data(), max_objects, &count);
        if (rv != CKR_OK) return ck_error("C_FindObjects", rv);
        found.resize(std::min(count, max_objects));
        return found;
    }

private:
    const Session& m_session;
    CK_RV m_rv;
};

} // namespace

Outcome<std::vector<CK_OBJECT_HANDLE>> find_all(const Session& session) {
    const CallMark mark(session.module().board(), session.lane(), Call::find_objects);
    return Search(session, {}).all();
}

Outcome<std::vector<CK_OBJECT_HANDLE>> find(const Session& session, CK_OBJECT_CLASS object_class, std::optional<ByteView> id) {
    const CallMark mark(session.module().board(), session.lane(), Call::find_objects);
    std::vector<CK_ATTRIBUTE> pattern{{CKA_CLASS, &object_class, sizeof object_class}};
    if (id) pattern.push_back({CKA_ID, const_cast<std::uint8_t*>(id->data()), id->size()});
    return Search(session, std::move(pattern)).all();
}

std::optional<Bytes> attribute(const Session& session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
    const CallMark mark(session.module().board(), session.lane(), Call::get_attributes);
    CK_ATTRIBUTE wanted{type, nullptr, 0};
    const auto get = [&] { return session.module().functions().C_GetAttributeValue(session.handle(), object, &wanted, 1); };
    if (get() != CKR_OK || wanted.ulValueLen == CK_UNAVAILABLE_INFORMATION || wanted.ulValueLen > max_attribute) return std::nullopt;
    Bytes value(wanted.ulValueLen);
    wanted.pValue = value.data();
    if (get() != CKR_OK || wanted.ulValueLen > value.size()) return std::nullopt;
    value.resize(wanted.ulValueLen);
    return value;
}

std::vector<std::optional<Bytes>> attributes(const Session& session, CK_OBJECT_HANDLE object, const std::vector<Wanted>& wanted) {
    std::vector<std::optional<Bytes>> values;
    std::vector<CK_ATTRIBUTE> pattern;
    values.reserve(wanted.size());
    pattern.reserve(wanted.size());
    for (const auto& [type, room] : wanted) values.emplace_back(Bytes(room, not_written));
    for (std::size_t i = 0; i < wanted.size(); ++i) pattern.push_back({wanted[i].type, values[i]->data(), wanted[i].room});
    CK_RV rv = CKR_OK;
    {
        const CallMark mark(session.module().board(), session.lane(), Call::get_attributes);
        rv = session.module().functions().C_GetAttributeValue(session.handle(), object, pattern.data(), pattern.size());
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (rv == CKR_OK && pattern[i].ulValueLen <= wanted[i].room)
            values[i]->resize(pattern[i].ulValueLen);
        else
            values[i] = attribute(session, object, wanted[i].type);
    }
    return values;
}

bool flag(const std::optional<Bytes>& value, bool if_hidden) {
    if (!value || value->size() != sizeof(CK_BBOOL) || value->front() == not_written) return if_hidden;
    return value->front() == CK_TRUE;
}

} // namespace jk::pkcs11
