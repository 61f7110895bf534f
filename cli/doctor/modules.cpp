#include "cli/doctor/examinations.hpp"

#include <elf.h>

#include <cstring>

namespace jk::doctor {
namespace {

constexpr std::size_t header_size = 20; ///< up to and with e_machine, the same in both classes

std::string machine_name(unsigned machine) {
    switch (machine) {
    case EM_386: return "x86";
    case EM_X86_64: return "x86-64";
    case EM_ARM: return "ARM";
    case EM_AARCH64: return "AArch64";
    case EM_RISCV: return "RISC-V";
    default: return "ELF " + std::to_string(machine);
    }
}

} // namespace

std::string elf_kind(ByteView start) {
    if (start.size() < header_size || std::memcmp(start.data(), ELFMAG, SELFMAG) != 0) return "";
    const bool little = start[EI_DATA] == ELFDATA2LSB;
    const unsigned machine = little ? start[18] | start[19] << 8u : start[18] << 8u | start[19];
    return machine_name(machine) + (start[EI_CLASS] == ELFCLASS64 ? " (64)" : " (32)");
}

Findings examine_modules(const Machine& machine, const std::vector<ConfiguredModule>& modules) {
    // What this very program is, is what a library has to be: the worker beside it loads it.
    const auto own = elf_kind(bytes_of(machine.text("/proc/self/exe", header_size).value_or("")));
    Findings found;
    for (const auto& module : modules) {
        const auto start = machine.text(module.library, header_size);
        if (!start || own.empty()) continue; // a missing file is told by the configuration, or by the worker
        const auto kind = elf_kind(bytes_of(*start));
        if (kind != own)
            found.push_back(
                {Error(Errc::module_foreign).with("module", module.name).with("found", kind.empty() ? "non-ELF" : kind).with("needed", own)});
    }
    return found;
}

} // namespace jk::doctor
