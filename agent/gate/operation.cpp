#include "agent/gate/operation.hpp"

#include <algorithm>

namespace jk::gate {

std::string_view name_of(OperationState state) {
    switch (state) {
    case OperationState::preparing: return "preparing";
    case OperationState::waiting_consent: return "waiting_consent";
    case OperationState::signing: return "signing";
    case OperationState::done: return "done";
    case OperationState::refused: return "refused";
    case OperationState::cancelled: return "cancelled";
    case OperationState::failed: return "failed";
    }
    return "?";
}

std::string_view name_of(ItemState state) {
    switch (state) {
    case ItemState::sealed: return "sealed";
    case ItemState::started: return "started";
    case ItemState::signed_: return "signed";
    case ItemState::rejected: return "rejected";
    case ItemState::failed: return "failed";
    case ItemState::unknown: return "unknown";
    }
    return "?";
}

Operation::Operation(net::any_io_executor executor, std::string operation_id, SignRequest operation_request)
    : id(std::move(operation_id)), request(std::move(operation_request)), last_seen(std::chrono::steady_clock::now()), m_event(executor),
      m_ended(executor) {
    for (const auto& item : request.items) items.push_back({item.name, ItemState::sealed, std::nullopt, std::nullopt});
}

std::size_t Operation::signed_count() const { return static_cast<std::size_t>(std::ranges::count(items, ItemState::signed_, &OperationItem::state)); }

void Operation::changed() {
    ++m_revision;
    m_event.notify();
    if (finished()) m_ended.notify();
}

} // namespace jk::gate
