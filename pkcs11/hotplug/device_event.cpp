#include "pkcs11/hotplug/device_event.hpp"

#include "ipc/wire.hpp"

namespace jk::hotplug {

Bytes write(const DeviceEvent& event) {
    ipc::Writer writer;
    writer.u8(static_cast<std::uint8_t>(event.what)).u8(event.bus).u8(event.address).u32(event.vendor).u32(event.product).flag(event.maybe_token);
    return writer.take();
}

Outcome<DeviceEvent> read_event(ByteView body) {
    ipc::Reader reader(body);
    const auto what = reader.u8();
    DeviceEvent event;
    event.bus = reader.u8();
    event.address = reader.u8();
    const auto vendor = reader.u32(), product = reader.u32();
    event.maybe_token = reader.flag();
    if (auto ok = reader.end(); !ok) return ok.error();
    if (what > static_cast<std::uint8_t>(Happened::left) || vendor > 0xffff || product > 0xffff)
        return Error{Errc::device_failed, "an event of jurukunci-watch does not follow its form"};
    event.what = static_cast<Happened>(what);
    event.vendor = static_cast<std::uint16_t>(vendor);
    event.product = static_cast<std::uint16_t>(product);
    return event;
}

} // namespace jk::hotplug
