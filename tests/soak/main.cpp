// jurukunci-soak [SECONDS] [--clients N]: many pages at once for a long time, and whether the agent and its children stay as large as they were.
// Uploads, PAdES and RAW signatures with a scripted person, long polls, cancels, downloads, verifications, and errors of every kind. Every answer
// is compared with what must come; anything else is counted and told. Exit code 1 where something was wrong or grew.
#include "jurukunci/digest.hpp"
#include "jurukunci/encoding.hpp"
#include "tests/support/process_facts.hpp"
#include "tests/support/running_agent.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <sstream>
#include <thread>

namespace jk::test {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr int origins = 8; ///< several pages each: an origin has two unfinished operations at most

std::string origin_of(int i) { return "https://kantor-" + std::to_string(i % origins) + ".example"; }

class Tally {
public:
    void count(const std::string& what) {
        const std::lock_guard one(m_mutex);
        ++m_counts[what];
    }
    void wrong(const std::string& what) {
        const std::lock_guard one(m_mutex);
        if (++m_wrong <= 20) std::fprintf(stderr, "not as it must be: %s\n", what.substr(0, 400).c_str());
    }
    std::map<std::string, long> counts() const { return m_counts; }
    long wrongs() const { return m_wrong; }

private:
    std::mutex m_mutex;
    std::map<std::string, long> m_counts;
    long m_wrong = 0;
};

/// One page: a connection that it keeps, a session, and work in an order of its own.
class Page {
public:
    Page(unsigned short port, int number, Tally& tally)
        : m_port(port), m_origin(origin_of(number)), m_random(static_cast<unsigned>(number)), m_tally(tally) {}

    void live(Clock::time_point until) {
        while (Clock::now() < until) {
            if (m_token.empty()) open_session();
            if (m_token.empty()) continue; // its answer was lost, and with it the nonce
            const auto turn = m_random() % 100;
            if (turn < 25)
                sign_pdf();
            else if (turn < 45)
                sign_hashes();
            else if (turn < 52)
                cancel();
            else if (turn < 62)
                look_around();
            else if (turn < 70)
                large_upload();
            else if (turn < 76)
                verify();
            else if (turn < 82)
                hang_up();
            else if (turn < 86)
                m_token.clear(); // a page that was loaded anew
            else
                errors();
        }
    }

private:
    std::string head(const std::string& line, const std::string& more = "") const {
        return line + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(m_port) + "\r\nOrigin: " + m_origin + "\r\n" +
               (m_token.empty() ? "" : "Authorization: Bearer " + m_token + "\r\n") + more;
    }
    HttpAnswer say(const std::string& bytes) {
        for (int attempt = 0; attempt < 2; ++attempt) { // a kept connection may have ended meanwhile, as a browser's may
            const bool fresh = !m_connection;
            if (fresh) m_connection = std::make_unique<RawConnection>(m_port);
            m_connection->send(bytes);
            auto answer = m_connection->receive(60);
            if (answer.status != 0) {
                const auto kept = answer.headers.find("connection");
                if (kept != answer.headers.end() && kept->second == "close") m_connection.reset();
                return answer;
            }
            m_connection.reset();
            if (fresh) break;
        }
        return {};
    }
    HttpAnswer get(const std::string& path) { return say(head("GET " + path) + "\r\n"); }
    HttpAnswer remove(const std::string& path) { return say(head("DELETE " + path) + "\r\n"); }
    HttpAnswer post(const std::string& path, const std::string& body, const std::string& type = "application/json") {
        return say(head("POST " + path, "Content-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n") + "\r\n" + body);
    }
    /// True when the status is one of those that may come. A session may end: an origin has twenty, and pages are loaded anew all the time.
    bool expect(const HttpAnswer& answer, std::initializer_list<int> statuses, const std::string& what) {
        if (answer.status == 401 && m_token != "x") {
            m_tally.count("a session gave way");
            m_token.clear();
            return false;
        }
        m_tally.count(what + " " + std::to_string(answer.status));
        if (std::ranges::find(statuses, answer.status) != statuses.end()) return true;
        m_tally.wrong(what + ": " + std::to_string(answer.status) + " " + answer.body);
        return false;
    }

