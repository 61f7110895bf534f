// Application: what one C_Initialize began: the connection to the agent, slots, sessions, logins and objects of this program. Everything it
// knows of tokens came from the agent; when the agent goes, sessions and logins go with it, and the next question connects anew.
// Owner: entry.cpp. Any thread: m_mutex guards the tables and is never held while the agent is asked.
#pragma once
#include "pkcs11/client/connection.hpp"
#include "pkcs11/module/attributes.hpp"
#include "pkcs11/module/key_operation.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace jk::pkcs11::module {

using client::Connection;

/// A place where a token was seen once, or the one place that is kept free for the next.
struct Slot {
    TokenId token;
    frames::Token facts;
    bool present = false, logged_in = false;
    bool event_seen = true; ///< the program has been told of the last change
};

struct StoredObject {
    CK_SLOT_ID slot = 0;
    frames::Object object;
};
using ObjectRef = std::shared_ptr<const StoredObject>;

enum class Access { read_only, read_write };

struct Session {
    Session(CK_SLOT_ID at, Access wanted) : slot(at), access(wanted) {}
    const CK_SLOT_ID slot;
    const Access access; ///< as the program asked; a token is never written to
    std::mutex one_call; ///< operations of one session never mix
    std::optional<std::vector<CK_OBJECT_HANDLE>> found;
    std::optional<SignOperation> sign;
    std::optional<DecryptOperation> decrypt;
    std::optional<VerifyOperation> verify;
    HashPtr digest;
};
using SessionRef = std::shared_ptr<Session>;

class Application {
public:
    using Fill = std::function<void(ipc::Writer&)>;
    using Read = std::function<void(ipc::Reader&)>;
    /// Asks the agent. CKR_DEVICE_REMOVED, and no session is left, when it is gone.
    CK_RV ask(frames::Ask what, const Fill& fill, const Read& read = {});

    /// One private-key operation. The agent asks the person where its windows do not cover it.
    CK_RV use(CK_SLOT_ID slot, const KeyTask& task, Bytes& result);

    /// Looks at the tokens anew. Without an agent there are none.
    CK_RV refresh();
    CK_ULONG slot_count();
    /// CKR_SLOT_ID_INVALID; the free place is a slot without a token.
    CK_RV slot(CK_SLOT_ID id, Slot& copy);
    /// A slot whose token came or went and that the program was not told of; marks it as told.
    std::optional<CK_SLOT_ID> take_event();

    CK_RV open_session(CK_SLOT_ID slot, Access access, CK_SESSION_HANDLE& handle);
    SessionRef session(CK_SESSION_HANDLE handle);
    CK_RV close_session(CK_SESSION_HANDLE handle);
    CK_RV close_all(CK_SLOT_ID slot);
    CK_RV login(CK_SLOT_ID slot);
    CK_RV logout(CK_SLOT_ID slot);
    bool logged_in(CK_SLOT_ID slot);

    /// Asks the agent for the token's objects and gives those that match.
    CK_RV find(CK_SLOT_ID slot, std::span<const CK_ATTRIBUTE> pattern, std::vector<CK_OBJECT_HANDLE>& found);
    /// Null for a handle that is not, or no longer, to be seen on this slot.
    ObjectRef object(CK_SLOT_ID slot, CK_OBJECT_HANDLE handle);
    /// A secret that this session's program derived. It lives here, in the program, until the session, the login or the program ends it.
    CK_RV keep_secret(CK_SESSION_HANDLE session, CK_SLOT_ID slot, frames::Object secret, CK_OBJECT_HANDLE& handle);
    /// CKR_TOKEN_WRITE_PROTECTED for what is on the token.
    CK_RV destroy(CK_SLOT_ID slot, CK_OBJECT_HANDLE handle);
    /// The certificate object that a key belongs to.
    ObjectRef certificate_of(const StoredObject& key);

    /// Whoever waits for the agent gets an end.
    void shut();

private:
    std::shared_ptr<Connection> connected(bool may_connect);
    void forget(const std::shared_ptr<Connection>& gone);
    void take_tokens(std::vector<frames::Token> tokens);
    void end_sessions(CK_SLOT_ID slot);
    void hide_private(CK_SLOT_ID slot);
    void drop_secrets(CK_SLOT_ID slot);
    bool has_sessions(CK_SLOT_ID slot) const;
    TokenId token_of(CK_SLOT_ID slot);

    std::mutex m_mutex, m_connecting;
    std::shared_ptr<Connection> m_connection;
    bool m_shut = false;
    std::vector<Slot> m_slots;
    std::map<CK_SESSION_HANDLE, SessionRef> m_sessions;
    CK_SESSION_HANDLE m_next_session = 1;
    std::map<CK_OBJECT_HANDLE, ObjectRef> m_objects;
    struct DerivedSecret {
        CK_SESSION_HANDLE session = 0;
        ObjectRef object;
    };
    std::map<CK_OBJECT_HANDLE, DerivedSecret> m_secrets;
    std::map<std::string, CK_OBJECT_HANDLE> m_handles; ///< of objects seen so far: they keep their number
    CK_OBJECT_HANDLE m_next_object = 1;
};

} // namespace jk::pkcs11::module
