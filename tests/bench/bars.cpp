#include "tests/bench/bars.hpp"

#include "tests/bench/account.hpp"
#include "tests/bench/direct.hpp"
#include "tests/bench/page.hpp"
#include "tests/support/judges.hpp"

#include <boost/json/serialize.hpp>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <numeric>
#include <thread>

namespace jk::bench {
namespace {

using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;
using test::RunningAgent;
using test::SiteWish;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

SiteWish site(const std::string& key, int parallel = 1) {
    SiteWish wish;
    wish.token.key = key;
    wish.raw_hashes = true;
    wish.parallel_sessions = parallel;
    wish.applications.clear();
    for (int i = 0; i < 8; ++i) wish.applications.push_back({"https://app" + std::to_string(i) + ".example"});
    wish.limits = "{items_per_consent: 10000, consent_seconds: 600, consent_seconds_per_item: 0, max_document_mb: 512, keep_minutes: 60}";
    return wish;
}

std::string origin(int i = 0) { return "https://app" + std::to_string(i) + ".example"; }

DirectToken direct(const RunningAgent& agent) {
    return DirectToken{test::softhsm_module(), agent.site().token().conf(), agent.site().token().serial(), "uji-1234"};
}

double mean(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size()); }

/// One append and fsync on the disk the agent's log is on: seconds.
double one_fsync(const fs::path& folder) {
    static int count = 0;
    const auto path = folder / ("fsync-" + std::to_string(++count));
    const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const std::string data(4096, 'x');
    (void)!write(fd, data.data(), data.size());
    fsync(fd);
    const auto start = Clock::now();
    (void)!write(fd, data.data(), data.size());
    fsync(fd);
    const double seconds = since(start);
    close(fd);
    unlink(path.c_str());
    return seconds;
}

double seconds_of(const boost::json::object& operation, std::size_t expected, Clock::time_point start) {
    const double seconds = since(start);
    if (operation.at("done").to_number<std::size_t>() != expected)
        throw std::runtime_error("a batch did not finish: " + boost::json::serialize(operation).substr(0, 2000));
    return seconds;
}

double own_processor_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/// SHA-256 and a copy of a file, as little as anybody could do.
void hash_and_copy(const fs::path& file, const fs::path& copy) {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_DigestInit_ex(context, EVP_sha256(), nullptr);
    const int in = open(file.c_str(), O_RDONLY | O_CLOEXEC), out = open(copy.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    std::string chunk(256 << 10, '\0');
    for (ssize_t n; (n = read(in, chunk.data(), chunk.size())) > 0;) {
        EVP_DigestUpdate(context, chunk.data(), static_cast<std::size_t>(n));
        (void)!write(out, chunk.data(), static_cast<std::size_t>(n));
    }
    unsigned char digest[32];
    EVP_DigestFinal_ex(context, digest, nullptr);
    EVP_MD_CTX_free(context);
    close(in);
    close(out);
}

std::string milliseconds(double seconds) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f ms", seconds * 1000);
    return text;
}

} // namespace

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values.empty() ? 0 : values[values.size() / 2];
}

void remark(const std::string& text) { std::fprintf(stderr, "   %s\n", text.c_str()); }

std::vector<Bar> one_signature(const Options& options) {
    std::vector<Bar> bars;
    for (const std::string key : {"p256", "rsa2048"}) {
        RunningAgent agent(site(key));
        Page page(agent.port(), origin());
        auto token = direct(agent);
        std::vector<double> sequences, syncs, ours;
        page.sign(raw_batch(1, "warm"));
        for (int i = 0; i < (options.quick ? 10 : 100); ++i) {
            sequences.push_back(token.sequence());
            syncs.push_back(one_fsync(agent.site().state()));
            const auto body = raw_batch(1, std::to_string(i));
            const auto start = Clock::now();
            ours.push_back(seconds_of(page.sign(body), 1, start));
        }
        const double allowed = median(sequences) + median(syncs) + 0.003;
        remark(key + ": sequence " + milliseconds(median(sequences)) + ", fsync " + milliseconds(median(syncs)) + ", through the door " +
               milliseconds(median(ours)));
        bars.push_back({"1", "one signature through the door, " + key + ", against sequence + fsync + 3 ms", median(ours) / allowed, 1.0, "ratio"});
    }
    return bars;
}

