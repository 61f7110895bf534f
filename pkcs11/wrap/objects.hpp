// Objects on a token: finding them, reading their attributes. Sizes and counts from a token are input: all are bounded here.
#pragma once
#include "jurukunci/bytes.hpp"
#include "pkcs11/wrap/session.hpp"

#include <optional>
#include <vector>

namespace jk::pkcs11 {

/// Objects of one class, with this CKA_ID if one is given; private ones only after a login. At most 256.
Outcome<std::vector<CK_OBJECT_HANDLE>> find(const Session& session, CK_OBJECT_CLASS object_class, std::optional<ByteView> id = std::nullopt);
Outcome<std::vector<CK_OBJECT_HANDLE>> find_all(const Session& session);

std::optional<Bytes> attribute(const Session& session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);

struct Wanted {
    CK_ATTRIBUTE_TYPE type;
    std::size_t room;
};
/// Several attributes of one object, in one call where the token knows them all and has them fit: every call is a look at the token.
/// Where it does not, each is read alone; a module that gave up half-way must not have its untouched bytes read as answers.
std::vector<std::optional<Bytes>> attributes(const Session& session, CK_OBJECT_HANDLE object, const std::vector<Wanted>& wanted);

/// A CK_BBOOL; `if_hidden` where the token does not show it.
bool flag(const std::optional<Bytes>& value, bool if_hidden);

} // namespace jk::pkcs11
