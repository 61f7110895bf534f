// RunningAgent: the real agent on a test site, as its users meet it: HTTP on a free port, the control socket, a scripted person.
#pragma once
#include "tests/support/process.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/test_site.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <map>

namespace jk::test {

namespace json = boost::json;

struct HttpAnswer {
    int status = 0;                             ///< 0: the connection was closed or reset without an answer
    std::map<std::string, std::string> headers; ///< lower-case names
    std::string body;
    json::object json() const; ///< empty if the body is none
    std::string error_code() const;
};

/// One blocking connection to 127.0.0.1; raw bytes out, one answer in.
class RawConnection {
public:
    explicit RawConnection(unsigned short port);
    ~RawConnection();
    RawConnection(const RawConnection&) = delete;
    RawConnection& operator=(const RawConnection&) = delete;
    bool send(const std::string& bytes);
    HttpAnswer receive(int seconds = 40);
    /// Body bytes of one answer, read and thrown away.
    std::uint64_t receive_and_discard();
    /// No more will be sent; the agent sees the end after the last byte.
    void finish();
    /// Every byte up to the agent's end of the connection, or what came in `seconds`.
    std::string receive_all(int seconds);
    bool connected() const { return m_fd >= 0; }
    /// True when the agent closes within `seconds`.
    bool closed_within(int seconds);

private:
    int m_fd = -1;
    bool m_asked_for_header = false; ///< HEAD: a length is told, and no body comes
    std::string m_buffer;
};

class RunningAgent {
public:
    explicit RunningAgent(const SiteWish& wish = {}, const std::vector<std::string>& prompter_steps = {"yes"});

    RunningAgent(const RunningAgent&) = delete;
    RunningAgent& operator=(const RunningAgent&) = delete;
    ~RunningAgent(); ///< in a sanitizer build the agent ends in order, and a report of it or of a child ends the test

    void start_agent(const std::string& port = "0");
    void start_prompter(const std::vector<std::string>& steps);
    void stop_prompter();
    unsigned short port() const { return m_port; }
    Process& agent() { return *m_agent; }
    const TestSite& site() const { return m_site; }
    std::filesystem::path folder() const { return m_folder.path(); }
    /// What the scripted person was shown, one JSON object per question or closing. Waits until there are so many: the page may know before the person.
    std::vector<json::object> shown(std::size_t at_least = 0) const;
    int module_calls(const std::string& function) const; ///< with the unruly module
    void order_module(const std::string& text);

    // As a page of `origin` does it:
    std::string origin = "https://eoffice.example";
    HttpAnswer request(const std::string& method, const std::string& path, const std::string& body = "",
                       const std::string& type = "application/json");
    std::string upload(const std::filesystem::path& file);
    json::object sign_request(json::array items, const std::string& format = "PAdES") const;
    /// Posts and polls to the end.
    json::object sign(const json::object& request);
    json::object sign_document(const std::filesystem::path& file);
    json::object wait_for(const std::string& operation);
    std::string token();

    Ran cli(std::vector<std::string> arguments);
    std::vector<std::string> log_kinds();

private:
    ScratchFolder m_folder;
    TestSite m_site;
    std::optional<Process> m_agent, m_prompter;
    unsigned short m_port = 0;
    std::map<std::string, std::string> m_tokens; ///< by origin
    int m_requests = 0;
};

/// What `jurukunci` and friends are called in the build folder.
std::string program(const std::string& name);
std::filesystem::path letter(const std::string& name);
/// As an application's server makes it: 32 bytes in base64.
std::string fresh_nonce();

} // namespace jk::test
