// DeviceJws: a compact JWS (RFC 7515) by this installation's device key: the form of what travels to the RA.
#pragma once
#include "agent/store/device_key.hpp"

#include <string>
#include <string_view>

namespace jk::reports {

std::string device_jws(std::string_view type, const std::string& payload, const store::DeviceKey& key);

} // namespace jk::reports
