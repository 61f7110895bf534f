#include "agent/gate/turn.hpp"

#include "agent/gate/attention.hpp"

#include <utility>

namespace jk::gate {
namespace {

/// Most tokens know sooner whether a PIN is right, and a wrong one is asked for again before somebody else's question comes between.
constexpr std::chrono::milliseconds patience{500};

} // namespace

Turn::Turn(Attention& attention, std::uint64_t number, std::function<bool()> given_up)
    : m_attention(&attention), m_number(number), m_given_up(std::move(given_up)) {}

Turn::Turn(Turn&& other) noexcept
    : m_attention(std::exchange(other.m_attention, nullptr)), m_number(other.m_number), m_given_up(std::move(other.m_given_up)),
      m_lent_at(other.m_lent_at), m_at(std::move(other.m_at)), m_patience(std::move(other.m_patience)) {}

Turn::~Turn() {
    if (m_attention == nullptr) return;
    leave_token();
    m_attention->give_back(m_number);
}

Task<void> Turn::take() {
    while (m_attention->m_asking != 0 && !m_given_up()) co_await m_attention->m_changed.wait();
    if (m_attention->m_asking == 0) m_attention->m_asking = m_number;
}

void Turn::at_token(std::string module, bool pin_pad) {
    m_attention->m_at_work.insert(module);
    ++m_attention->m_answers;
    m_at = std::move(module);
    if (pin_pad) return;
    m_patience = std::make_shared<net::steady_timer>(m_attention->m_executor, patience);
    // One that has run out already is called although the token has answered meanwhile and the person is being asked again.
    m_patience->async_wait([attention = m_attention, number = m_number, stay = std::weak_ptr(m_patience)](const boost::system::error_code& ended) {
        if (!ended && !stay.expired()) attention->give_back(number);
    });
}

void Turn::pin_taken() {
    m_patience.reset();
    m_attention->give_back(m_number);
}

bool Turn::has_dialog() const { return m_attention->m_asking == m_number; }

void Turn::leave_token() {
    m_patience.reset();
    if (m_at.empty()) return;
    auto& at_work = m_attention->m_at_work;
    if (const auto place = at_work.find(std::exchange(m_at, {})); place != at_work.end()) at_work.erase(place);
    m_attention->m_changed.notify();
}

Task<void> Turn::again() {
    auto module = m_at;
    leave_token();
    if (!has_dialog()) co_await take();
    co_await until_free(std::move(module));
}

void Turn::lend() {
    m_lent_at = m_attention->m_answers;
    m_attention->give_back(m_number);
}

Task<bool> Turn::take_back() {
    co_await take();
    co_return m_attention->m_answers == m_lent_at;
}

bool Turn::must_wait_for(const std::string& module) const {
    return module.empty() ? !m_attention->m_at_work.empty() : m_attention->m_at_work.contains(module);
}

Task<void> Turn::until_free(std::string module) {
    while (must_wait_for(module) && !m_given_up()) {
        m_attention->give_back(m_number);
        while (must_wait_for(module) && !m_given_up()) co_await m_attention->m_changed.wait();
        co_await take();
    }
}

} // namespace jk::gate
