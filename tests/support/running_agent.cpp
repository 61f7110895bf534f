#include "tests/support/running_agent.hpp"

#include "jurukunci/encoding.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <arpa/inet.h>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

namespace jk::test {
namespace {

std::string lower(std::string text) {
    for (auto& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

} // namespace

std::string program(const std::string& name) { return std::string(JURUKUNCI_BIN_DIR) + "/" + name; }
std::string fresh_nonce() { return to_base64(bytes_of(random_id(24))); }

std::filesystem::path letter(const std::string& name) { return std::filesystem::path(JURUKUNCI_SOURCE_DIR) / "web/demo/letters" / name; }

json::object HttpAnswer::json() const {
    boost::system::error_code ec;
    auto value = json::parse(body, ec);
    return !ec && value.is_object() ? value.as_object() : json::object();
}

std::string HttpAnswer::error_code() const {
    const auto o = json();
    const auto* error = o.if_contains("error");
    return error != nullptr && error->is_object() ? std::string(error->as_object().at("code").as_string()) : std::string();
}

RawConnection::RawConnection(unsigned short port) : m_fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(m_fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        close(m_fd);
        m_fd = -1;
    }
}

RawConnection::~RawConnection() {
    if (m_fd >= 0) close(m_fd);
}

bool RawConnection::send(const std::string& bytes) {
    m_asked_for_header = bytes.starts_with("HEAD ");
    for (std::size_t sent = 0; sent < bytes.size();) {
        const auto n = ::send(m_fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (n <= 0) return false;
        sent += static_cast<std::size_t>(n);
    }
    return true;
}

void RawConnection::finish() { shutdown(m_fd, SHUT_WR); }

std::string RawConnection::receive_all(int seconds) {
    auto all = std::exchange(m_buffer, {});
    for (const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds); std::chrono::steady_clock::now() < until;) {
        pollfd waiting{m_fd, POLLIN, 0};
        if (poll(&waiting, 1, 100) != 1) continue;
        char buffer[65536];
        const auto n = recv(m_fd, buffer, sizeof buffer, 0);
        if (n <= 0) break;
        all.append(buffer, static_cast<std::size_t>(n));
    }
    return all;
}

bool RawConnection::closed_within(int seconds) {
    for (const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds); std::chrono::steady_clock::now() < until;) {
        pollfd waiting{m_fd, POLLIN, 0};
        if (poll(&waiting, 1, 100) != 1) continue;
        char buffer[4096];
        if (recv(m_fd, buffer, sizeof buffer, 0) <= 0) return true;
    }
    return false;
}

HttpAnswer RawConnection::receive(int seconds) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    const auto more = [&] {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
        pollfd waiting{m_fd, POLLIN, 0};
        char buffer[65536];
        if (left <= 0 || poll(&waiting, 1, static_cast<int>(left)) != 1) return false;
        const auto n = recv(m_fd, buffer, sizeof buffer, 0);
        if (n <= 0) return false;
        m_buffer.append(buffer, static_cast<std::size_t>(n));
        return true;
    };
    HttpAnswer answer;
    std::size_t end = std::string::npos;
    while ((end = m_buffer.find("\r\n\r\n")) == std::string::npos)
        if (!more()) return answer;
    std::istringstream head(m_buffer.substr(0, end));
    std::string line, version;
    std::getline(head, line);
    std::istringstream(line) >> version >> answer.status;
    while (std::getline(head, line)) {
        const auto colon = line.find(": ");
        if (colon != std::string::npos)
            answer.headers[lower(line.substr(0, colon))] = line.substr(colon + 2, line.size() - colon - 3 + (line.back() == '\r' ? 0 : 1));
    }
    const auto length = !m_asked_for_header && answer.headers.contains("content-length") ? std::stoul(answer.headers["content-length"]) : 0;
    while (m_buffer.size() < end + 4 + length)
        if (!more()) return {};
    answer.body = m_buffer.substr(end + 4, length);
    m_buffer.erase(0, end + 4 + length);
    return answer;
}