std::vector<Bar> batches_of_hashes(const Options& options) {
    std::vector<Bar> bars;
    const std::size_t size = options.quick ? 200 : 1000;
    const int rounds = options.quick ? 2 : 5;
    for (const auto& [key, limit] : {std::pair<std::string, double>{"p256", 1.5}, {"rsa2048", 1.1}}) {
        RunningAgent agent(site(key));
        Page page(agent.port(), origin());
        auto token = direct(agent);
        std::vector<double> direct_times, ours;
        page.sign(raw_batch(size, "warm"));
        const auto before = processor_seconds_by_name(agent.agent().pid());
        for (int round = 0; round < rounds; ++round) {
            direct_times.push_back(mean(token.signatures(static_cast<int>(size)))); // as ours: the whole over its parts
            const auto body = raw_batch(size, std::to_string(round));
            const auto start = Clock::now();
            ours.push_back(seconds_of(page.sign(body), size, start) / static_cast<double>(size));
        }
        remark(key + ": sign " + milliseconds(median(direct_times)) + ", in a sealed batch of " + std::to_string(size) + " " +
               milliseconds(median(ours)));
        remark("   processor, for each signature: " +
               per_item(before, processor_seconds_by_name(agent.agent().pid()), size * static_cast<std::size_t>(rounds)));
        bars.push_back({"2", "sealed batch of 1000 hashes under one consent, per signature, " + key + ", against one direct sign",
                        median(ours) / median(direct_times), limit, "ratio"});
    }
    return bars;
}

std::vector<Bar> parallel_sessions(const Options& options) {
    std::vector<Bar> bars;
    const std::size_t size = options.quick ? 200 : 1000;
    const int rounds = options.quick ? 2 : 5;
    for (const std::string key : {"p256", "rsa2048"}) {
        RunningAgent agent(site(key, 2));
        Page page(agent.port(), origin());
        auto token = direct(agent);
        std::vector<double> direct_rates, ours;
        page.sign(raw_batch(size, "warm"));
        const auto before = processor_seconds_by_name(agent.agent().pid());
        for (int round = 0; round < rounds; ++round) {
            direct_rates.push_back(token.two_threads(static_cast<int>(size) / 2));
            const auto body = raw_batch(size, std::to_string(round));
            const auto start = Clock::now();
            ours.push_back(static_cast<double>(size) / seconds_of(page.sign(body), size, start));
        }
        remark(key + ": two direct threads " + std::to_string(static_cast<int>(median(direct_rates))) + "/s, two sessions behind the gate " +
               std::to_string(static_cast<int>(median(ours))) + "/s");
        remark("   processor, for each signature: " +
               per_item(before, processor_seconds_by_name(agent.agent().pid()), size * static_cast<std::size_t>(rounds)));
        bars.push_back({"2", "parallel sessions, " + key + ", against two direct threads", median(ours) / median(direct_rates), 0.9, "ratio", true});
    }
    return bars;
}

std::vector<Bar> callers_at_once(const Options& options) {
    RunningAgent agent(site("p256"));
    std::atomic<int> errors{0};
    std::vector<std::thread> callers;
    for (int i = 0; i < 8; ++i)
        callers.emplace_back([&, i] {
            try {
                Page page(agent.port(), origin(i));
                for (int k = 0; k < (options.quick ? 3 : 10); ++k)
                    seconds_of(page.sign(raw_batch(50, std::to_string(i) + "-" + std::to_string(k) + "-")), 50, Clock::now());
            } catch (const std::exception& e) {
                remark(e.what());
                ++errors;
            }
        });
    for (auto& caller : callers) caller.join();
    return {{"2", "eight callers at once, errors", static_cast<double>(errors), 0, "errors"}};
}

