#include "agent/delivery/deliverer.hpp"

#include "agent/delivery/errand_child.hpp"
#include "agent/delivery/s3_signature.hpp"
#include "ipc/json_fields.hpp"
#include "ipc/strict_json.hpp"
#include "jurukunci/digest.hpp"

#include <spdlog/spdlog.h>

#include <limits>
#include <random>

namespace jk::delivery {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds between_looks{15};

Error fault(std::string why) { return Error{Errc::device_failed, std::move(why)}; }

double chance() {
    static std::random_device device;
    return std::uniform_real_distribution<double>(0, 1)(device);
}

/// The RA knows this log further, or otherwise, than it stands here.
Error went_back(const ErrandAnswer& answer) {
    const auto value = ipc::parse_json(text_of(answer.body));
    std::string row = "?";
    if (value) {
        ipc::JsonFields fields(*value, "");
        if (const auto known = fields.optional_integer("row", 0, std::numeric_limits<std::int64_t>::max())) row = std::to_string(*known);
    }
    return Error{Errc::log_went_back}.with("row", row);
}

/// The RA's receipt, which must be for this very report.
Outcome<std::string> receipt_in(const ErrandAnswer& answer, const std::string& key, std::string_view name = "case") {
    if (answer.status != 200 && answer.status != 201) return fault("the RA answered " + std::to_string(answer.status));
    const auto value = ipc::parse_json(text_of(answer.body));
    if (!value) return fault("the RA's receipt is no JSON");
    ipc::JsonFields fields(*value, "");
    const auto id = fields.text(name, 64);
    const auto receipt = fields.text("receipt", 128);
    (void)fields.optional_text("receivedAt", 32);
    if (auto ok = fields.end(); !ok) return fault("the RA's receipt cannot be read");
    if (id != key || receipt.empty()) return fault("the RA's receipt is for another report");
    return receipt;
}

} // namespace

Outcome<Errand> Deliverer::errand_for(const Endpoint& endpoint, std::string method, std::string target) const {
    auto identity = store::delivery_identity(m_rooms.device_key, m_rooms.clock.now());
    if (!identity) return identity.error();
    Errand errand;
    errand.method = std::move(method);
    errand.host = endpoint.host;
    errand.port = endpoint.port;
    errand.target = std::move(target);
    errand.ca = endpoint.ca;
    errand.chain = std::move(identity->chain);
    errand.key = std::move(identity->key);
    return errand;
}

Task<Outcome<ErrandAnswer>> Deliverer::exchange(Errand errand) {
    auto answer = co_await run_errand(m_executor, m_rooms.launcher, std::move(errand));
    co_return answer;
}

Task<Outcome<std::string>> Deliverer::report(const reports::Parcel& parcel) {
    if (!m_rooms.terms.registration_authority) co_return Errc::delivery_not_configured;
    const auto& endpoint = *m_rooms.terms.registration_authority;
    auto errand = errand_for(endpoint, "POST", endpoint.path);
    if (!errand) co_return errand.error();
    errand->headers.emplace_back("Content-Type", "application/jose");
    errand->headers.emplace_back("Idempotency-Key", parcel.key);
    errand->body = parcel.body;
    auto answer = co_await exchange(std::move(*errand));
    if (!answer) co_return answer.error();
    co_return receipt_in(*answer, parcel.key);
}

Task<Outcome<std::string>> Deliverer::checkpoint(const reports::Parcel& parcel) {
    if (!m_rooms.terms.checkpoints) co_return Errc::delivery_not_configured;
    const auto& endpoint = m_rooms.terms.checkpoints->endpoint;
    auto errand = errand_for(endpoint, "POST", endpoint.path);
    if (!errand) co_return errand.error();
    errand->headers.emplace_back("Content-Type", "application/jose");
    errand->headers.emplace_back("Idempotency-Key", parcel.key);
    errand->body = parcel.body;
    auto answer = co_await exchange(std::move(*errand));
    if (!answer) co_return answer.error();
    if (answer->status == 409) co_return went_back(*answer);
    co_return receipt_in(*answer, parcel.key, "checkpoint");
}

/// The document under its hash, and then read back: what counts is what stands there.
Task<Outcome<std::string>> Deliverer::deposit(const reports::Parcel& parcel) {
    if (!m_rooms.terms.archive) co_return Errc::delivery_not_configured;
    const auto& archive = *m_rooms.terms.archive;
    const auto hash = sha256(parcel.body).hex();
    const auto target = (archive.endpoint.path == "/" ? std::string() : archive.endpoint.path) + "/" + hash;
    const S3Credentials credentials{archive.region, archive.access_key, archive.secret_key};
    for (const char* method : {"PUT", "GET"}) {
        auto errand = errand_for(archive.endpoint, method, target);
        if (!errand) co_return errand.error();
        const std::string step = method;
        if (step == "PUT") {
            errand->headers.emplace_back("Content-Type", "application/octet-stream");
            errand->body = parcel.body;
        }
        if (archive.kind == StoreKind::s3) sign_for_s3(*errand, credentials, m_rooms.clock.now());
        auto answer = co_await exchange(std::move(*errand));
        if (!answer) co_return answer.error();
        if (answer->status < 200 || answer->status > 299) co_return fault("the store answered " + std::to_string(answer->status) + " to " + step);
        if (step == "GET" && sha256(answer->body).hex() != hash) co_return fault("what the store gives back is another document");
    }
    co_return "sha256:" + hash;
}

Task<Outcome<std::string>> Deliverer::bring(const reports::Parcel& parcel) {
    if (parcel.destination == reports::Destination::archive) {
        auto receipt = co_await deposit(parcel);
        co_return receipt;
    }
    if (parcel.destination == reports::Destination::log_checkpoint) {
        auto receipt = co_await checkpoint(parcel);
        co_return receipt;
    }
    auto receipt = co_await report(parcel);
    co_return receipt;
}

Task<void> Deliverer::run(reports::Destination destination) {
    for (;;) {
        auto next = m_rooms.outbox.next(m_rooms.clock.now(), destination);
        if (!next || !*next) {
            if (!next) spdlog::error("the outbox cannot be read: {}", next.error().log_line());
            const auto until = SteadyClock::now() + between_looks;
            (void)co_await m_wake.wait_until(until);
            continue;
        }
        const auto parcel = std::move(**next);
        auto receipt = co_await bring(parcel);
        Outcome<void> noted;
        if (receipt)
            noted = m_rooms.outbox.delivered(parcel, *receipt);
        else
            noted = m_rooms.outbox.failed(parcel, receipt.error().log_line(), m_rooms.clock.now(), chance());
        if (receipt) spdlog::info("{} was delivered", parcel.key);
        if (noted) continue;
        // A full disk: the receiver knows the key, so once more does no harm. But not at once.
        spdlog::error("{}: {}", parcel.key, noted.error().log_line());
        co_await ipc::sleep_for(std::chrono::minutes(1));
    }
}

} // namespace jk::delivery
