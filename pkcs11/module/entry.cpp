#include "pkcs11/module/entry.hpp"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace jk::pkcs11::module {
namespace {

// Plain numbers and pointers: nothing runs when the library is loaded, and nothing when it goes.
std::atomic<Application*> application{nullptr};
std::atomic<pid_t> initialised_by{0};
std::atomic<int> calls{0};
std::atomic_flag changing = ATOMIC_FLAG_INIT; ///< C_Initialize and C_Finalize exclude each other

void in_child() {
    client::close_in_child(); // the agent must see the parent's end, whatever the child does
    changing.clear();
}

struct Changing {
    Changing() {
        while (changing.test_and_set(std::memory_order_acquire)) std::this_thread::yield();
    }
    ~Changing() { changing.clear(std::memory_order_release); }
};

bool ours() { return initialised_by.load() == getpid(); }

} // namespace

Entered::Entered() {
    ++calls;
    if (ours()) m_application = application.load();
}

Entered::~Entered() { --calls; }

CK_RV initialise() {
    const Changing one;
    if (application.load() != nullptr) {
        if (ours()) return CKR_CRYPTOKI_ALREADY_INITIALIZED;
        // A child after fork(). The parent's object stays where it is: its locks may be held by threads that this process does not have.
        application = nullptr;
        calls = 0;
    }
    static bool told = false;
    if (!told) told = pthread_atfork(nullptr, nullptr, in_child) == 0;
    auto* fresh = new Application();
    initialised_by = getpid();
    application = fresh;
    return CKR_OK;
}

CK_RV finalise() {
    const Changing one;
    if (!ours() || application.load() == nullptr) return CKR_CRYPTOKI_NOT_INITIALIZED;
    auto* const old = application.exchange(nullptr);
    old->shut();
    // Calls that wait for the agent end now; one that does not is left what it works with.
    for (int i = 0; i < 2000 && calls.load() > 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (calls.load() == 0) delete old;
    return CKR_OK;
}

} // namespace jk::pkcs11::module
