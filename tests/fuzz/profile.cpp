// Configuration: a profile, a regulation, a module's entry. Each input is read as all three.
#include "agent/config/configuration.hpp"
#include "agent/policy/read_profile.hpp"
#include "tests/fuzz/kept_files.hpp"

using namespace jk;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto regulation = fuzz::kept_file("../../policies/pekalongan-98-2018.yaml"), anchor = fuzz::kept_file("certificates/root.pem");
    const std::string yaml(text_of({data, size}));
    const auto profile =
        policy::read_profile(yaml, [](const std::string& name) -> Outcome<std::string> { return name.ends_with(".pem") ? anchor : regulation; });
    if (profile) {
        fuzz::require(!profile->anchors.empty(), "a profile has an anchor");
        fuzz::require(profile->applications.size() <= 500, "applications are limited");
        fuzz::require(profile->limits.items_per_consent >= 1 && profile->limits.items_per_consent <= 10'000, "a batch is limited");
        fuzz::require(profile->limits.document_bytes >= 1u << 20 && profile->limits.document_bytes <= 2048ull << 20, "documents are limited");
        fuzz::require(profile->limits.consent >= std::chrono::seconds(1), "a consent lasts");
        for (const auto& application : profile->applications)
            fuzz::require(policy::Origin::parse(application.origin.text()).has_value() &&
                              profile->find_application(application.origin.text()) == &application,
                          "an application is found by its origin");
    }
    const auto read = policy::read_regulation(yaml, "x.yaml");
    if (read) fuzz::require(!read->id.empty() && !read->purposes.empty() && !read->task_kinds.empty(), "a regulation has purposes and tasks");
    const auto module = config::read_module(yaml, "x.yaml", config::Owner::root_or_self);
    if (module) {
        fuzz::require(module->path.starts_with('/') && module->parallel >= 1 && module->parallel <= 4, "a module has a path and lanes");
        for (const auto& [name, value] : module->environment)
            fuzz::require(!name.starts_with("LD_") && name != "PATH", "a module does not change how programs load code");
    }
    return 0;
}
