// The border between a C program and us: initialised first, then the arguments, nothing thrown across it; and what a child after fork() finds.
#pragma once
#include "pkcs11/module/application.hpp"

#include <exception>
#include <new>

namespace jk::pkcs11::module {

/// Keeps the application for the length of one call; empty before C_Initialize, after C_Finalize, and in a child that has not initialised.
class Entered {
public:
    Entered();
    ~Entered();
    Entered(const Entered&) = delete;
    Entered& operator=(const Entered&) = delete;
    explicit operator bool() const { return m_application != nullptr; }
    Application& operator*() const { return *m_application; }

private:
    Application* m_application = nullptr;
};

template <class Work> CK_RV guarded(Work&& work) noexcept {
    try {
        return work();
    } catch (const std::bad_alloc&) {
        return CKR_HOST_MEMORY;
    } catch (...) {
        return CKR_GENERAL_ERROR;
    }
}

template <class Work> CK_RV with_application(Work&& work) noexcept {
    return guarded([&]() -> CK_RV {
        const Entered application;
        if (!application) return CKR_CRYPTOKI_NOT_INITIALIZED;
        return work(*application);
    });
}

template <class Work> CK_RV in_session(CK_SESSION_HANDLE handle, Work&& work) noexcept {
    return with_application([&](Application& application) -> CK_RV {
        const auto session = application.session(handle);
        if (!session) return CKR_SESSION_HANDLE_INVALID;
        const std::lock_guard one(session->one_call);
        return work(application, *session);
    });
}

} // namespace jk::pkcs11::module
