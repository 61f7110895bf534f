#include "pkcs11/board/call_board.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace jk::pkcs11 {
namespace {

constexpr std::size_t board_size = sizeof(std::uint64_t) * CallBoard::lanes;
constexpr std::uint64_t time_mask = (std::uint64_t(1) << 56) - 1;

Error failed(const char* what) { return {Errc::device_failed, std::string("call board: ") + what + ": " + std::strerror(errno)}; }

} // namespace

std::string_view name_of(Call call) {
    switch (call) {
    case Call::none: return "no call";
    case Call::load_module: return "dlopen";
    case Call::initialize: return "C_Initialize";
    case Call::enumerate: return "C_GetSlotList";
    case Call::get_token_info: return "C_GetTokenInfo";
    case Call::open_session: return "C_OpenSession";
    case Call::find_objects: return "C_FindObjects";
    case Call::get_attributes: return "C_GetAttributeValue";
    case Call::login: return "C_Login";
    case Call::login_on_pin_pad: return "C_Login (PIN pad)";
    case Call::sign: return "C_Sign";
    case Call::generate_key_pair: return "C_GenerateKeyPair";
    case Call::logout: return "C_Logout";
    case Call::close_session: return "C_CloseSession";
    case Call::init_token: return "C_InitToken";
    case Call::set_pin: return "C_SetPIN";
    case Call::write_object: return "C_CreateObject";
    }
    return "?";
}

std::chrono::milliseconds Deadlines::of(Call call) const {
    switch (call) {
    case Call::login_on_pin_pad: return pin_pad;
    case Call::init_token:
    case Call::generate_key_pair: return key_generation;
    default: return ordinary;
    }
}

Outcome<CallBoard> CallBoard::create() {
    UniqueFd fd(memfd_create("jurukunci-calls", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!fd || ftruncate(fd.get(), board_size) != 0) return failed("memfd");
    // The worker cannot shrink the page under the agent's feet.
    if (fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) return failed("seal");
    return map(std::move(fd));
}

Outcome<CallBoard> CallBoard::map(UniqueFd fd) {
    struct stat status {};
    if (fstat(fd.get(), &status) != 0 || status.st_size < static_cast<off_t>(board_size)) return failed("size");
    void* page = mmap(nullptr, board_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
    if (page == MAP_FAILED) return failed("mmap");
    return CallBoard(std::move(fd), static_cast<std::atomic<std::uint64_t>*>(page));
}

CallBoard::CallBoard(CallBoard&& other) noexcept : m_fd(std::move(other.m_fd)), m_cells(std::exchange(other.m_cells, nullptr)) {}

CallBoard::~CallBoard() {
    if (m_cells != nullptr) munmap(m_cells, board_size);
}

void CallBoard::enter(int lane, Call call) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const auto nanoseconds = static_cast<std::uint64_t>(std::chrono::nanoseconds(now).count()) & time_mask;
    m_cells[lane].store(std::uint64_t(call) << 56 | nanoseconds, std::memory_order_release);
}

void CallBoard::leave(int lane) { m_cells[lane].store(0, std::memory_order_release); }

CallBoard::Running CallBoard::running(int lane) const {
    const auto cell = m_cells[lane].load(std::memory_order_acquire);
    const auto call = static_cast<int>(cell >> 56);
    if (call <= 0 || call >= call_count) return {};
    const std::chrono::nanoseconds since(static_cast<std::int64_t>(cell & time_mask));
    return {static_cast<Call>(call), std::chrono::steady_clock::time_point(std::chrono::duration_cast<std::chrono::steady_clock::duration>(since))};
}

} // namespace jk::pkcs11