    void open_session() {
        m_token.clear();
        const auto nonce = to_base64(sha256(bytes_of(random_id(16))).value());
        const auto answer = post("/v1/session", json::serialize(json::object{{"nonce", nonce}}));
        if (expect(answer, {200, 409}, "session") && answer.status == 200) m_token = answer.json().at("token").as_string();
    }
    std::string upload(const std::string& bytes, const std::string& type) {
        const auto answer = post("/v1/documents", bytes, type);
        return expect(answer, {201}, "upload") ? std::string(answer.json().at("id").as_string()) : std::string();
    }
    std::string letter_bytes() {
        static const char* names[] = {"nota-dinas.pdf", "undangan-rapat.pdf", "surat-keputusan.pdf"};
        std::ifstream in(letter(names[m_random() % 3]), std::ios::binary);
        std::stringstream all;
        all << in.rdbuf();
        return all.str();
    }
    json::object request(json::array items, const std::string& format) {
        json::object o{{"requestId", random_id(12)}, {"format", format}, {"purpose", "tte"}, {"taskKind", "email"}, {"items", std::move(items)}};
        if (format != "RAW") o["level"] = format + "_BASELINE_B";
        return o;
    }
    /// The operation at its end, or nothing where the origin had two others.
    std::optional<json::object> operate(const json::object& body, const std::string& what) {
        const auto answer = post("/v1/signatures", json::serialize(body));
        if (!expect(answer, {202, 429}, what) || answer.status == 429) {
            std::this_thread::sleep_for(200ms);
            return std::nullopt;
        }
        auto operation = answer.json().at("operation").as_object();
        const auto path = "/v1/operations/" + std::string(operation.at("id").as_string());
        for (int i = 0; i < 100; ++i) {
            const auto state = operation.at("state").as_string();
            if (state == "done" || state == "refused" || state == "cancelled" || state == "failed") {
                const auto* error = operation.at("error").if_object();
                const auto code = error != nullptr ? " " + std::string(error->at("code").as_string()) : std::string();
                m_tally.count(what + " " + std::string(state) + code);
                // What the scripted person does; a no after a wrong PIN ends as the wrong PIN.
                if (!code.empty() && code != " E-DIBATALKAN-PENANDA-TANGAN" && code != " E-PASSPHRASE-SALAH") m_tally.wrong(what + code);
                return operation;
            }
            const auto seen = operation.at("revision").to_number<std::uint64_t>();
            const auto poll = get(path + "?wait=30&seen=" + std::to_string(seen));
            if (!expect(poll, {200}, "poll")) return std::nullopt;
            operation = poll.json();
        }
        m_tally.wrong(what + ": does not end");
        return std::nullopt;
    }

