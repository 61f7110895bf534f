// Bar 9: what a module costs that hangs or crashes in C_Sign: how long after its deadline the answer comes, how long the next signature then
// takes, and whether a token of another module notices. Through HTTP and through our PKCS#11 module. The scripted person answers at once.
#include "jurukunci/encoding.hpp"
#include "tests/bench/bars.hpp"
#include "tests/support/pkcs11_program.hpp"
#include "tests/support/running_agent.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace jk::bench {
namespace {

using Clock = std::chrono::steady_clock;
using test::RunningAgent;
namespace json = boost::json;

constexpr double deadline = 10'000; ///< ms: Deadlines::ordinary, which worker.md promises

double ms_since(Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); }

/// Milliseconds until a page's signature has ended, well or not.
double by_page(RunningAgent& agent, bool should_work) {
    const auto digest = sha256(bytes_of("surat"));
    const json::object item{{"name", "surat"}, {"hash", to_base64(digest.value())}, {"hashFunction", "SHA-256"}};
    const auto start = Clock::now();
    const auto operation = agent.sign(agent.sign_request(json::array{item}, "RAW"));
    const auto took = ms_since(start);
    if ((operation.at("state").as_string() == "done") != should_work) throw std::runtime_error(json::serialize(operation));
    return took;
}

double by_program(test::Pkcs11Program& program, CK_SESSION_HANDLE session, bool should_work) {
    const auto key = program.find(session, CKO_PRIVATE_KEY).at(0);
    Bytes signature;
    const auto start = Clock::now();
    const auto result = program.sign(session, key, CKM_ECDSA_SHA256, "surat", signature);
    const auto took = ms_since(start);
    if ((result == CKR_OK) != should_work) throw std::runtime_error("C_Sign gave " + std::to_string(result));
    return took;
}

template <class Sign> void measure(std::vector<Bar>& bars, RunningAgent& agent, const std::string& way, int rounds, Sign sign) {
    std::vector<double> after_deadline, after_crash, next;
    for (int i = 0; i < rounds; ++i) {
        sign(true);
        agent.order_module("C_Sign hang\n");
        after_deadline.push_back(sign(false) - deadline);
        agent.order_module("");
        next.push_back(sign(true));
        agent.order_module("C_Sign crash\n");
        after_crash.push_back(sign(false));
        agent.order_module("");
        next.push_back(sign(true));
    }
    bars.push_back({"9", way + ": a hang is answered after its deadline, worst", *std::ranges::max_element(after_deadline), 100, "ms"});
    bars.push_back({"9", way + ": a crash is answered, worst", *std::ranges::max_element(after_crash), 100, "ms"});
    bars.push_back({"9", way + ": the next signature after it, with a new consent, worst", *std::ranges::max_element(next), 150, "ms"});
}

} // namespace

std::vector<Bar> failing_modules(const Options& options) {
    const int rounds = options.quick ? 1 : 3;
    std::vector<Bar> bars;
    auto wish = test::ordinary_key();
    wish.raw_hashes = true;
    wish.token.certificate.key_usage = "critical,digitalSignature,nonRepudiation";
    wish.local_programs = "{allowed: true, operations_per_consent: 100, minutes_per_consent: 5, non_repudiation_key: true}";
    wish.module = JURUKUNCI_UNRULY_MODULE;
    {
        RunningAgent agent(wish);
        measure(bars, agent, "HTTP", rounds, [&](bool works) { return by_page(agent, works); });
    }
    {
        RunningAgent agent(wish);
        test::Pkcs11Program program(agent.site());
        const auto session = program.session();
        if (session == 0 || program.login(session) != CKR_OK) throw std::runtime_error("no login through the module");
        measure(bars, agent, "our module", rounds, [&](bool works) { return by_program(program, session, works); });
    }
    return bars;
}

} // namespace jk::bench
