#include "pkcs11/wrap/module.hpp"

#include "pkcs11/wrap/ck_result.hpp"
#include "x509/openssl_ptr.hpp"

#include <dlfcn.h>
#include <libp11.h>

#include <utility>

namespace jk::pkcs11 {
namespace {

Error unusable(const std::string& path, const std::string& alasan, const std::string& reason) {
    return Error{Errc::module_unusable, reason}.with("module", path).with("alasan", alasan).with("reason", reason);
}

} // namespace

Outcome<Module> Module::load(const std::string& path, CallBoard& board) {
    Module module;
    module.m_board = &board;
    {
        const CallMark mark(board, 0, Call::load_module); // a library's constructors run here
        module.m_library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    }
    if (module.m_library == nullptr) return unusable(path, "pustakanya tidak dapat dimuat", dlerror());
    const auto get_function_list = reinterpret_cast<CK_C_GetFunctionList>(dlsym(module.m_library, "C_GetFunctionList"));
    if (get_function_list == nullptr) return unusable(path, "bukan penggerak PKCS#11", "it has no C_GetFunctionList");
    if (const CK_RV rv = get_function_list(&module.m_functions); rv != CKR_OK || module.m_functions == nullptr)
        return unusable(path, "C_GetFunctionList: " + name_of(rv), "C_GetFunctionList: " + name_of(rv));

    {
        const CallMark mark(board, 0, Call::initialize);
        CK_C_INITIALIZE_ARGS arguments{};
        arguments.flags = CKF_OS_LOCKING_OK; // lanes sign from several threads
        CK_RV rv = module.m_functions->C_Initialize(&arguments);
        if (rv == CKR_CANT_LOCK || rv == CKR_ARGUMENTS_BAD) rv = module.m_functions->C_Initialize(nullptr);
        if (rv != CKR_OK) return unusable(path, "C_Initialize: " + name_of(rv), "C_Initialize: " + name_of(rv));
        module.m_initialized = true;
        // libp11 finds the library initialised and goes on with it.
        module.m_libp11 = PKCS11_CTX_new();
        if (module.m_libp11 == nullptr || PKCS11_CTX_load(module.m_libp11, path.c_str()) != 0)
            return unusable(path, "libp11 tidak dapat memakainya", "libp11: " + x509::openssl_fault());
    }
    return module;
}

Module::Module(Module&& other) noexcept
    : m_library(std::exchange(other.m_library, nullptr)), m_functions(std::exchange(other.m_functions, nullptr)),
      m_libp11(std::exchange(other.m_libp11, nullptr)), m_board(other.m_board), m_initialized(std::exchange(other.m_initialized, false)) {}

Module::~Module() {
    if (m_libp11 != nullptr) {
        PKCS11_CTX_unload(m_libp11); // finalises too
        PKCS11_CTX_free(m_libp11);
    } else if (m_initialized) {
        m_functions->C_Finalize(nullptr);
    }
    // The library stays mapped: vendor threads may outlive C_Finalize, and this process is about to end anyway.
}

} // namespace jk::pkcs11
