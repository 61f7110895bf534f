// Certificates of this installation for mutual TLS. The device key issues; what goes into a delivering process is a key of its own for two days.
#pragma once
#include "agent/store/device_key.hpp"
#include "jurukunci/clock.hpp"

#include <string>

namespace jk::store {

/// Self-signed by the device key and always the same: what the RA registers. PEM.
Outcome<std::string> device_certificate(const DeviceKey& key);

struct DeliveryIdentity {
    std::string chain; ///< PEM: its certificate, then the device's
    std::string key;   ///< PEM
};
/// A fresh P-256 key, certified by the device key for TLS clients.
Outcome<DeliveryIdentity> delivery_identity(const DeviceKey& key, WallTime now);

} // namespace jk::store
