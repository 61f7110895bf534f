// What a vague failure was: a card that is pulled out shows in a dozen ways, and pcscd needs up to half a second to notice. The person is told
// what happened and not what the module calls it.
#pragma once
#include "pkcs11/wrap/module.hpp"

#include <string>

namespace jk::pkcs11 {

/// The token that was asked: where it was, and which one.
struct AskedToken {
    CK_SLOT_ID slot = 0;
    std::string serial, label;
};

/// token_failed becomes token_removed or token_swapped where a look at the slot, repeated for 800 ms, shows that; other errors stay as they are.
Error explained(Error error, const Module& module, const AskedToken& token, int lane);
/// It says that the token is not there any more, or is another.
bool went_away(const Error& error);

} // namespace jk::pkcs11
