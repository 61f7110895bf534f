#include "agent/gate/signing_window.hpp"

#include "agent/gate/pin_fault.hpp"

namespace jk::gate {

Outcome<void> SigningWindow::opened(const KeyCustody& custody) {
    // Who has to type on the reader for each signature is not asked anything else meanwhile.
    if (!m_pin_pad || !custody.always_authenticate) m_turn.pin_taken();
    if (custody.always_authenticate) m_pin_anew.wanted(m_pin_pad);
    auto written = m_gate.m_journal.log().commit(store::Durability::process, [&] {
        m_gate.m_tries.forget(m_token); // the token took the PIN
        m_gate.m_journal.window_opened(m_operation.id, custody);
        return done();
    });
    if (!written) return written;
    return policy::judge_custody(m_gate.m_profile, custody).outcome();
}

Outcome<void> SigningWindow::starting(std::span<const ItemIndex> items) {
    if (auto ok = m_gate.not_blocked(*m_certificate, m_token); !ok) return ok; // reported in the middle of a batch: no further item
    if (m_pin_anew.counts()) {
        auto counted = m_gate.m_journal.log().commit(store::Durability::machine, [&] { return m_pin_anew.before(m_gate.m_tries, m_token), done(); });
        if (!counted) return counted;
    }
    auto written = m_gate.m_journal.log().note([&] {
        std::vector<ItemIndex> numbers;
        for (const auto index : items) numbers.push_back(m_sealed[index].number);
        m_gate.m_journal.started(m_operation.id, numbers);
    });
    if (!written) return written;
    for (const auto index : items) {
        item(index).state = ItemState::started;
        item(index).error.reset(); // of a PIN that was wrong before
    }
    return done();
}

Outcome<void> SigningWindow::count_tries(std::vector<ItemResult>& items) {
    for (auto& result : items) {
        const Error* fault = result.signature ? nullptr : &result.signature.error();
        if (m_pin_anew.changes(fault)) {
            auto counted =
                m_gate.m_journal.log().commit(store::Durability::machine, [&] { return m_pin_anew.after(fault, m_gate.m_tries, m_token), done(); });
            if (!counted) return counted;
        } else {
            m_pin_anew.after(fault, m_gate.m_tries, m_token);
        }
        if (fault != nullptr) result.signature = telling_tries(*fault, m_gate.m_tries, m_token);
    }
    return done();
}

Outcome<void> SigningWindow::finished(std::vector<ItemResult> items) {
    const auto counted = count_tries(items);
    std::vector<Outcome<SignedItem>> results;
    results.reserve(items.size());
    for (const auto& result : items)
        results.push_back(result.signature ? m_sealed[result.index].item->finish(*result.signature) : Outcome<SignedItem>(result.signature.error()));
    auto written = m_gate.m_journal.log().note([&] {
        for (std::size_t i = 0; i < items.size(); ++i) {
            const auto number = m_sealed[items[i].index].number;
            if (results[i])
                m_gate.m_journal.item_signed(m_operation.id, number, items[i].signature->value);
            else
                m_gate.m_journal.item_failed(m_operation.id, number, results[i].error());
        }
    });
    if (!written) return written;

    Outcome<void> go_on = counted;
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto& target = item(items[i].index);
        if (results[i]) {
            target.state = ItemState::signed_;
            target.result = std::move(*results[i]);
        } else {
            target.state = ItemState::failed;
            target.error = results[i].error();
            if (m_operation.request.on_item_failure == OnItemFailure::stop && go_on) go_on = results[i].error();
        }
    }
    m_operation.changed();
    return go_on;
}

} // namespace jk::gate
