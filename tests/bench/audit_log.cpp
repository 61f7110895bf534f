// Bar 5: a log of a million rows, as signing one document after another leaves it: appending does not grow slower, the whole is verified quickly, and
// "what was signed since" is answered at once.
#include "agent/audit/custody.hpp"
#include "agent/audit/signed_since.hpp"
#include "agent/audit/verify.hpp"
#include "tests/bench/bars.hpp"
#include "tests/support/scratch_folder.hpp"

#include <chrono>
#include <cstdio>
#include <stdexcept>

namespace jk::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

double seconds(SteadyClock::duration time) { return std::chrono::duration<double>(time).count(); }

/// A signature each second.
class Workday final : public Clock {
public:
    WallTime now() const override { return m_now; }
    void pass() { m_now += std::chrono::seconds(1); }

private:
    WallTime m_now = SystemClock().now() - std::chrono::hours(24 * 30);
};

constexpr int rows_of_one = 5; ///< consent, window, started, signed, end

void sign_one(audit::Log& log, const std::string& certificate, int number) {
    const auto operation = "op_" + std::to_string(number);
    const auto digest = sha256(bytes_of(operation)).hex();
    log.append(
        "consent", operation,
        R"({"requestId":"r)" + std::to_string(number) +
            R"(","door":"http","application":"e-Office","origin":"https://eoffice.example","format":"PAdES",)" +
            R"("level":"B-B","purpose":"tte","taskKind":"naskah_dinas","profile":"pekalongan-98-2018","environment":"uji","certificateSha256":")" +
            certificate +
            R"(","subject":"CN=Jana Kusuma,O=Pemerintah Kota,C=ID","token":{"module":"softhsm","serial":"9d8c7b6a5f4e3d2c","label":"Jana K."},)" +
            R"("items":[{"name":"nota-dinas.pdf","digest":")" + digest + R"(","hashFunction":"SHA-256","size":21504,"pages":2,"sealed":")" + digest +
            R"("}],"rejected":[],"answer":"yes","prompter":"terminal","boot":"0f0e0d0c-0b0a-0908-0706-050403020100"})");
    log.append("window", operation, R"({"sensitive":true,"extractable":false,"alwaysSensitive":true,"neverExtractable":true,"local":true})");
    log.append("started", operation, R"({"items":[0]})");
    log.append("signed", operation, R"({"item":0,"signatureSha256":")" + digest + "\"}");
    log.append("end", operation, R"({"state":"done","signed":1,"total":1})");
}

} // namespace

std::vector<Bar> a_large_log(const Options& options) {
    const int rows = options.quick ? 100'000 : 1'000'000, tenth = rows / 10, together = 100;
    const test::ScratchFolder folder;
    Workday clock;
    auto custody = audit::Custody::open(folder.path(), clock);
    if (!custody) throw std::runtime_error(custody.error().log_line());
    auto& log = (*custody)->log();
    const auto certificate = sha256(bytes_of("certificate")).hex();
    std::vector<double> tenths;
    WallTime late{};
    for (int part = 0, number = 0; part < 10; ++part) {
        const auto begun = SteadyClock::now();
        for (const int until = (part + 1) * tenth / rows_of_one; number < until;) {
            auto committed = log.commit(store::Durability::process, [&] {
                for (int i = 0; i < together && number < until; ++i, clock.pass()) sign_one(log, certificate, number++);
                return done();
            });
            if (!committed) throw std::runtime_error(committed.error().log_line());
            if (number == rows / rows_of_one - 1000) late = clock.now();
        }
        tenths.push_back(seconds(SteadyClock::now() - begun));
    }
    auto& database = (*custody)->database().raw();
    auto begun = SteadyClock::now();
    const auto verified = audit::verify(database, (*custody)->key());
    const double verifying = seconds(SteadyClock::now() - begun);
    if (!verified || !verified->faults.empty() || verified->rows < rows) throw std::runtime_error("the log does not verify");
    std::vector<double> answers;
    for (int i = 0; i < 11; ++i) {
        begun = SteadyClock::now();
        const auto found = audit::signed_since(database, late, {{certificate}, {}});
        answers.push_back(seconds(SteadyClock::now() - begun) * 1e3);
        if (!found || found->size() != 1000) throw std::runtime_error("signed since: another number than was signed");
    }
    char text[120];
    std::snprintf(text, sizeof text, "%d rows, appended at %.0f a second in the first tenth, %.0f in the last", rows, tenth / tenths.front(),
                  tenth / tenths.back());
    remark(text);
    return {{"5", "the last tenth of a million rows appended, against the first", tenths.back() / tenths.front(), 1.25, "times"},
            {"5", "rows verified in a second", verified->rows / verifying, 300'000, "rows/s", true},
            {"5", "signed since: the last thousand of two hundred thousand signatures, p50", median(answers), 50, "ms"}};
}

} // namespace jk::bench