std::vector<Bar> batches_of_documents(const Options& options) {
    std::vector<Bar> bars;
    for (const std::string key : {"rsa2048", "p256"}) {
        RunningAgent agent(site(key));
        Page page(agent.port(), origin());
        auto token = direct(agent);
        const std::size_t count = 100;
        std::vector<std::string> letters;
        for (std::size_t i = 0; i < count; ++i) letters.push_back(a_letter(i));
        std::vector<double> direct_times, ours, uploads, signing;
        const auto scratch = agent.folder() / "copy";
        const int rounds = options.quick ? 2 : 5;
        const auto before = processor_seconds_by_name(agent.agent().pid());
        for (int round = 0; round < rounds; ++round) {
            auto start = Clock::now();
            for (const auto& letter : letters) {
                (void)sha256(bytes_of(letter));
                std::ofstream(scratch, std::ios::binary) << letter;
            }
            double floor = since(start);
            for (const double t : token.signatures(static_cast<int>(count))) floor += t;
            direct_times.push_back(floor);

            start = Clock::now();
            std::vector<std::string> documents;
            for (const auto& letter : letters) documents.push_back(page.upload(letter));
            uploads.push_back(since(start));
            const auto begun = Clock::now();
            const auto operation = page.sign(pdf_batch(documents));
            signing.push_back(seconds_of(operation, count, begun));
            ours.push_back(since(start));
            for (const auto& id : documents) page.request("DELETE", "/v1/documents/" + id);
            for (const auto& item : operation.at("items").as_array())
                page.request("DELETE", "/v1/documents/" + std::string(item.as_object().at("documentId").as_string()));
        }
        remark(key + ": 100 direct signatures, hashing and copying " + milliseconds(median(direct_times)) + "; uploads " +
               milliseconds(median(uploads)) + " and signing " + milliseconds(median(signing)));
        remark("   processor, for each letter: " +
               per_item(before, processor_seconds_by_name(agent.agent().pid()), count * static_cast<std::size_t>(rounds)) +
               " (jurukunci-docum: its lives included)");
        bars.push_back({"3", "100 PDFs of 21 KB, uploads, both child processes and signing, " + key + ", against the sum of direct work",
                        median(ours) / median(direct_times), 2.0, "ratio"});
        if (key != "p256") continue;

        // Ten thousand: time per document at the end against the beginning, and the agent's memory.
        std::vector<double> per_batch;
        double memory_at_start = 0;
        const int batches = options.quick ? 6 : 100;
        for (int batch = 0; batch < batches; ++batch) {
            const auto start = Clock::now();
            std::vector<std::string> documents;
            for (const auto& letter : letters) documents.push_back(page.upload(letter));
            const auto operation = page.sign(pdf_batch(documents));
            per_batch.push_back(seconds_of(operation, count, start));
            for (const auto& id : documents) page.request("DELETE", "/v1/documents/" + id);
            for (const auto& item : operation.at("items").as_array())
                page.request("DELETE", "/v1/documents/" + std::string(item.as_object().at("documentId").as_string()));
            if (batch == batches / 10) memory_at_start = resident(agent.agent().pid());
        }
        const std::size_t tenth = std::max<std::size_t>(1, per_batch.size() / 10);
        const double early = median({per_batch.begin(), per_batch.begin() + static_cast<std::ptrdiff_t>(tenth)}),
                     late = median({per_batch.end() - static_cast<std::ptrdiff_t>(tenth), per_batch.end()});
        const double memory = resident(agent.agent().pid());
        remark(std::to_string(batches * 100) + " documents: first tenth " + milliseconds(early / 100) + " each, last tenth " +
               milliseconds(late / 100) + "; agent " + std::to_string(memory_at_start) + " → " + std::to_string(memory) + " MiB");
        bars.push_back({"3", std::to_string(batches * 100) + " documents: time of the last tenth against the first", late / early, 1.2, "ratio"});
        bars.push_back(
            {"3", std::to_string(batches * 100) + " documents: memory the agent gained after the first tenth", memory - memory_at_start, 4, "MiB"});
    }
    return bars;
}

std::vector<Bar> a_large_document(const Options& options) {
    RunningAgent agent(site("rsa2048"));
    Page page(agent.port(), origin());
    auto token = direct(agent);
    page.sign(raw_batch(1, "warm"));
    const auto file = agent.folder() / "large.pdf", copy = agent.folder() / "copy.pdf";
    const auto made = test::run_command("/usr/bin/python3 " + test::quoted(fs::path(JURUKUNCI_SOURCE_DIR) / "tests/data/pdf/big.py") + " " +
                                        test::quoted(file) + " " + (options.quick ? "20" : "200"));
    if (made.exit_code != 0) throw std::runtime_error(made.text);
    const int pid = agent.agent().pid();
    std::vector<double> floors, ours, up, sign, down;
    std::map<std::string, double> peaks;
    for (int round = 0; round < (options.quick ? 1 : 3); ++round) {
        double before = own_processor_seconds();
        hash_and_copy(file, copy);
        token.sequence();
        floors.push_back(own_processor_seconds() - before);
        {
            PeakWatch watch(pid);
            before = processor_seconds(pid);
            const auto document = page.upload_file(file);
            const double uploaded = processor_seconds(pid);
            const auto operation = page.sign(pdf_batch({document}));
            if (operation.at("done").to_number<int>() != 1) throw std::runtime_error(boost::json::serialize(operation));
            const double is_signed = processor_seconds(pid);
            const auto result = std::string(operation.at("items").as_array().at(0).as_object().at("documentId").as_string());
            const auto size = page.download(result);
            if (size <= fs::file_size(file)) throw std::runtime_error("the result is not whole");
            const double all = processor_seconds(pid);
            up.push_back(uploaded - before), sign.push_back(is_signed - uploaded), down.push_back(all - is_signed);
            ours.push_back(all - before);
            for (const auto& [name, peak] : watch.stop()) peaks[name] = std::max(peaks[name], peak);
            page.request("DELETE", "/v1/documents/" + document);
            page.request("DELETE", "/v1/documents/" + result);
        }
    }
    remark("SHA-256 + copy + sequence " + milliseconds(median(floors)) + " of processor time; all our processes " + milliseconds(median(ours)) +
           " (upload " + milliseconds(median(up)) + ", sign " + milliseconds(median(sign)) + ", download " + milliseconds(median(down)) + ")");
    std::vector<Bar> bars{{"4", "200 MB PDF: processor time of all our processes, upload to download, against SHA-256 + copy + sequence",
                           median(ours) / median(floors), 1.5, "ratio"}};
    for (const auto& [name, peak] : peaks) bars.push_back({"4", "200 MB PDF: peak memory of " + name, peak, 48, "MiB"});
    return bars;
}

