#include "pkcs11/module/application.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace jk::pkcs11::module {
namespace {

constexpr std::size_t most_sessions = 1024, most_slots = 256, most_secrets = 256;

std::string name_of(CK_SLOT_ID slot, const frames::Object& object) {
    const auto id = object.certificate.sha256.value();
    return std::to_string(slot) + "/" + std::to_string(number_of(object, CKA_CLASS, CKO_DATA)) + "/" + std::string(text_of(id));
}

} // namespace

std::shared_ptr<Connection> Application::connected(bool may_connect) {
    const std::lock_guard one(m_connecting);
    std::shared_ptr<Connection> known;
    {
        const std::lock_guard lock(m_mutex);
        if (m_shut) return nullptr;
        known = m_connection;
    }
    if (known && !known->lost()) return known;
    if (known) forget(known);
    if (!may_connect) return nullptr;
    auto fresh = Connection::open();
    const std::lock_guard lock(m_mutex);
    return m_connection = std::move(fresh);
}

/// The agent is gone: what it gave is worth nothing any more.
void Application::forget(const std::shared_ptr<Connection>& gone) {
    const std::lock_guard lock(m_mutex);
    if (m_connection != gone) return;
    m_connection.reset();
    m_sessions.clear();
    m_objects.clear();
    m_secrets.clear();
    for (auto& slot : m_slots) {
        slot.logged_in = false;
        if (std::exchange(slot.present, false)) slot.event_seen = false;
    }
}

CK_RV Application::ask(frames::Ask what, const Fill& fill, const Read& read) {
    const auto connection = connected(what == frames::Ask::tokens);
    if (!connection) return CKR_DEVICE_REMOVED;
    const auto id = connection->next_id();
    auto request = frames::start(id, what);
    if (fill) fill(request);
    const auto answer = connection->call(id, request.take());
    if (!answer) return forget(connection), CKR_DEVICE_REMOVED;
    ipc::Reader reader(*answer);
    const CK_RV result = reader.u64();
    if (result == CKR_OK && read) read(reader);
    if (!reader.end()) { // no agent of ours says this
        connection->shut();
        return forget(connection), CKR_DEVICE_ERROR;
    }
    return result;
}

CK_RV Application::use(CK_SLOT_ID slot, const KeyTask& task, Bytes& result) {
    const auto token = token_of(slot);
    return ask(
        frames::Ask::use,
        [&](ipc::Writer& writer) {
            frames::write(writer, token);
            frames::write(writer, task);
        },
        [&](ipc::Reader& reader) {
            const auto value = reader.bytes(frames::max_value);
            result.assign(value.begin(), value.end());
        });
}

void Application::take_tokens(std::vector<frames::Token> tokens) {
    const std::lock_guard lock(m_mutex);
    for (CK_SLOT_ID id = 0; id < m_slots.size(); ++id) {
        auto& slot = m_slots[id];
        const auto here = std::ranges::find(tokens, slot.token, &frames::Token::id);
        const bool present = here != tokens.end();
        if (present) slot.facts = *here;
        if (present == slot.present) continue;
        slot.present = present;
        slot.event_seen = false;
        if (!present) end_sessions(id);
    }
    for (auto& token : tokens) {
        const bool known = std::ranges::any_of(m_slots, [&](const auto& slot) { return slot.token == token.id; });
        if (known || m_slots.size() >= most_slots) continue;
        Slot slot;
        slot.token = token.id;
        slot.facts = std::move(token);
        slot.present = true;
        slot.event_seen = false;
        m_slots.push_back(std::move(slot));
    }
}

CK_RV Application::refresh() {
    std::vector<frames::Token> tokens;
    const CK_RV rv = ask(frames::Ask::tokens, {}, [&](ipc::Reader& reader) { tokens = frames::read_tokens(reader); });
    if (rv != CKR_OK) tokens.clear();
    take_tokens(std::move(tokens));
    return rv;
}

CK_ULONG Application::slot_count() {
    const std::lock_guard lock(m_mutex);
    return m_slots.size() + 1; // programs look at the number of slots once: the next new token needs a place that they know
}

