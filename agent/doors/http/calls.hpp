// The calls of the HTTP contract: each takes an understood request of a known origin and gives an answer.
#pragma once
#include "agent/documents/document_room.hpp"
#include "agent/doors/http/nonce_book.hpp"
#include "agent/doors/http/response.hpp"
#include "agent/doors/http/session_book.hpp"
#include "agent/gate/enrolments.hpp"
#include "agent/gate/operations.hpp"
#include "agent/gate/provisioning.hpp"
#include "jurukunci/token.hpp"
#include "jurukunci/token_changes.hpp"

#include <functional>
#include <map>

namespace jk::doors {

/// What the door's calls reach. All outlive the door.
struct HttpRooms {
    const gate::Gate& gate;
    gate::Operations& operations;
    gate::Enrolments& enrolments;
    documents::DocumentRoom& documents;
    Token& token;           ///< for listing only: signing goes through operations
    TokenChanges& changes;  ///< whether tokens came or went
    const Consent& consent; ///< whether anybody could be asked
    SessionBook& sessions;
    const AgentProof& proof;
    const Clock& clock;
    gate::Provisioning& provisioning;
};

/// One request, after the checks that every request passes.
struct Call {
    http::verb method = http::verb::unknown;
    std::string path; ///< without the query
    std::map<std::string, std::string> query;
    CallerIdentity caller;
    Language language = Language::indonesian;
    unsigned short port = 0;
    std::optional<json::value> body;
    std::function<bool()> hung_up; ///< has the peer gone away meanwhile?
};

enum class BodyKind { none, json, document };

struct Route {
    http::verb method;
    std::string_view pattern; ///< "*" stands for one identifier
    BodyKind body;
    bool needs_session;
};

/// A query parameter that is a whole number; taken out of the query, so that what is left is unknown.
Outcome<std::uint64_t> query_number(Call& call, const std::string& name, std::uint64_t most, std::uint64_t fallback);
Outcome<void> no_more_query(const Call& call);
/// {name: value}
json::object named(std::string_view name, json::value value);

/// The route of method and path; 404 or 405 as an error.
Outcome<const Route*> find_route(http::verb method, std::string_view path);

class Calls {
public:
    explicit Calls(HttpRooms rooms) : m_rooms(rooms) {}
    /// Everything but the upload of a document.
    Task<Response> answer(const Route& route, Call call);
    Task<Response> received(Call call, documents::Upload upload);
    HttpRooms& rooms() { return m_rooms; }

private:
    Task<Outcome<Response>> dispatch(const Route& route, Call& call);
    Outcome<Response> open_session(Call& call);
    Outcome<Response> enrol(Call& call);
    Task<Outcome<Response>> enrolment(Call& call, const std::string& id);
    Outcome<Response> cancel_enrolment(Call& call, const std::string& id);
    Task<Outcome<Response>> authenticate(Call& call);
    Task<Outcome<Response>> sign(Call& call);
    Outcome<void> check_order(const SignRequest& request, const std::map<std::size_t, Bytes>& inline_content) const;
    Task<Outcome<Response>> status(Call& call);
    Task<Outcome<Response>> operation(Call& call, const std::string& id);
    Outcome<Response> cancel(Call& call, const std::string& id);
    Task<Outcome<Response>> verify(Call& call);
    /// All of /v1/provisioning: only for origins that the registry marks as RA.
    Task<Outcome<Response>> provisioning(const Route& route, Call& call, std::string id);
    Task<Outcome<Response>> follow_provisioning(Call& call, std::string id);

    HttpRooms m_rooms;
    NonceBook m_nonces;
};

} // namespace jk::doors
