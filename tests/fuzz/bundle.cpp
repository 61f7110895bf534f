// Bundles: the signed message as it lies on the disk, the content behind a good signature, and the kept file. The first byte chooses.
#include "agent/config/bundle.hpp"
#include "agent/config/kept_bundle.hpp"
#include "jurukunci/displayed_text.hpp"
#include "tests/fuzz/kept_files.hpp"
#include "x509/read_certificate.hpp"

using namespace jk;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto pins = *x509::read_pem(fuzz::kept_file("certificates/root.pem"));
    if (size == 0) return 0;
    const ByteView rest{data + 1, size - 1};
    if (data[0] == 'k') {
        const auto kept = config::read_kept_text(text_of(rest));
        const bool sound = !kept || kept->bundle.environment == "uji" || kept->bundle.environment == "produksi";
        fuzz::require(sound && (!kept || kept->bundle.signed_message.size() < rest.size()), "a kept file names one of two folders");
        return 0;
    }
    if (data[0] % 2 == 0) {
        const auto opened = config::open_bundle(rest, pins, 1, WallTime(std::chrono::seconds(1'800'000'000)));
        fuzz::require(!opened, "nobody has the pinned key");
        fuzz::require(opened.error().code == Errc::profile_changed && is_utf8(opened.error().log_line()), "a refusal can be logged");
        return 0;
    }
    const auto bundle = config::read_bundle_content(text_of(rest));
    if (!bundle) {
        fuzz::require(bundle.error().code == Errc::profile_changed && is_utf8(bundle.error().log_line()), "a refusal can be logged");
        return 0;
    }
    fuzz::require(bundle->version >= 1 && bundle->expires > bundle->issued && bundle->files.contains("profile.yaml"), "a bundle is whole");
    for (const auto& [name, text] : bundle->files)
        fuzz::require(!name.starts_with('/') && name.find("..") == std::string::npos && text.size() <= 1u << 20, "a file stays below the folder");
    for (const auto& block : bundle->blocks)
        fuzz::require(block.by != policy::BlockedBy::everything && block.cause != policy::BlockCause::damaged, "no RA blocks everything");
    const auto again = config::read_bundle_content(config::write_bundle_content(*bundle));
    fuzz::require(again && again->files == bundle->files && again->blocks == bundle->blocks, "what is written is read again");
    return 0;
}
