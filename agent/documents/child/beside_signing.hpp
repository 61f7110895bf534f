// What other producers write beside a signature, and what it may look like: validation data, information, metadata, extensions. Each is told by
// its form, strictly: a key that may change is no licence for what stands behind it.
#pragma once
#include "agent/documents/child/spots.hpp"

#include <functional>

namespace jk::documents::child {

/// A value of the newer revision and what the older one has in its place. `compared` hears of each object that is met on the way.
class Beside {
public:
    using Compared = std::function<void(QPDFObjectHandle before, QPDFObjectHandle now, const Spot& at)>;
    explicit Beside(Compared compared) : m_compared(std::move(compared)) {}

    /// The trailer's /Info: a flat dictionary.
    bool information(QPDFObjectHandle before, QPDFObjectHandle now, const Spot& at);
    /// The catalog's /Metadata: an XMP packet.
    bool metadata(QPDFObjectHandle before, QPDFObjectHandle now, const Spot& at);
    /// The catalog's /Extensions (ISO 32000-1 7.12).
    bool extensions(QPDFObjectHandle before, QPDFObjectHandle now, const Spot& at);
    /// The catalog's /DSS (EN 319 142-1 5.4.2).
    bool validation_data(QPDFObjectHandle before, QPDFObjectHandle now, const Spot& at);

private:
    bool streams(QPDFObjectHandle before, QPDFObjectHandle now, const Spot& at);
    bool validation_of_one_signature(QPDFObjectHandle before, QPDFObjectHandle now, const Spot& at);

    Compared m_compared;
};

} // namespace jk::documents::child
