// Module: one loaded vendor library. Owner: the worker's main; outlives every Session.
//
// libp11 or direct? The customer chose OpenSC libp11, and it is used where it is right:
//   - loading, and the enumeration of slots, tokens and certificates (discovery.cpp).
// Everything else calls C_* directly on the same loaded library, because libp11 0.4.12
//   - sends PSS and OAEP to the token as raw CKM_RSA_X_509: many cards refuse, and nobody can see what is signed;
//   - lists no key at all when one Ed25519 private key is on the token;
//   - has no way to read custody attributes, to log in per operation, or to use a PIN pad of its own choice;
//   - crashes in the second PKCS11_update_slots after a removal: so slots are enumerated afresh each time and released at once,
//     and a change of slots ends the worker (the agent starts a new one in about 30 ms).
//   - keeps a copy of every PIN it logs in with on the heap (prev_pin), takes PINs as C strings, and makes only RSA keys, with attributes of
//     its own choice: so initialising, PINs, keys and certificates (administration.hpp) are direct calls, too.
// Decide here, not at the call.
#pragma once
#include "jurukunci/outcome.hpp"
#include "pkcs11/board/call_board.hpp"
#include "pkcs11/wrap/ck.hpp"

#include <string>

struct PKCS11_ctx_st;

namespace jk::pkcs11 {

class Module {
public:
    /// `path` is absolute and was judged by the agent. `board` outlives the module.
    static Outcome<Module> load(const std::string& path, CallBoard& board);
    Module(Module&& other) noexcept;
    Module& operator=(Module&&) = delete;
    ~Module();

    const CK_FUNCTION_LIST& functions() const { return *m_functions; }
    PKCS11_ctx_st* libp11() const { return m_libp11; }
    CallBoard& board() const { return *m_board; }

private:
    Module() = default;
    void* m_library = nullptr;
    CK_FUNCTION_LIST* m_functions = nullptr;
    PKCS11_ctx_st* m_libp11 = nullptr;
    CallBoard* m_board = nullptr;
    bool m_initialized = false;
};

} // namespace jk::pkcs11
