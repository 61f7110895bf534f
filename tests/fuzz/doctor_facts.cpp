// What the doctor reads of a computer: the tcp table, logind's lines, sysfs numbers, the start of a library. The first byte chooses.
#include "cli/doctor/examinations.hpp"
#include "cli/doctor/redaction.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/support/prepared_machine.hpp"

using namespace jk;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    static const test::ScratchFolder root;
    static test::PreparedMachine machine(root);
    const ByteView rest(data + 1, size - 1);
    const std::string text(text_of(rest));
    switch (data[0] % 4) {
    case 0:
        machine.write("/proc/net/tcp", text);
        (void)doctor::examine_ports(machine, false);
        break;
    case 1: fuzz::require(doctor::assignments(text).size() <= 256, "a session has not more lines than that"); break;
    case 2:
        machine.plug_in("1-1", text, "0407");
        for (const auto& device : doctor::usb_devices(machine)) fuzz::require(device.id().size() == 9, "an id is four digits, a colon, four digits");
        break;
    default: fuzz::require(doctor::elf_kind(rest).size() < 32, "a kind of library is short");
    }
    for (const auto& word : {doctor::own_word(text), doctor::version_word(text)})
        fuzz::require(word == "?" || (word == text && word.size() <= 60), "a word passes whole or not at all");
    return 0;
}
