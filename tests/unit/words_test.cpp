// The shared words: errors, secrets, text from outside, encodings, times.
#include "jurukunci/clock.hpp"
#include "jurukunci/displayed_text.hpp"
#include "jurukunci/encoding.hpp"
#include "jurukunci/outcome.hpp"
#include "jurukunci/secret.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

namespace jk::test {
namespace {

TEST(Catalogue, HasOneWholeEntryForEveryCode) {
    std::set<std::string_view> codes;
    ASSERT_EQ(catalogue().size(), static_cast<std::size_t>(errc_count));
    for (int i = 1; i <= errc_count; ++i) {
        const auto errc = static_cast<Errc>(i);
        const auto& entry = entry_of(errc);
        EXPECT_EQ(entry.errc, errc);
        EXPECT_TRUE(codes.insert(entry.code).second) << entry.code;
        EXPECT_EQ(errc_of_code(entry.code), errc);
        EXPECT_GE(entry.http_status, 400);
        EXPECT_LE(entry.http_status, 504);
        EXPECT_NE(entry.http_status, 408); // browsers repeat the POST on it
        EXPECT_GE(entry.exit_code, 1);
        EXPECT_LE(entry.exit_code, 5);
        for (const auto text : {entry.sentence_id, entry.sentence_en, entry.remedy_id, entry.remedy_en}) {
            EXPECT_GT(text.size(), 10u) << entry.code;
            EXPECT_TRUE(text.ends_with('.') || text.ends_with('}') || text.ends_with(')')) << entry.code << ": " << text;
        }
        const Error error(errc, "detail");
        EXPECT_FALSE(error.sentence(Language::indonesian).empty());
        EXPECT_EQ(error.sentence(Language::english).find('{'), std::string::npos) << entry.code; // every place holder is filled or shown as "?"
    }
}

TEST(Catalogue, WhatOnlySomeCitiesWantIsLeftOutElsewhere) {
    auto error = Error(Errc::pin_locked).with("token", "Jana K.");
    EXPECT_EQ(error.remedy(Language::indonesian), "Bawa token dan kartu identitas ke meja RA untuk membuka kunci.");
    error.with("lapor", " Laporkan juga.");
    EXPECT_EQ(error.remedy(Language::indonesian), "Bawa token dan kartu identitas ke meja RA untuk membuka kunci. Laporkan juga.");
    EXPECT_EQ(error.remedy(Language::english), "Only the RA desk can unlock it, with the owner present.");
}

TEST(Catalogue, AnUnknownCodeIsAnInternalFault) {
    EXPECT_EQ(entry_of(static_cast<Errc>(9999)).errc, Errc::device_failed);
    EXPECT_EQ(entry_of(static_cast<Errc>(0)).errc, Errc::device_failed);
    EXPECT_EQ(errc_of_code("E-DARI-MASA-DEPAN"), Errc::device_failed);
}

TEST(Error, NamesTheObjectAndEscapesWhatCameFromOutside) {
    const auto error = Error{Errc::origin_refused}.with("origin", "https://evil.example\r\nSet-Cookie: x\xE2\x80\xAEmoc");
    const auto sentence = error.sentence(Language::indonesian);
    EXPECT_NE(sentence.find("https://evil.example\\u{D}\\u{A}Set-Cookie"), std::string::npos) << sentence;
    EXPECT_NE(sentence.find("\\u{202E}"), std::string::npos);
    EXPECT_EQ(error.log_line().find('\n'), std::string::npos);
}

TEST(Outcome, CarriesAValueOrAnErrorAndADefaultIsAFault) {
    const Outcome<int> good(7), bad(Errc::token_absent);
    EXPECT_EQ(*good, 7);
    EXPECT_EQ(bad.error().code, Errc::token_absent);
    EXPECT_EQ(Outcome<int>().error().code, Errc::device_failed);
    EXPECT_FALSE(Outcome<void>());
    EXPECT_TRUE(done());
}

bool page_is_zero_after_fork(const Secret& secret) {
    const pid_t pid = fork();
    if (pid == 0) _exit(secret.expose()[0] == 0 ? 0 : 1);
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(Secret, IsLockedLeftOutOfDumpsAndWipedInChildren) {
    auto secret = Secret::create();
    ASSERT_TRUE(secret);
    std::memcpy(secret->room().data(), "uji-1234", 8);
    secret->grow(8);
    EXPECT_EQ(secret->size(), 8u);
    EXPECT_TRUE(page_is_zero_after_fork(*secret));
    // The kernel's own word: "lo" locked, "dd" not dumped, "wf" wiped on fork.
    std::ifstream maps("/proc/self/smaps");
    char wanted[32];
    std::snprintf(wanted, sizeof wanted, "%lx-", reinterpret_cast<unsigned long>(secret->expose().data()));
    std::string line, flags;
    for (bool inside = false; std::getline(maps, line);) {
        if (line.find('-') != std::string::npos && line.find(' ') > 8 && line.starts_with(wanted)) inside = true;
        if (inside && line.starts_with("VmFlags:")) {
            flags = line;
            break;
        }
    }
#ifdef JURUKUNCI_SANITIZED
    flags += " lo"; // the sanitizers turn mlock into nothing
#endif
    for (const char* flag : {" lo", " dd", " wf"}) EXPECT_NE(flags.find(flag), std::string::npos) << flag << " in " << flags;
}

TEST(Secret, MovingEmptiesTheSourceAndBackspaceWipesTheByte) {
    auto first = Secret::create();
    std::memcpy(first->room().data(), "abc", 3);
    first->grow(3);
    first->shrink();
    EXPECT_EQ(first->room()[0], 0);
    const Secret second = std::move(*first);
    EXPECT_EQ(second.size(), 2u);
    EXPECT_TRUE(first->empty());
}

TEST(DisplayedText, ShowsNothingThatMovesTheCursorOrReversesTheLine) {
    EXPECT_EQ(displayed("Surat \xC3\xA9 biasa"), "Surat \xC3\xA9 biasa");
    EXPECT_EQ(displayed("a\x1b[2Jb"), "a\\u{1B}[2Jb");
    EXPECT_EQ(displayed("invoice\xE2\x80\xAE"
                        "fdp.exe"),
              "invoice\\u{202E}fdp.exe");
    EXPECT_EQ(displayed("a\xE2\x80\x8B"
                        "b"),
              "a\\u{200B}b");
    EXPECT_EQ(displayed("\xff\xfe"), "\\x{FF}\\x{FE}");
    EXPECT_EQ(displayed("\xC0\xAF"), "\\x{C0}\\x{AF}"); // overlong "/"
    EXPECT_EQ(displayed(std::string(300, 'x'), 10), "xxxxxxxxxx…");
    EXPECT_EQ(displayed(std::string("a\0b", 3)), "a\\u{0}b");
}

TEST(DisplayedText, ShowsNothingThatHidesCoversOrRunsBackwards) {
    EXPECT_EQ(displayed("a\u3164\u2800\ufe0fb"), "a\\u{3164}\\u{2800}\\u{FE0F}b"); // a filler, an empty Braille cell, a variation selector
    EXPECT_EQ(displayed("surat \u05d0 12.pdf"), "surat \\u{5D0} 12.pdf");
    EXPECT_EQ(displayed("e\u0301\u0323"), "e\u0301\u0323"); // letters of this world carry two marks at most
    EXPECT_EQ(displayed("e\u0301\u0301\u0301\u0301"), "e\u0301\u0301\\u{301}\\u{301}");
}

TEST(DisplayedText, KnowsUtf8) {
    EXPECT_TRUE(is_utf8("Pekalongan \xF0\x9F\x8C\xBF"));
    for (const char* bad : {"\x80", "\xC3", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE0\x80\xAF"}) EXPECT_FALSE(is_utf8(bad));
    EXPECT_FALSE(is_utf8(std::string_view("a\0", 2)));
}

TEST(Encoding, Base64IsStrict) {
    EXPECT_EQ(to_base64(bytes_of("uji")), "dWpp");
    EXPECT_EQ(*from_base64("dWo="), (Bytes{'u', 'j'}));
    EXPECT_TRUE(from_base64("")->empty());
    for (const char* bad : {"dWo", "dWo=\n", "dW o", "dWp=", "====", "d===", "dWo=dWo=", "dW-_"}) EXPECT_FALSE(from_base64(bad)) << bad;
    EXPECT_EQ(to_base64url(Bytes{0xfb, 0xff}), "-_8");
    EXPECT_FALSE(from_hex("abc"));
    EXPECT_FALSE(from_hex("zz"));
}

TEST(Encoding, RandomIdsDiffer) { EXPECT_NE(random_id(16), random_id(16)); }

TEST(TimeText, ReadsAndWritesRfc3339InUtcOnly) {
    const auto time = parse_rfc3339("2026-11-21T08:09:10Z");
    ASSERT_TRUE(time);
    EXPECT_EQ(rfc3339(*time), "2026-11-21T08:09:10Z");
    EXPECT_EQ(pdf_date(*time), "D:20261121080910Z");
    EXPECT_EQ(indonesian_date(*time), "21 November 2026");
    for (const char* bad :
         {"0-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T08:09:10", "2026-11-21T08:09:10+07:00", "x"})
        EXPECT_FALSE(parse_rfc3339(bad)) << bad;
}

} // namespace
} // namespace jk::test