CK_RV Application::slot(CK_SLOT_ID id, Slot& copy) {
    const std::lock_guard lock(m_mutex);
    if (id > m_slots.size()) return CKR_SLOT_ID_INVALID;
    copy = id < m_slots.size() ? m_slots[id] : Slot();
    return CKR_OK;
}

std::optional<CK_SLOT_ID> Application::take_event() {
    const std::lock_guard lock(m_mutex);
    for (CK_SLOT_ID id = 0; id < m_slots.size(); ++id)
        if (!std::exchange(m_slots[id].event_seen, true)) return id;
    return std::nullopt;
}

CK_RV Application::open_session(CK_SLOT_ID slot, Access access, CK_SESSION_HANDLE& handle) {
    const std::lock_guard lock(m_mutex);
    if (slot > m_slots.size()) return CKR_SLOT_ID_INVALID;
    if (slot == m_slots.size() || !m_slots[slot].present) return CKR_TOKEN_NOT_PRESENT;
    if (m_sessions.size() >= most_sessions) return CKR_SESSION_COUNT;
    handle = m_next_session++;
    m_sessions[handle] = std::make_shared<Session>(slot, access);
    return CKR_OK;
}

SessionRef Application::session(CK_SESSION_HANDLE handle) {
    (void)connected(false); // an agent that has gone takes its sessions with it, also before it is asked for something
    const std::lock_guard lock(m_mutex);
    const auto place = m_sessions.find(handle);
    return place != m_sessions.end() ? place->second : nullptr;
}

bool Application::has_sessions(CK_SLOT_ID slot) const {
    return std::ranges::any_of(m_sessions, [&](const auto& entry) { return entry.second->slot == slot; });
}

void Application::end_sessions(CK_SLOT_ID slot) {
    std::erase_if(m_sessions, [&](const auto& entry) { return entry.second->slot == slot; });
    std::erase_if(m_objects, [&](const auto& entry) { return entry.second->slot == slot; });
    drop_secrets(slot);
    m_slots[slot].logged_in = false;
}

CK_RV Application::close_session(CK_SESSION_HANDLE handle) {
    CK_SLOT_ID slot = 0;
    {
        const std::lock_guard lock(m_mutex);
        const auto place = m_sessions.find(handle);
        if (place == m_sessions.end()) return CKR_SESSION_HANDLE_INVALID;
        slot = place->second->slot;
        m_sessions.erase(place);
        std::erase_if(m_secrets, [&](const auto& entry) { return entry.second.session == handle; });
        if (has_sessions(slot) || !m_slots[slot].logged_in) return CKR_OK;
    }
    (void)logout(slot); // v2.40 5.6: the last session takes the login with it
    return CKR_OK;
}

CK_RV Application::close_all(CK_SLOT_ID slot) {
    {
        const std::lock_guard lock(m_mutex);
        if (slot > m_slots.size()) return CKR_SLOT_ID_INVALID;
        if (slot == m_slots.size() || !m_slots[slot].present) return CKR_TOKEN_NOT_PRESENT;
        std::erase_if(m_sessions, [&](const auto& entry) { return entry.second->slot == slot; });
        drop_secrets(slot);
        if (!m_slots[slot].logged_in) return CKR_OK;
    }
    (void)logout(slot);
    return CKR_OK;
}

TokenId Application::token_of(CK_SLOT_ID slot) {
    const std::lock_guard lock(m_mutex);
    return slot < m_slots.size() ? m_slots[slot].token : TokenId();
}

bool Application::logged_in(CK_SLOT_ID slot) {
    const std::lock_guard lock(m_mutex);
    return slot < m_slots.size() && m_slots[slot].logged_in;
}

CK_RV Application::login(CK_SLOT_ID slot) {
    if (logged_in(slot)) return CKR_USER_ALREADY_LOGGED_IN;
    const auto token = token_of(slot);
    const CK_RV rv = ask(frames::Ask::login, [&](ipc::Writer& writer) { frames::write(writer, token); });
    const std::lock_guard lock(m_mutex);
    if (rv == CKR_OK && slot < m_slots.size() && m_slots[slot].present) m_slots[slot].logged_in = true;
    return rv;
}

void Application::hide_private(CK_SLOT_ID slot) {
    m_slots[slot].logged_in = false;
    drop_secrets(slot);
    std::erase_if(m_objects, [&](const auto& entry) { return entry.second->slot == slot && flag_of(entry.second->object, CKA_PRIVATE); });
}

