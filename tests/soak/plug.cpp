// jurukunci-plug-soak [CYCLES]: a card comes and goes a thousand times before a page that waits, and a module misbehaves before a page that
// signs. Prints what it measured, and ends with 1 where something was left behind or took too long. No test run judges by its times.
#include "jurukunci/encoding.hpp"
#include "tests/support/card_reader.hpp"
#include "tests/support/piv_card.hpp"
#include "tests/support/process_facts.hpp"
#include "tests/support/running_agent.hpp"

#include <boost/json/array.hpp>
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <thread>
#include <tuple>

namespace {

using namespace jk;
using namespace jk::test;
using Clock = std::chrono::steady_clock;

double milliseconds(Clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

double quantile(std::vector<double> values, double q) {
    std::ranges::sort(values);
    return values.empty() ? 0 : values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}

struct Facts {
    long memory = 0; ///< KiB, of the agent and all below it
    int descriptors = 0;
    std::size_t processes = 0;
};

Facts facts_of(int agent) {
    Facts facts{resident_kib(agent), open_descriptors(agent), 0};
    for (const int child : descendants(agent)) {
        facts.memory += resident_kib(child);
        facts.descriptors += open_descriptors(child);
        ++facts.processes;
    }
    return facts;
}

/// Once a connection that just ended is closed and a logout is through.
Facts settled_facts_of(int agent) {
    auto least = facts_of(agent);
    for (int i = 0; i < 20; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        const auto now = facts_of(agent);
        least.descriptors = std::min(least.descriptors, now.descriptors);
        least.processes = std::min(least.processes, now.processes);
        least.memory = now.memory;
    }
    return least;
}

/// OpenSC's module in this process: how long card, reader and module take by themselves, so that what the agent adds can be told.
class Direct {
public:
    explicit Direct(const std::string& pcscd) {
        setenv("PCSCLITE_CSOCK_NAME", pcscd.c_str(), 1);
        void* library = dlopen(opensc_module().c_str(), RTLD_NOW);
        if (library == nullptr || reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"))(&m_functions) != CKR_OK ||
            m_functions->C_Initialize(nullptr) != CKR_OK)
            throw std::runtime_error("OpenSC's module cannot be used");
    }
    ~Direct() { m_functions->C_Finalize(nullptr); }
    Direct(const Direct&) = delete;
    Direct& operator=(const Direct&) = delete;
    /// Until so many tokens are shown: milliseconds, or nothing after ten seconds.
    std::optional<double> wait_for(CK_ULONG tokens) {
        const auto begun = Clock::now();
        while (milliseconds(Clock::now() - begun) < 10'000) {
            CK_ULONG count = 0;
            if (m_functions->C_GetSlotList(CK_TRUE, nullptr, &count) == CKR_OK && count == tokens) return milliseconds(Clock::now() - begun);
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return std::nullopt;
    }

private:
    CK_FUNCTION_LIST* m_functions = nullptr;
};

bool plug_and_unplug(int cycles) {
    const ScratchFolder folder;
    CardReader reader(folder.path());
    SiteWish wish;
    wish.softhsm = false;
    wish.modules = {{"opensc", opensc_module(), {{"PCSCLITE_CSOCK_NAME", reader.socket()}}, ""}};
    RunningAgent t(wish, {});
    const auto card = folder.path() / "kartu";
    make_piv_card(card, t.site().ca());
    auto seen = std::to_string(t.request("GET", "/v1/status").json().at("revision").to_number<std::uint64_t>());
    const auto wait_for = [&](std::size_t tokens) {
        for (int i = 0; i < 4; ++i) {
            const auto status = t.request("GET", "/v1/status?wait=10&seen=" + seen).json();
            seen = std::to_string(status.at("revision").to_number<std::uint64_t>());
            if (status.at("tokens").as_array().size() == tokens) return true;
        }
        return false;
    };
    constexpr int warm_up = 10;
    Facts before;
    std::vector<double> arrivals, departures, direct_arrivals, direct_departures;
    for (int i = 0; i < cycles + warm_up; ++i) {
        if (i == warm_up) before = settled_facts_of(t.agent().pid());
        const auto inserted = Clock::now();
        reader.insert(card);
        if (!wait_for(1)) return std::printf("cycle %d: the card was not told\n", i), false;
        const auto removed = Clock::now();
        arrivals.push_back(milliseconds(removed - inserted));
        reader.remove();
        if (!wait_for(0)) return std::printf("cycle %d: the removal was not told\n", i), false;
        departures.push_back(milliseconds(Clock::now() - removed));
        if (i % 4 != 0) continue;
        // The same without us: nobody waits at the agent, so it leaves the card alone.
        Direct direct(reader.socket());
        reader.insert(card);
        const auto came = direct.wait_for(1);
        reader.remove();
        const auto went = direct.wait_for(0);
        if (!came || !went) return std::printf("cycle %d: the module by itself saw nothing\n", i), false;
        direct_arrivals.push_back(*came);
        direct_departures.push_back(*went);
    }
    const auto after = settled_facts_of(t.agent().pid());
    const double arrival = quantile(arrivals, 0.5), departure = quantile(departures, 0.5);
    const double direct_arrival = quantile(direct_arrivals, 0.5), direct_departure = quantile(direct_departures, 0.5);
    std::printf("%d cycles; told after insertion p50 %.0f ms, p95 %.0f ms, after removal p50 %.0f ms, p95 %.0f ms\n", cycles, arrival,
                quantile(arrivals, 0.95), departure, quantile(departures, 0.95));
    std::printf("card, reader and module by themselves: %.0f and %.0f ms; so the agent adds %.0f and %.0f ms (limit 500)\n", direct_arrival,
                direct_departure, arrival - direct_arrival, departure - direct_departure);
    std::printf("memory %ld → %ld KiB, descriptors %d → %d, processes %zu → %zu\n", before.memory, after.memory, before.descriptors,
                after.descriptors, before.processes, after.processes);
    if (arrival - direct_arrival > 500 || departure - direct_departure > 500) return false;
    return after.memory < before.memory + 4096 && after.descriptors <= before.descriptors && after.processes == before.processes;
}

json::object sign(RunningAgent& t) {
    const auto digest = sha256(bytes_of("surat"));
    json::array items;
    items.push_back(json::object{{"name", "surat"}, {"hash", to_base64(digest.value())}, {"hashFunction", "SHA-256"}});
    return t.sign(t.sign_request(std::move(items), "RAW"));
}

/// The answer comes by `deadline` and 100 ms, and the next signature within 150 ms of it.
bool misbehave(const char* order, double deadline, int times) {
    SiteWish wish;
    wish.raw_hashes = true;
    wish.module = JURUKUNCI_UNRULY_MODULE;
    RunningAgent t(wish);
    sign(t);
    std::vector<double> answers, next;
    for (int i = 0; i < times; ++i) {
        t.order_module(order);
        const auto asked = Clock::now();
        if (sign(t).at("state").as_string() == "done") return std::printf("%s: was signed all the same\n", order), false;
        const auto answered = Clock::now();
        answers.push_back(milliseconds(answered - asked));
        t.order_module("");
        if (sign(t).at("state").as_string() != "done") return std::printf("%s: the next signature failed\n", order), false;
        next.push_back(milliseconds(Clock::now() - answered));
    }
    const double late = quantile(answers, 1), slow = quantile(next, 1);
    std::printf("%-16s answer at most %.0f ms (limit %.0f), next signature at most %.0f ms (limit 150)\n", order, late, deadline + 100, slow);
    return late <= deadline + 100 && slow <= 150;
}

} // namespace

int main(int argc, char** argv) {
    const int cycles = argc > 1 ? std::atoi(argv[1]) : 1000;
    bool held = true;
    for (const auto& [order, deadline, times] :
         {std::tuple("C_Sign crash", 0.0, 20), std::tuple("C_Login crash", 0.0, 20), std::tuple("C_Sign removed", 0.0, 20),
          std::tuple("C_Sign hang", 10'000.0, 3), std::tuple("C_Login hang", 10'000.0, 3)})
        held = misbehave(order, deadline, times) && held;
    if (cycles > 0) held = plug_and_unplug(cycles) && held;
    std::puts(held ? "all held" : "NOT all held");
    return held ? 0 : 1;
}
