// Bar 8: C_SignInit + C_Sign through libjurukunci-pkcs11.so, inside one consent, against the same two calls on the token itself. Rounds of both
// alternate, so that the machine's noise meets both; the bar is the median of the rounds' ratios. Between them a bare relay runs: what three processes cost that do nothing else.
#include "tests/bench/bare_relay.hpp"
#include "tests/bench/bars.hpp"
#include "tests/bench/direct.hpp"
#include "tests/support/pkcs11_program.hpp"
#include "tests/support/running_agent.hpp"

#include <chrono>
#include <cstdio>
#include <stdexcept>

namespace jk::bench {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<double> through_module(test::Pkcs11Program& program, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, bool rsa, int count) {
    CK_BYTE data[51] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    CK_MECHANISM mechanism{rsa ? CKM_RSA_PKCS : CKM_ECDSA, nullptr, 0};
    std::vector<double> times;
    for (int i = 0; i < count; ++i) {
        CK_BYTE signature[512];
        CK_ULONG size = sizeof signature;
        const auto start = Clock::now();
        const bool done = program.c().C_SignInit(session, &mechanism, key) == CKR_OK &&
                          program.c().C_Sign(session, data, rsa ? 51 : 32, signature, &size) == CKR_OK;
        times.push_back(std::chrono::duration<double>(Clock::now() - start).count());
        if (!done) throw std::runtime_error("a signature through the module failed");
    }
    return times;
}

} // namespace

std::vector<Bar> through_the_module(const Options& options) {
    std::vector<Bar> bars;
    for (const std::string key : {"p256", "rsa2048"}) {
        const bool rsa = key == "rsa2048";
        auto wish = test::ordinary_key(key);
        wish.local_programs = "{allowed: true, operations_per_consent: 10000, minutes_per_consent: 60}";
        test::RunningAgent agent(wish);
        const auto& token = agent.site().token();
        const auto direct_token = [&token] {
            return std::make_unique<DirectToken>(test::softhsm_module(), token.conf(), token.serial(), "uji-1234");
        };
        BareRelay relay(direct_token, *token.certificate(), BareRelay::Check::none);
        BareRelay checking(direct_token, *token.certificate(), BareRelay::Check::each);
        const auto direct = direct_token();
        test::Pkcs11Program program(agent.site());
        const auto session = program.session();
        if (session == 0 || program.login(session) != CKR_OK) throw std::runtime_error("no login through the module");
        const auto private_key = program.find(session, CKO_PRIVATE_KEY).at(0);
        through_module(program, session, private_key, rsa, options.quick ? 20 : 300); // and the check's table is ready
        std::vector<double> theirs, relayed, checked, ours, ratios;
        for (int round = 0; round < (options.quick ? 2 : 10); ++round) {
            const int count = options.quick ? 20 : 100;
            const auto add = [](std::vector<double>& all, const std::vector<double>& some) { all.insert(all.end(), some.begin(), some.end()); };
            const auto by_itself = direct->signatures(count), brokered = through_module(program, session, private_key, rsa, count);
            ratios.push_back(median(brokered) / median(by_itself));
            add(theirs, by_itself), add(ours, brokered), add(relayed, relay.signatures(count)), add(checked, checking.signatures(count));
        }
        char text[200];
        std::snprintf(text, sizeof text,
                      "%s: %.0f µs through the module, %.0f µs direct; bare relay of three processes %.0f µs, %.0f µs with a check of each",
                      key.c_str(), median(ours) * 1e6, median(theirs) * 1e6, median(relayed) * 1e6, median(checked) * 1e6);
        remark(text);
        bars.push_back({"8", "C_Sign through our PKCS#11 module inside one consent, " + key + ", p50", median(ratios), rsa ? 1.15 : 2.0, "direct"});
    }
    return bars;
}

} // namespace jk::bench
