// SignedMessage: the content of a CMS SignedData (RFC 5652) that one of the given certificates signed. Pure; any thread.
#pragma once
#include "jurukunci/bytes.hpp"
#include "jurukunci/certificate.hpp"
#include "jurukunci/outcome.hpp"

#include <vector>

namespace jk::x509 {

/// Larger ones are refused unread, unless the caller says another limit.
inline constexpr std::size_t max_signed_message = 256u << 10;

struct SignedMessage {
    Bytes content;
    CertificateRef signer;
};

/// DER, content inside, exactly one signer, who must be one of `pinned`: certificates in the message count for nothing. No chain and no clock
/// are asked: whoever pinned the certificate has said that it is to be believed. An error's detail says why.
Outcome<SignedMessage> read_signed_message(ByteView der, const std::vector<CertificateRef>& pinned, std::size_t limit = max_signed_message);

} // namespace jk::x509