std::vector<Bar> syncs_per_consent(const Options&) {
    RunningAgent agent(site("p256"));
    Page page(agent.port(), origin());
    page.sign(raw_batch(1, "warm"));
    const auto syncs_of = [&](std::size_t items) {
        const auto trace = agent.folder() / ("syncs-" + std::to_string(items));
        auto strace =
            test::Process::start({"strace", "-f", "-e", "trace=fsync,fdatasync", "-o", trace.string(), "-p", std::to_string(agent.agent().pid())}, {},
                                 agent.folder() / ("strace-" + std::to_string(items) + ".log"));
        if (!strace.says("attached")) throw std::runtime_error("strace: " + strace.output());
        page.sign(raw_batch(items, std::to_string(items)));
        strace.signal(SIGINT);
        strace.wait(5000);
        std::ifstream lines(trace);
        int count = 0;
        for (std::string line; std::getline(lines, line);) count += line.find("sync(") != std::string::npos;
        return count;
    };
    const int one = syncs_of(1), hundred = syncs_of(100);
    remark("fsyncs of one operation: " + std::to_string(one) + " with one item, " + std::to_string(hundred) +
           " with a hundred (the consent before signing, the end before \"done\")");
    return {{"6", "fsyncs of a consent over 100 items, beyond those of a consent over one", static_cast<double>(hundred - one), 0, "fsyncs"},
            {"6", "fsyncs of an operation of one item", static_cast<double>(one), 2, "fsyncs"}};
}

std::vector<Bar> start_and_rest(const Options& options) {
    const test::ScratchFolder folder;
    auto wish = site("p256");
    const auto made = test::TestSite::create(folder.path() / "site", wish);
    DirectToken token(test::softhsm_module(), made.token().conf(), made.token().serial(), "uji-1234");
    std::vector<double> listening, first, sequences, agent_memory, worker_memory;
    for (int round = 0; round < (options.quick ? 3 : 15); ++round) {
        sequences.push_back(token.sequence());
        fs::remove(made.folder() / "run/jurukunci/port");
        auto prompter_log = folder.path() / ("prompter-" + std::to_string(round));
        const auto start = Clock::now();
        auto agent = test::Process::start({test::program("jurukuncid"), "--port", "17845"}, made.environment(), folder.path() / "agent.log");
        // The port is fixed here, so that a connection is the sign: no file system in between.
        std::unique_ptr<test::RawConnection> connection;
        while (since(start) < 5) {
            connection = std::make_unique<test::RawConnection>(17845);
            if (connection->send("GET /v1/hello HTTP/1.1\r\nHost: 127.0.0.1:17845\r\nOrigin: " + origin() + "\r\n\r\n")) break;
        }
        if (connection->receive().status != 200) throw std::runtime_error("the agent did not start on port 17845: " + agent.output());
        listening.push_back(since(start));
        auto prompter = test::Process::start({test::program("jurukunci-test-prompter"), "--pin-file", made.pin_file().string(), "yes"},
                                             made.environment(), prompter_log);
        Page page(17845, origin());
        while (page.request("GET", "/v1/status").body.find("\"prompter\":\"present\"") == std::string::npos)
            std::this_thread::sleep_for(std::chrono::microseconds(200));
        page.sign(raw_batch(1, std::to_string(round)));
        first.push_back(since(start));
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        agent_memory.push_back(resident(agent.pid()));
        worker_memory.push_back(resident(children_named(agent.pid(), "jurukunci-worke")));
        agent.signal(SIGTERM);
        agent.wait(5000);
    }
    remark("start to the first answer " + milliseconds(median(listening)) + ", to the first signature " + milliseconds(median(first)) +
           " (sequence " + milliseconds(median(sequences)) + ", the test prompter's own start included)");
    return {{"7", "start to listening and answering", median(listening) * 1000, 30, "ms"},
            {"7", "start to the first signature, beyond one sequence", (median(first) - median(sequences)) * 1000, 60, "ms"},
            {"7", "memory at rest: agent", median(agent_memory), 15, "MiB"},
            {"7", "memory at rest: worker", median(worker_memory), 10, "MiB"}};
}

} // namespace jk::bench
