#include "cli/doctor/bundle.hpp"

#include "cli/doctor/redaction.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace jk::doctor {
namespace {

namespace json = boost::json;

constexpr const char* explanation =
    "Paket bantuan Jurukunci / support bundle of Jurukunci\n\n"
    "Berisi: versi, kode temuan, jenis perangkat USB, daftar penggerak, angka-angka konfigurasi, jumlah baris catatan.\n"
    "Tidak berisi: nama, NIK, passphrase, nama dokumen, nama token, nomor seri, sertifikat, alamat aplikasi, nama berkas dan folder Anda.\n\n"
    "Contains: versions, codes of findings, kinds of USB devices, modules, numbers of the configuration, counts of log rows.\n"
    "Does not contain: names, NIK, PINs, names of documents and tokens, serial numbers, certificates, origins, your files and folders.\n";

std::string unquoted(std::string text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    return text;
}

json::object counted(const std::map<std::string, std::int64_t>& numbers) {
    json::object all;
    for (const auto& [name, number] : numbers) all[own_word(name)] = number;
    return all;
}

json::object versions(const Machine& machine, const BundleFacts& facts) {
    auto system = assignments(machine.text("/etc/os-release").value_or(""));
    return {{"command", version_word(facts.command_version)},
            {"agent", facts.agent_version.empty() ? json::value(nullptr) : json::value(version_word(facts.agent_version))},
            {"system", version_word(unquoted(system["ID"]))},
            {"systemVersion", version_word(unquoted(system["VERSION_ID"]))},
            {"kernel", version_word(machine.line("/proc/sys/kernel/osrelease"))}};
}

json::array findings(const BundleFacts& facts) {
    json::array all;
    for (const auto& [error, weight] : facts.findings) {
        json::object words;
        for (const auto& [word, value] : harmless_words(error)) words[word] = value;
        all.push_back(
            json::object{{"code", error.entry().code}, {"weight", weight == Weight::fault ? "fault" : "notice"}, {"words", std::move(words)}});
    }
    for (const auto& code : facts.agent_codes)
        all.push_back(json::object{{"code", entry_of(errc_of_code(code)).code}, {"weight", "fault"}, {"words", json::object()}});
    return all;
}

json::array usb(const Machine& machine, const BundleFacts& facts) {
    json::array all;
    for (const auto& device : facts.devices)
        all.push_back(json::object{{"id", device.id()},
                                   {"name", device.model != nullptr ? json::value(device.model->name) : json::value(nullptr)},
                                   {"smartCardClass", device.smart_card_class},
                                   {"mayOpen", !device.node.empty() && machine.may_open(device.node)}});
    return all;
}

json::array modules(const Machine& machine, const BundleFacts& facts) {
    json::array all;
    for (const auto& module : facts.modules) {
        const auto start = machine.text(module.library, 20);
        all.push_back(json::object{
            {"library", known_library(module.library)}, {"present", start.has_value()}, {"kind", elf_kind(bytes_of(start.value_or("")))}});
    }
    return all;
}

json::object session(const Machine& machine) {
    const auto type = machine.environment("XDG_SESSION_TYPE");
    const bool known_type = type == "x11" || type == "wayland" || type == "tty";
    const auto seat = seat_of(machine);
    return {{"seat", seat == Seat::local    ? "local"
                     : seat == Seat::remote ? "remote"
                                            : "unknown"},
            {"type", known_type ? json::value(type) : json::value(nullptr)},
            {"active", active_session(machine)},
            {"cardService", machine.listens("/run/pcscd/pcscd.comm")},
            {"clockSynchronised", machine.clock() == ClockState::synchronised}};
}

} // namespace

Bytes bundle(const Machine& machine, const BundleFacts& facts) {
    const auto text = [](const auto& value) { return json::serialize(value) + "\n"; };
    auto configuration = counted(facts.configuration);
    configuration["environment"] = own_word(facts.environment);
    configuration["refusedModules"] = facts.refused_modules;
    return ustar({{"jurukunci-doctor/README.txt", explanation},
                  {"jurukunci-doctor/versions.json", text(versions(machine, facts))},
                  {"jurukunci-doctor/findings.json", text(findings(facts))},
                  {"jurukunci-doctor/usb.json", text(usb(machine, facts))},
                  {"jurukunci-doctor/modules.json", text(modules(machine, facts))},
                  {"jurukunci-doctor/configuration.json", text(configuration)},
                  {"jurukunci-doctor/session.json", text(session(machine))},
                  {"jurukunci-doctor/log.json", text(counted(facts.log_rows))}},
                 machine.now());
}

} // namespace jk::doctor
