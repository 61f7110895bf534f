// modules.d: which modules are loaded, for which tokens, and what stands in the catalogue of well-known ones.
#include "agent/config/configuration.hpp"
#include "agent/config/known_modules.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/soft_token.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

namespace jk::test {
namespace {

namespace fs = std::filesystem;
using config::KnownModule;
using config::Owner;

Outcome<pkcs11::ModuleConfig> read(const std::string& more) {
    return config::read_module("name: x\npath: " + softhsm_module() + "\n" + more, "modules.d/x.yaml", Owner::root_or_self);
}

TEST(Modules, ServesOnlyTheTokensItIsListedFor) {
    const auto module = read("tokens:\n  - {manufacturer: \"SafeNet*\", model: \"eToken 51?0*\"}\n  - {label: \"Dinas *\"}\n");
    ASSERT_TRUE(module) << module.error().detail;
    EXPECT_TRUE(module->serves("SafeNet, Inc.", "eToken 5110 SC", ""));
    EXPECT_FALSE(module->serves("SafeNet, Inc.", "eToken 5300", ""));
    EXPECT_FALSE(module->serves("Other", "eToken 5110", ""));
    EXPECT_TRUE(module->serves("Other", "any", "Dinas Kominfo"));
    EXPECT_FALSE(module->serves("Other", "any", "dinas kominfo"));
    EXPECT_TRUE(read("")->serves("Other", "any", "any"));
}

TEST(Modules, AQuirkRulesOutWhatATokenOffersAndCannotDo) {
    const auto module =
        read("quirks:\n  - {model: \"Kartu A\", firmware: \"1.*\", without: [PSS, SHA-512], reason: \"Kartu A 1.2 signs PSS with a wrong salt\"}\n");
    ASSERT_TRUE(module) << module.error().detail;
    pkcs11::ReportedToken token;
    token.model = "Kartu A";
    token.firmware = "1.2";
    const Mechanism pss{KeyKind::rsa, HashFunction::sha256, Padding::pss}, pkcs1{KeyKind::rsa, HashFunction::sha256, Padding::pkcs1_v15};
    EXPECT_TRUE(module->rules_out(token, pss));
    EXPECT_FALSE(module->rules_out(token, pkcs1));
    EXPECT_TRUE(module->rules_out(token, {KeyKind::rsa, HashFunction::sha512, Padding::pkcs1_v15}));
    token.firmware = "2.0";
    EXPECT_FALSE(module->rules_out(token, pss));
}

TEST(Modules, WhatIsMisspeltOrHasNoReasonIsRefused) {
    for (const char* bad : {"tokens:\n  - {modell: x}\n", "tokens:\n  - {}\n", "tokens:\n  - x\n", "quirks:\n  - {model: x, without: [PSS]}\n",
                            "quirks:\n  - {model: x, without: [PS], reason: y}\n", "quirks:\n  - {model: x, reason: y}\n",
                            "quirks:\n  - {without: [PSS], reason: y}\n", "known: opensc\n", "token: []\n"})
        EXPECT_FALSE(read(bad)) << bad;
    EXPECT_FALSE(config::read_module("name: x\nknown: tidak-ada\n", "x.yaml", Owner::root));
}

TEST(Modules, AKnownModuleIsUsedByItsName) {
    const auto module = config::read_module("name: uji\nknown: softhsm2\n", "x.yaml", Owner::root);
    ASSERT_TRUE(module) << module.error().detail;
    EXPECT_EQ(module->path, fs::canonical(softhsm_module()).string());
}

TEST(KnownModules, EachHasPathsAndASource) {
    for (const char* name : {"opensc", "safenet-etoken", "feitian-epass2003", "longmai-mtoken", "watchdata", "ykcs11", "softhsm2", "tpm2-pkcs11"}) {
        const auto* known = config::find_known(config::known_modules(), name);
        ASSERT_NE(known, nullptr) << name;
        EXPECT_FALSE(known->source.empty()) << name;
        ASSERT_FALSE(known->paths.empty()) << name;
        for (const auto& path : known->paths) EXPECT_TRUE(fs::path(path).is_absolute()) << path;
    }
}

/// Libraries in a folder of the test.
struct Shelf {
    KnownModule module(const std::string& name, bool there = true) {
        const auto path = folder.path() / (name + ".so");
        if (there) std::ofstream(path) << name;
        KnownModule known;
        known.name = known.product = name;
        known.source = "test";
        known.paths = {path.string()};
        return known;
    }
    std::vector<std::string> used(const std::vector<KnownModule>& known) {
        refused.clear();
        std::vector<std::string> names;
        for (const auto& module : config::installed_modules(known, Owner::root_or_self, refused)) names.push_back(module.name);
        return names;
    }
    ScratchFolder folder;
    std::vector<Error> refused;
};

using Names = std::vector<std::string>;

TEST(KnownModules, OneThatClaimsTheCardsOfOthersIsUsedOnlyAlone) {
    Shelf shelf;
    auto general = shelf.module("umum");
    general.yields = true;
    EXPECT_EQ(shelf.used({general, shelf.module("pabrikan", false)}), Names{"umum"});
    EXPECT_EQ(shelf.used({general, shelf.module("pabrikan")}), Names{"pabrikan"});
}

TEST(KnownModules, OneWhoseKeysAreNotTheOwnersIsNeverUsedByItself) {
    Shelf shelf;
    auto soft = shelf.module("lunak");
    soft.by_name_only = "keys lie in files";
    EXPECT_EQ(shelf.used({soft}), Names{});
    const auto* real = config::find_known(config::known_modules(), "softhsm2");
    ASSERT_NE(real, nullptr);
    EXPECT_FALSE(real->by_name_only.empty());
    EXPECT_FALSE(config::find_known(config::known_modules(), "tpm2-pkcs11")->by_name_only.empty());
}

TEST(KnownModules, ALibraryThatOthersMayChangeIsRefusedAndSaid) {
    Shelf shelf;
    const auto module = shelf.module("terbuka");
    chmod(module.paths[0].c_str(), 0666);
    EXPECT_EQ(shelf.used({module}), Names{});
    ASSERT_EQ(shelf.refused.size(), 1u);
    EXPECT_EQ(shelf.refused[0].code, Errc::module_untrusted);
}

} // namespace
} // namespace jk::test
