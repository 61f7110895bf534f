// SigningWindow: the gate's ear in a login window. Judges custody on the signing handle, writes each item's rows, and only then lets the
// signature become a result.
#pragma once
#include "agent/gate/gate.hpp"
#include "agent/gate/pin_anew.hpp"

namespace jk::gate {

class SigningWindow final : public SigningRecord {
public:
    SigningWindow(Gate& gate, Operation& operation, const Gate::Judged& judged, Gate::Sealed& sealed, Turn& turn)
        : m_gate(gate), m_operation(operation), m_token(judged.token.id), m_pin_pad(judged.token.pin_pad), m_certificate(judged.certificate),
          m_sealed(sealed), m_turn(turn) {}

    Outcome<void> opened(const KeyCustody& custody) override;
    Outcome<void> starting(std::span<const ItemIndex> items) override;
    Outcome<void> finished(std::vector<ItemResult> items) override;

private:
    /// Of a PIN that the key wants anew for each signature.
    Outcome<void> count_tries(std::vector<ItemResult>& items);
    OperationItem& item(ItemIndex index) { return m_operation.items[m_sealed[index].place]; }

    Gate& m_gate;
    Operation& m_operation;
    TokenId m_token;
    bool m_pin_pad;
    CertificateRef m_certificate;
    Gate::Sealed& m_sealed;
    Turn& m_turn;
    PinAnew m_pin_anew;
};

} // namespace jk::gate