    void sign_pdf() {
        json::array items;
        std::vector<std::string> uploaded;
        for (unsigned i = 0, count = 1 + m_random() % 3; i < count; ++i) {
            auto id = upload(letter_bytes(), "application/pdf");
            if (id.empty()) return;
            items.push_back(json::object{{"name", "surat.pdf"}, {"documentId", id}});
            if (m_random() % 2 == 0)
                items.back().as_object()["appearance"] = json::object{{"page", 1}, {"x", 60}, {"y", 60}, {"width", 200}, {"height", 70}};
            uploaded.push_back(std::move(id));
        }
        const auto ended = operate(request(std::move(items), "PAdES"), "sign PAdES");
        for (const auto& id : uploaded) expect(remove("/v1/documents/" + id), {204}, "release");
        if (!ended || ended->at("state").as_string() != "done") return;
        for (const auto& value : ended->at("items").as_array()) {
            const auto& item = value.as_object();
            const auto id = std::string(item.at("documentId").as_string());
            const auto content = get("/v1/documents/" + id + "/content");
            if (expect(content, {200}, "download") && sha256(bytes_of(content.body)).hex() != item.at("sha256").as_string())
                m_tally.wrong("a download's hash");
            if (m_random() % 3 != 0) expect(remove("/v1/documents/" + id), {204}, "release"); // the others wait for their time
        }
    }
    void sign_hashes() {
        json::array items;
        for (unsigned i = 0, count = 1 + m_random() % 20; i < count; ++i)
            items.push_back(json::object{{"name", "hash"}, {"hash", to_base64(sha256(bytes_of(random_id(8))).value())}});
        const auto count = items.size();
        const auto ended = operate(request(std::move(items), "RAW"), "sign RAW");
        if (ended && ended->at("state").as_string() == "done" && ended->at("done").to_number<std::uint64_t>() != count)
            m_tally.wrong("a batch is not whole");
    }
    void cancel() {
        json::array items{json::object{{"name", "hash"}, {"hash", to_base64(sha256(bytes_of("x")).value())}}};
        const auto answer = post("/v1/signatures", json::serialize(request(std::move(items), "RAW")));
        if (!expect(answer, {202, 429}, "sign, cancelled") || answer.status == 429) return;
        const auto path = "/v1/operations/" + std::string(answer.json().at("operation").as_object().at("id").as_string());
        expect(remove(path), {200, 409}, "cancel");
        expect(get(path + "?wait=5"), {200}, "poll");
    }
    void look_around() {
        expect(get("/v1/hello"), {200}, "hello");
        expect(get("/v1/status"), {200}, "status");
        expect(get("/v1/certificates"), {200}, "certificates");
        expect(get("/v1/operations"), {200}, "operations");
    }
    void large_upload() {
        const auto id = upload(std::string((1 + m_random() % 5) << 20, 'x'), "application/octet-stream");
        if (!id.empty()) expect(remove("/v1/documents/" + id), {204}, "release");
    }
    void verify() {
        const auto id = upload(letter_bytes(), "application/pdf");
        if (id.empty()) return;
        expect(post("/v1/verifications", json::serialize(json::object{{"documentId", id}})), {200}, "verify");
        expect(remove("/v1/documents/" + id), {204}, "release");
    }
    /// Half a request, or a whole one whose answer nobody waits for.
    void hang_up() {
        m_connection.reset();
        RawConnection connection(m_port);
        if (m_random() % 2 == 0)
            connection.send(head("POST /v1/documents", "Content-Type: application/pdf\r\nContent-Length: 100000\r\n") + "\r\n%PDF-1.7");
        else
            connection.send(head("GET /v1/certificates") + "\r\n");
        m_tally.count("hang up");
    }
    void errors() {
        switch (m_random() % 7) {
        case 0: return (void)expect(post("/v1/signatures", "{\"a\":"), {400}, "no JSON");
        case 1: return (void)expect(post("/v1/signatures", "{}", "text/plain"), {415}, "wrong type");
        case 2: return (void)expect(get("/v1/nothing"), {404}, "not found");
        case 3: return (void)expect(get("/v1/documents/d_nothing/content"), {404}, "no document");
        case 4: return (void)expect(post("/v1/signatures", std::string(50'000, '[')), {400}, "deep JSON");
        case 5: {
            const auto own = std::exchange(m_origin, "https://evil.example");
            expect(get("/v1/hello"), {403}, "unlisted origin");
            m_origin = own;
            return;
        }
        default: {
            const auto own = std::exchange(m_token, "x");
            expect(get("/v1/status"), {401}, "no session");
            m_token = own;
        }
        }
    }

    unsigned short m_port;
    std::string m_origin, m_token;
    std::minstd_rand m_random;
    Tally& m_tally;
    std::unique_ptr<RawConnection> m_connection;
};

struct Sample {
    double at = 0; ///< seconds
    long resident = 0;
    int descriptors = 0;
};

/// Agent, worker and document program: the children are the same processes from beginning to end, or one of them died.
class Watch {
public:
    explicit Watch(int agent) {
        m_processes.emplace_back("agent", agent);
        for (const int pid : descendants(agent)) {
            const auto name = name_of_process(pid);
            if (name.starts_with("jurukunci-work")) m_processes.emplace_back("worker", pid);
            if (name == "jurukunci-docum") m_processes.emplace_back("document program", pid);
            if (name == "jurukunci-start") m_processes.emplace_back("launcher", pid);
        }
    }
    void look(double at) {
        for (const auto& [name, pid] : m_processes) m_samples[name].push_back({at, resident_kib(pid), open_descriptors(pid)});
    }
    std::size_t processes() const { return m_processes.size(); }

    /// Prints the table; false where something grew or went away.
    bool report(double from) const {
        std::printf("\n%-18s %14s %14s %12s %12s\n", "", "KiB first", "KiB last", "fds first", "fds last");
        bool flat = true;
        for (const auto& [name, all] : m_samples) {
            std::vector<Sample> samples;
            for (const auto& sample : all)
                if (sample.at >= from) samples.push_back(sample);
            if (samples.size() < 8) return std::printf("too short for quarters\n"), true;
            const auto quarter = samples.size() / 4;
            const auto median = [&](std::size_t begin, auto of) {
                std::vector<long> values;
                for (std::size_t i = begin; i < begin + quarter; ++i) values.push_back(of(samples[i]));
                std::ranges::nth_element(values, values.begin() + static_cast<long>(values.size() / 2));
                return values[values.size() / 2];
            };
            const auto memory = [](const Sample& s) { return s.resident; };
            const auto descriptors = [](const Sample& s) { return static_cast<long>(s.descriptors); };
            const auto m0 = median(0, memory), m1 = median(samples.size() - quarter, memory);
            const auto d0 = median(0, descriptors), d1 = median(samples.size() - quarter, descriptors);
            const bool grew = m1 > m0 + m0 / 10 + 1024 || d1 > d0 + d0 / 10 + 4, gone = samples.back().resident == 0;
            std::printf("%-18s %14ld %14ld %12ld %12ld  %s\n", name.c_str(), m0, m1, d0, d1, gone ? "GONE" : grew ? "GREW" : "flat");
            flat = flat && !grew && !gone;
        }
        return flat;
    }

private:
    std::vector<std::pair<std::string, int>> m_processes;
    std::map<std::string, std::vector<Sample>> m_samples;
};

SiteWish site() {
    SiteWish wish;
    wish.applications.clear();
    for (int i = 0; i < origins; ++i) wish.applications.push_back({origin_of(i)});
    wish.raw_hashes = true;
    wish.parallel_sessions = 2;
    wish.limits = "{keep_minutes: 2, items_per_consent: 100}"; // what is kept reaches its level early
    return wish;
}

/// Mostly yes; now and then a no, something taken out, a wrong PIN that is then typed right.
std::vector<std::string> person() {
    std::vector<std::string> steps;
    for (int i = 0; i < 3000; ++i) {
        steps.emplace_back("yes");
        if (i % 9 == 4) steps.emplace_back("no");
        if (i % 13 == 6) steps.emplace_back("wrong");
    }
    steps.emplace_back("yes");
    return steps;
}

int soak(int seconds, int clients) {
    RunningAgent t(site(), person());
    Tally tally;
    { // every child is there before the first look
        t.origin = origin_of(0);
        if (t.sign_document(letter("nota-dinas.pdf")).at("state").as_string() != "done")
            return std::fprintf(stderr, "the first signature failed\n"), 1;
    }
    Watch watch(t.agent().pid());
    const auto begin = Clock::now();
    const auto until = begin + std::chrono::seconds(seconds);
    std::vector<std::thread> pages;
    for (int i = 0; i < clients; ++i)
        pages.emplace_back([&, i] {
            try {
                Page(t.port(), i, tally).live(until);
            } catch (const std::exception& e) {
                tally.wrong(std::string("a page ended: ") + e.what());
            }
        });
    while (Clock::now() < until) {
        std::this_thread::sleep_for(1s);
        watch.look(std::chrono::duration<double>(Clock::now() - begin).count());
    }
    for (auto& page : pages) page.join();
    const bool alive = !t.agent().wait(0).has_value();
    if (!alive) tally.wrong("the agent ended");
    if (t.cli({"audit", "verify"}).exit_code != 0) tally.wrong("the log does not verify");

    long requests = 0;
    for (const auto& [what, count] : tally.counts()) {
        std::printf("%-32s %9ld\n", what.c_str(), count);
        requests += count;
    }
    std::printf("%ld steps in %d s by %d pages; %ld not as they must be\n", requests, seconds, clients, tally.wrongs());
    const bool flat = watch.report(seconds / 5.0); // what is kept for a minute, caches and arenas fill first
    std::printf("medians of the first and the last quarter after the first fifth of the time: %s\n", flat ? "flat" : "NOT FLAT");
    return tally.wrongs() == 0 && flat ? 0 : 1;
}

} // namespace
} // namespace jk::test

int main(int argc, char** argv) {
    int seconds = 600, clients = 32;
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        if (argument == "--clients" && i + 1 < argc)
            clients = std::atoi(argv[++i]);
        else
            seconds = std::atoi(argument.c_str());
    }
    if (seconds < 1 || clients < 1) return std::fprintf(stderr, "jurukunci-soak [SECONDS] [--clients N]\n"), 2;
    return jk::test::soak(seconds, clients);
}
