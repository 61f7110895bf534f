#include "tests/bench/direct.hpp"

#include <dlfcn.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <thread>

namespace jk::bench {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

void must(CK_RV rv, const char* what) {
    if (rv != CKR_OK) throw std::runtime_error(std::string(what) + " " + std::to_string(rv));
}

} // namespace

DirectToken::DirectToken(const std::string& module, const std::string& softhsm_conf, std::string serial, std::string pin) : m_pin(std::move(pin)) {
    setenv("SOFTHSM2_CONF", softhsm_conf.c_str(), 1);
    void* library = dlopen(module.c_str(), RTLD_NOW);
    if (library == nullptr) throw std::runtime_error(dlerror());
    must(reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"))(&m_f), "C_GetFunctionList");
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.flags = CKF_OS_LOCKING_OK;
    must(m_f->C_Initialize(&arguments), "C_Initialize");
    CK_ULONG count = 0;
    must(m_f->C_GetSlotList(CK_TRUE, nullptr, &count), "C_GetSlotList");
    std::vector<CK_SLOT_ID> slots(count);
    must(m_f->C_GetSlotList(CK_TRUE, slots.data(), &count), "C_GetSlotList");
    serial.resize(16, ' ');
    for (const auto slot : slots) {
        CK_TOKEN_INFO info{};
        must(m_f->C_GetTokenInfo(slot, &info), "C_GetTokenInfo");
        if (std::memcmp(info.serialNumber, serial.data(), 16) == 0) m_slot = slot;
    }
    const auto session = open();
    const auto key = find_key(session);
    CK_KEY_TYPE type = 0;
    CK_ATTRIBUTE wanted{CKA_KEY_TYPE, &type, sizeof type};
    must(m_f->C_GetAttributeValue(session, key, &wanted, 1), "C_GetAttributeValue");
    m_rsa = type == CKK_RSA;
    must(m_f->C_Logout(session), "C_Logout");
    must(m_f->C_CloseSession(session), "C_CloseSession");
}

DirectToken::~DirectToken() { m_f->C_Finalize(nullptr); }

CK_SESSION_HANDLE DirectToken::open() {
    CK_SESSION_HANDLE session = 0;
    must(m_f->C_OpenSession(m_slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session), "C_OpenSession");
    must(m_f->C_Login(session, CKU_USER, reinterpret_cast<CK_UTF8CHAR*>(m_pin.data()), m_pin.size()), "C_Login");
    return session;
}

CK_OBJECT_HANDLE DirectToken::find_key(CK_SESSION_HANDLE session) {
    CK_OBJECT_CLASS object_class = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE pattern{CKA_CLASS, &object_class, sizeof object_class};
    CK_OBJECT_HANDLE key = 0;
    CK_ULONG count = 0;
    must(m_f->C_FindObjectsInit(session, &pattern, 1), "C_FindObjectsInit");
    must(m_f->C_FindObjects(session, &key, 1, &count), "C_FindObjects");
    must(m_f->C_FindObjectsFinal(session), "C_FindObjectsFinal");
    return key;
}

Bytes DirectToken::sign(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key) {
    // DigestInfo for RSA has 51 bytes, ECDSA takes the digest alone.
    CK_BYTE data[51] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    CK_MECHANISM mechanism{m_rsa ? CKM_RSA_PKCS : CKM_ECDSA, nullptr, 0};
    CK_BYTE signature[512];
    CK_ULONG size = sizeof signature;
    must(m_f->C_SignInit(session, &mechanism, key), "C_SignInit");
    must(m_f->C_Sign(session, m_rsa ? data : data + sizeof data - digest_size, m_rsa ? sizeof data : digest_size, signature, &size), "C_Sign");
    return {signature, signature + size};
}

double DirectToken::sequence() {
    const auto start = Clock::now();
    const auto session = open();
    sign(session, find_key(session));
    must(m_f->C_Logout(session), "C_Logout");
    must(m_f->C_CloseSession(session), "C_CloseSession");
    return since(start);
}

std::vector<double> DirectToken::signatures(int count) {
    const auto session = open();
    const auto key = find_key(session);
    std::vector<double> times;
    for (int i = 0; i < count; ++i) {
        const auto start = Clock::now();
        sign(session, key);
        times.push_back(since(start));
    }
    must(m_f->C_Logout(session), "C_Logout");
    must(m_f->C_CloseSession(session), "C_CloseSession");
    return times;
}

void DirectToken::serve(int socket) {
    const auto session = open();
    const auto key = find_key(session);
    for (char wish = 0; ::recv(socket, &wish, 1, 0) == 1;) {
        const auto signature = sign(session, key);
        if (::send(socket, signature.data(), signature.size(), MSG_NOSIGNAL) < 0) return;
    }
}

double DirectToken::two_threads(int count_each) {
    const auto first = open();
    CK_SESSION_HANDLE second = 0;
    must(m_f->C_OpenSession(m_slot, CKF_SERIAL_SESSION, nullptr, nullptr, &second), "C_OpenSession");
    const auto start = Clock::now();
    const auto work = [&](CK_SESSION_HANDLE session) {
        const auto key = find_key(session);
        for (int i = 0; i < count_each; ++i) sign(session, key);
    };
    std::thread other(work, second);
    work(first);
    other.join();
    const double seconds = since(start);
    must(m_f->C_Logout(first), "C_Logout");
    must(m_f->C_CloseSession(second), "C_CloseSession");
    must(m_f->C_CloseSession(first), "C_CloseSession");
    return 2.0 * count_each / seconds;
}

} // namespace jk::bench
