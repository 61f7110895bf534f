// Deliverer: takes parcels out of the outbox, per destination one at a time, and has a jurukunci-deliver bring each. Owner: main; lives on the event
// loop.
#pragma once
#include "agent/delivery/errand.hpp"
#include "agent/delivery/terms.hpp"
#include "agent/reports/outbox.hpp"
#include "agent/store/device_certificate.hpp"
#include "ipc/event.hpp"
#include "launcher/launcher.hpp"

namespace jk::delivery {

class Deliverer {
public:
    struct Rooms {
        launcher::Launcher& launcher;
        reports::Outbox& outbox;
        const store::DeviceKey& device_key;
        const Clock& clock;
        DeliveryTerms terms;
    };
    Deliverer(net::any_io_executor executor, Rooms rooms) : m_executor(executor), m_rooms(std::move(rooms)), m_wake(executor) {}

    /// Never ends; once per destination, so that a report waits neither for the backlog of documents nor for a store that does not answer. A parcel
    /// without a receipt comes up again, for weeks.
    Task<void> run(reports::Destination destination);
    void wake() { m_wake.notify(); }

private:
    Task<Outcome<std::string>> bring(const reports::Parcel& parcel);
    Task<Outcome<std::string>> report(const reports::Parcel& parcel);
    Task<Outcome<std::string>> checkpoint(const reports::Parcel& parcel);
    Task<Outcome<std::string>> deposit(const reports::Parcel& parcel);
    Task<Outcome<ErrandAnswer>> exchange(Errand errand);
    Outcome<Errand> errand_for(const Endpoint& endpoint, std::string method, std::string target) const;

    net::any_io_executor m_executor;
    Rooms m_rooms;
    ipc::Event m_wake;
};

} // namespace jk::delivery
