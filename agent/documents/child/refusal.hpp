// Refusal: how code deep inside a document says no. libqpdf throws, so this folder does too; nothing leaves the process but a value.
#pragma once
#include "jurukunci/error.hpp"

#include <utility>

namespace jk::documents::child {

struct Refusal {
    Error error;
};

/// `name` of the document is filled in where the refusal leaves the process.
[[noreturn]] inline void refuse(Errc code, std::string reason) { throw Refusal{Error{code, reason}.with("reason", std::move(reason))}; }

} // namespace jk::documents::child