std::uint64_t RawConnection::receive_and_discard() {
    std::string chunk(1 << 20, '\0');
    std::size_t end = std::string::npos;
    while ((end = m_buffer.find("\r\n\r\n")) == std::string::npos) {
        const auto n = recv(m_fd, chunk.data(), chunk.size(), 0);
        if (n <= 0) return 0;
        m_buffer.append(chunk.data(), static_cast<std::size_t>(n));
    }
    const auto length_at = lower(m_buffer.substr(0, end)).find("content-length: ");
    const auto length = length_at == std::string::npos ? 0 : std::stoull(m_buffer.substr(length_at + 16));
    auto got = m_buffer.size() - end - 4;
    m_buffer.clear();
    while (got < length) {
        const auto n = recv(m_fd, chunk.data(), std::min<std::size_t>(chunk.size(), length - got), 0);
        if (n <= 0) return got;
        got += static_cast<std::size_t>(n);
    }
    return got;
}

RunningAgent::RunningAgent(const SiteWish& wish, const std::vector<std::string>& prompter_steps)
    : m_site(TestSite::create(m_folder.path() / "site", wish)) {
    start_agent();
    if (!prompter_steps.empty()) start_prompter(prompter_steps);
}

RunningAgent::~RunningAgent() {
#ifdef JURUKUNCI_SANITIZED
    m_prompter.reset();
    if (m_agent && !m_agent->wait(0)) {
        m_agent->signal(SIGTERM);
        m_agent->wait(30'000);
    }
    const auto log = read_file(m_folder.path() / "agent.log");
    if (log.find("Sanitizer") == std::string::npos && log.find("runtime error:") == std::string::npos) return;
    std::fprintf(stderr, "%s\n", log.c_str());
    std::_Exit(66);
#endif
}

void RunningAgent::start_agent(const std::string& port) {
    m_agent.reset();
    std::filesystem::remove(m_site.folder() / "run/jurukunci/port");
    m_agent.emplace(Process::start({program("jurukuncid"), "--port", port}, m_site.environment(), m_folder.path() / "agent.log"));
    for (int i = 0; i < 1000 && !m_agent->wait(0); ++i) {
        std::ifstream file(m_site.folder() / "run/jurukunci/port");
        if (file >> m_port) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    throw std::runtime_error("the agent did not start: " + m_agent->output());
}

void RunningAgent::start_prompter(const std::vector<std::string>& steps) {
    const auto output = m_folder.path() / ("prompter-" + std::to_string(++m_requests) + ".log");
    std::vector<std::string> arguments{program("jurukunci-test-prompter"), "--pin-file", m_site.pin_file().string(), "--log",
                                       (m_folder.path() / "shown").string()};
    arguments.insert(arguments.end(), steps.begin(), steps.end());
    m_prompter.reset();
    m_prompter.emplace(Process::start(arguments, m_site.environment(), output));
    if (!m_prompter->says("registered", 20'000)) throw std::runtime_error("the prompter did not register: " + m_prompter->output());
}

void RunningAgent::stop_prompter() { m_prompter.reset(); }

std::vector<json::object> RunningAgent::shown(std::size_t at_least) const {
    for (int i = 0;; ++i) {
        std::vector<json::object> all;
        std::ifstream log(m_folder.path() / "shown");
        for (std::string line; std::getline(log, line);) {
            boost::system::error_code half_written;
            auto value = json::parse(line, half_written);
            if (!half_written) all.push_back(value.as_object());
        }
        if (all.size() >= at_least || i == 1500) return all;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

int RunningAgent::module_calls(const std::string& function) const {
    std::ifstream lines(m_site.unruly_log());
    int count = 0;
    for (std::string line; std::getline(lines, line);) count += line == function;
    return count;
}

void RunningAgent::order_module(const std::string& text) { std::ofstream(m_site.unruly_control()) << text; }

std::string RunningAgent::token() {
    auto& token = m_tokens[origin + std::to_string(m_port)];
    if (token.empty()) {
        RawConnection connection(m_port);
        const std::string body = R"({"nonce":")" + fresh_nonce() + "\"}";
        connection.send("POST /v1/session HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(m_port) + "\r\nOrigin: " + origin +
                        "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        const auto answer = connection.receive();
        if (answer.status != 200) throw std::runtime_error("session: " + answer.body);
        token = answer.json().at("token").as_string();
    }
    return token;
}

HttpAnswer RunningAgent::request(const std::string& method, const std::string& path, const std::string& body, const std::string& type) {
    RawConnection connection(m_port);
    std::string head = method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(m_port) + "\r\nOrigin: " + origin +
                       "\r\nAuthorization: Bearer " + token() + "\r\n";
    if (method == "POST") head += "Content-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    connection.send(head + "\r\n" + body);
    return connection.receive();
}

std::string RunningAgent::upload(const std::filesystem::path& file) {
    const auto answer = request("POST", "/v1/documents", read_file(file), "application/pdf");
    if (answer.status != 201) throw std::runtime_error("upload: " + answer.body);
    return std::string(answer.json().at("id").as_string());
}

json::object RunningAgent::sign_request(json::array items, const std::string& format) const {
    json::object o{{"requestId", random_id(12)}, {"format", format}, {"purpose", "tte"}, {"taskKind", "email"}, {"items", std::move(items)}};
    if (format != "RAW") o["level"] = format + "_BASELINE_B";
    return o;
}

json::object RunningAgent::wait_for(const std::string& operation) {
    json::object last;
    for (int i = 0; i < 200; ++i) {
        const auto seen = last.contains("revision") ? "&seen=" + std::to_string(last.at("revision").to_number<std::uint64_t>()) : std::string();
        const auto answer = request("GET", "/v1/operations/" + operation + "?wait=30" + (last.empty() ? "&seen=0" : seen));
        if (answer.status != 200) throw std::runtime_error("operation: " + answer.body);
        last = answer.json();
        const auto state = last.at("state").as_string();
        if (state == "done" || state == "refused" || state == "cancelled" || state == "failed") return last;
    }
    throw std::runtime_error("the operation did not end");
}

json::object RunningAgent::sign(const json::object& body) {
    const auto answer = request("POST", "/v1/signatures", json::serialize(body));
    if (answer.status != 202) throw std::runtime_error("sign: " + std::to_string(answer.status) + " " + answer.body);
    return wait_for(std::string(answer.json().at("operation").as_object().at("id").as_string()));
}

json::object RunningAgent::sign_document(const std::filesystem::path& file) {
    json::object item{{"name", file.filename().string()}, {"documentId", upload(file)}};
    json::array items;
    items.push_back(std::move(item));
    return sign(sign_request(std::move(items)));
}

Ran RunningAgent::cli(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), program("jurukunci"));
    return run_program(arguments, m_site.environment(), m_folder.path());
}

std::vector<std::string> RunningAgent::log_kinds() {
    // The newest rows are in the tail for a moment; an agent that was killed leaves them there.
    std::error_code none;
    const int patience = m_agent && !m_agent->wait(0) ? 1000 : 100;
    for (int i = 0; i < patience && std::filesystem::file_size(m_site.state() / "audit.tail", none) > 0 && !none; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    SQLite::Database database((m_site.state() / "audit.db").string(), SQLite::OPEN_READONLY, 2000);
    SQLite::Statement rows(database, "SELECT kind FROM log ORDER BY row");
    std::vector<std::string> kinds;
    while (rows.executeStep()) kinds.push_back(rows.getColumn(0).getString());
    return kinds;
}

} // namespace jk::test