CK_RV Application::logout(CK_SLOT_ID slot) {
    const auto token = token_of(slot);
    {
        const std::lock_guard lock(m_mutex);
        if (slot >= m_slots.size() || !m_slots[slot].logged_in) return CKR_USER_NOT_LOGGED_IN;
        hide_private(slot);
    }
    return ask(frames::Ask::logout, [&](ipc::Writer& writer) { frames::write(writer, token); });
}

CK_RV Application::find(CK_SLOT_ID slot, std::span<const CK_ATTRIBUTE> pattern, std::vector<CK_OBJECT_HANDLE>& found) {
    const auto token = token_of(slot);
    std::vector<frames::Object> objects;
    const CK_RV rv = ask(
        frames::Ask::objects, [&](ipc::Writer& writer) { frames::write(writer, token); },
        [&](ipc::Reader& reader) { objects = frames::read_objects(reader); });
    if (rv != CKR_OK) return rv;
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_objects, [&](const auto& entry) { return entry.second->slot == slot; });
    for (auto& object : objects) {
        auto& handle = m_handles[name_of(slot, object)];
        if (handle == 0) handle = m_next_object++;
        if (matches(object, pattern)) found.push_back(handle);
        m_objects[handle] = std::make_shared<const StoredObject>(StoredObject{slot, std::move(object)});
    }
    for (const auto& [handle, secret] : m_secrets)
        if (secret.object->slot == slot && matches(secret.object->object, pattern)) found.push_back(handle);
    return CKR_OK;
}

ObjectRef Application::object(CK_SLOT_ID slot, CK_OBJECT_HANDLE handle) {
    const std::lock_guard lock(m_mutex);
    if (const auto secret = m_secrets.find(handle); secret != m_secrets.end())
        return secret->second.object->slot == slot ? secret->second.object : nullptr;
    const auto place = m_objects.find(handle);
    return place != m_objects.end() && place->second->slot == slot ? place->second : nullptr;
}

CK_RV Application::keep_secret(CK_SESSION_HANDLE session, CK_SLOT_ID slot, frames::Object secret, CK_OBJECT_HANDLE& handle) {
    const auto wiped = [](StoredObject* gone) {
        for (auto& [type, value] : gone->object.attributes) OPENSSL_cleanse(value.data(), value.size());
        delete gone;
    };
    const std::lock_guard lock(m_mutex);
    if (!m_sessions.contains(session)) return CKR_SESSION_HANDLE_INVALID; // closed while the agent was asked
    if (m_secrets.size() >= most_secrets) return CKR_DEVICE_MEMORY;
    handle = m_next_object++;
    m_secrets[handle] = {session, std::shared_ptr<StoredObject>(new StoredObject{slot, std::move(secret)}, wiped)};
    return CKR_OK;
}

CK_RV Application::destroy(CK_SLOT_ID slot, CK_OBJECT_HANDLE handle) {
    const std::lock_guard lock(m_mutex);
    if (const auto secret = m_secrets.find(handle); secret != m_secrets.end() && secret->second.object->slot == slot) {
        m_secrets.erase(secret);
        return CKR_OK;
    }
    const auto place = m_objects.find(handle);
    return place != m_objects.end() && place->second->slot == slot ? CKR_TOKEN_WRITE_PROTECTED : CKR_OBJECT_HANDLE_INVALID;
}

void Application::drop_secrets(CK_SLOT_ID slot) {
    std::erase_if(m_secrets, [&](const auto& entry) { return entry.second.object->slot == slot; });
}

ObjectRef Application::certificate_of(const StoredObject& key) {
    const std::lock_guard lock(m_mutex);
    for (const auto& [handle, candidate] : m_objects)
        if (candidate->slot == key.slot && candidate->object.certificate == key.object.certificate &&
            number_of(candidate->object, CKA_CLASS, CKO_DATA) == CKO_CERTIFICATE)
            return candidate;
    return nullptr;
}

void Application::shut() {
    const std::lock_guard lock(m_mutex);
    m_shut = true;
    if (m_connection) m_connection->shut();
}

} // namespace jk::pkcs11::module
