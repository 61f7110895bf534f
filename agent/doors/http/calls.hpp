// The calls of the HTTP contract: each takes an understood request of a known origin and gives an answer.
#pragma once
#include "agent/documents/document_room.hpp"
#include "agent/doors/http/response.hpp"
#include "agent/doors/http/session_book.hpp"
#include "agent/gate/operations.hpp"
#include "jurukunci/token.hpp"

#include <functional>
#include <map>

namespace jk::doors {

/// What the door's calls reach. All outlive the door.
struct HttpRooms {
    const gate::Gate& gate;
    gate::Operations& operations;
    documents::DocumentRoom& documents;
    Token& token;           ///< for listing only: signing goes through operations
    const Consent& consent; ///< whether anybody could be asked
    SessionBook& sessions;
    const Clock& clock;
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
    Task<Outcome<Response>> sign(Call& call);
    Task<Outcome<Response>> operation(Call& call, const std::string& id);
    Outcome<Response> cancel(Call& call, const std::string& id);
    Task<Outcome<Response>> verify(Call& call);

    HttpRooms m_rooms;
};

} // namespace jk::doors
