// Outcome<T>: a value or an Error, shaped like std::expected<T, Error> so that it can become it.
#pragma once
#include "jurukunci/error.hpp"

#include <cassert>
#include <type_traits>
#include <utility>
#include <variant>

namespace jk {

/// A default Outcome exists because co_spawn needs one; it is the fault "no outcome".
template <class T> class [[nodiscard]] Outcome {
public:
    using value_type = T;

    Outcome() : m_state(std::in_place_index<1>, Errc::device_failed, "no outcome") {}
    Outcome(Error error) : m_state(std::in_place_index<1>, std::move(error)) {}
    Outcome(Errc code) : m_state(std::in_place_index<1>, code) {}
    template <class U = T>
    requires(std::is_constructible_v<T, U&&> && !std::is_same_v<std::remove_cvref_t<U>, Outcome> && !std::is_same_v<std::remove_cvref_t<U>, Error> &&
             !std::is_same_v<std::remove_cvref_t<U>, Errc>) Outcome(U&& value)
        : m_state(std::in_place_index<0>, std::forward<U>(value)) {}

    bool has_value() const noexcept { return m_state.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    T& value() & { return assert(has_value()), *std::get_if<0>(&m_state); }
    const T& value() const& { return assert(has_value()), *std::get_if<0>(&m_state); }
    T&& value() && { return assert(has_value()), std::move(*std::get_if<0>(&m_state)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    const Error& error() const& { return assert(!has_value()), *std::get_if<1>(&m_state); }
    Error&& error() && { return assert(!has_value()), std::move(*std::get_if<1>(&m_state)); }

private:
    std::variant<T, Error> m_state;
};

template <> class [[nodiscard]] Outcome<void> {
public:
    using value_type = void;

    Outcome() : m_error(Errc::device_failed, "no outcome"), m_ok(false) {}
    Outcome(Error error) : m_error(std::move(error)), m_ok(false) {}
    Outcome(Errc code) : m_error(code), m_ok(false) {}

    static Outcome success() {
        Outcome outcome;
        outcome.m_ok = true;
        outcome.m_error.detail.clear();
        return outcome;
    }

    bool has_value() const noexcept { return m_ok; }
    explicit operator bool() const noexcept { return m_ok; }
    const Error& error() const& { return assert(!m_ok), m_error; }
    Error&& error() && { return assert(!m_ok), std::move(m_error); }

private:
    Error m_error;
    bool m_ok;
};

/// `return done();` is how a function without a value says that it went well.
inline Outcome<void> done() { return Outcome<void>::success(); }

} // namespace jk
