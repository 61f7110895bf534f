// Writing DER (X.690), as much as signature containers need. Each function returns one whole TLV.
#pragma once
#include "jurukunci/bytes.hpp"
#include "jurukunci/clock.hpp"

#include <initializer_list>
#include <vector>

namespace jk::documents::der {

Bytes tlv(std::uint8_t tag, ByteView content);
Bytes sequence(std::initializer_list<ByteView> parts);
/// SET OF: the elements sorted as DER demands.
Bytes set_of(std::vector<Bytes> elements);
/// [number], constructed, around whole TLVs (EXPLICIT), or the content of an IMPLICIT SET.
Bytes context(std::uint8_t number, std::initializer_list<ByteView> parts);
Bytes octet_string(ByteView content);
Bytes small_integer(std::uint8_t value);
Bytes null();
/// `content` as in the standards' tables: the encoded arcs.
Bytes oid(std::initializer_list<std::uint8_t> content);
/// UTCTime through 2049, GeneralizedTime after, as RFC 5652 11.3 wants signing-time.
Bytes time(WallTime time);

} // namespace jk::documents::der
