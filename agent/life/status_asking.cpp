// How an answer comes: the kept one first, then an errand to the issuer. What came is judged beside the loop.
#include "agent/delivery/errand_child.hpp"
#include "agent/life/status_keeper.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace jk::life {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::uint32_t ocsp_seconds = 10, crl_seconds = 60;
constexpr std::chrono::seconds after_an_answer{600}, after_a_fault{30};
constexpr int most_doublings = 6; ///< half an hour

Error no_address(std::string why) { return Error{Errc::status_unknown, std::move(why)}.with("hours", "-"); }

struct Judging {
    explicit Judging(net::any_io_executor executor) : done(executor) {}
    ipc::Event done;
    std::optional<Outcome<x509::RevocationFact>> result;
};

} // namespace

std::string StatusKeeper::file_of(const Known& known) const {
    const bool crl = m_rooms.profile.revocation_status.source == policy::StatusSource::crl;
    return known.certificate->id.sha256.hex() + (crl ? ".crl" : ".ocsp");
}

/// What the profile says, or what the certificate says; only hosts that the profile lists.
Outcome<x509::StatusUrl> StatusKeeper::address(const Known& known) const {
    const auto& terms = m_rooms.profile.revocation_status;
    std::vector<std::string> written{terms.url};
    if (terms.url.empty()) {
        auto pointers = x509::status_pointers(*known.certificate);
        written = terms.source == policy::StatusSource::crl ? std::move(pointers.crl) : std::move(pointers.ocsp);
    }
    for (const auto& text : written) {
        auto url = x509::StatusUrl::parse(text);
        if (url && std::ranges::find(terms.hosts, url->authority()) != terms.hosts.end()) return std::move(*url);
    }
    return no_address(written.empty() ? "neither the certificate nor the profile says where to ask"
                                      : "the profile lists no host that the certificate names");
}

Task<void> StatusKeeper::ask(KnownRef known) {
    if (!known->loaded) {
        known->loaded = true;
        co_await load(known);
    }
    Outcome<void> asked;
    if (!is_revoked(*known) && grows_old(*known)) asked = co_await fetch(known);
    known->failures = asked ? 0 : std::min(known->failures + 1, most_doublings);
    known->next = SteadyClock::now() + (asked ? after_an_answer : after_a_fault * (1 << known->failures));
    if (!asked) spdlog::warn("revocation status of {}: {}", known->certificate->serial_hex, asked.error().log_line());
    known->asking = false;
    known->answered.notify();
}

Task<void> StatusKeeper::load(KnownRef known) {
    auto kept = m_kept.read(file_of(*known));
    if (!kept) co_return;
    auto answer = std::make_shared<Answer>();
    answer->der = std::move(kept->der);
    answer->came = kept->came;
    auto fact = co_await judge(known, answer);
    if (!fact) {
        spdlog::warn("a kept answer about {} is not believed: {}", known->certificate->serial_hex, fact.error().detail);
        co_return;
    }
    (void)take(*known, std::move(*fact));
}

Task<Outcome<void>> StatusKeeper::fetch(KnownRef known) {
    auto url = address(*known);
    if (!url) co_return url.error();
    const bool crl = m_rooms.profile.revocation_status.source == policy::StatusSource::crl;
    auto answer = std::make_shared<Answer>();
    delivery::Errand errand;
    errand.plain = true;
    errand.host = url->host;
    errand.port = url->port;
    errand.target = url->target;
    errand.method = crl ? "GET" : "POST";
    errand.most = crl ? x509::max_crl : x509::max_ocsp_answer;
    errand.seconds = crl ? crl_seconds : ocsp_seconds;
    if (!crl) {
        auto request = x509::make_ocsp_request(*known->certificate, *known->issuer);
        if (!request) co_return request.error();
        errand.headers.emplace_back("Content-Type", "application/ocsp-request");
        errand.body = std::move(request->der);
        answer->nonce = std::move(request->nonce);
    }
    auto came = co_await delivery::run_errand(m_executor, m_rooms.launcher, std::move(errand));
    if (!came) co_return came.error();
    if (came->status != 200) co_return no_address(url->authority() + " answered " + std::to_string(came->status));
    answer->der = std::move(came->body);
    answer->came = m_rooms.clock.now();
    auto fact = co_await judge(known, answer);
    if (!fact) co_return fact.error();
    auto taken = take(*known, std::move(*fact));
    if (!taken) co_return taken.error();
    // The file is for the next start only; where it cannot be written, that start asks.
    KeptAnswer kept{answer->came, answer->der};
    if (auto ok = m_kept.keep(file_of(*known), kept); !ok) spdlog::warn("an answer about revocation could not be kept: {}", ok.error().log_line());
    co_return done();
}

Task<Outcome<x509::RevocationFact>> StatusKeeper::judge(KnownRef known, std::shared_ptr<const Answer> answer) {
    auto judging = std::make_shared<Judging>(m_executor);
    const bool crl = m_rooms.profile.revocation_status.source == policy::StatusSource::crl;
    const auto least = known->fact ? known->fact->crl_number : std::string();
    const auto executor = m_executor;
    // Only shared, constant things go along; Known itself stays on the loop.
    net::post(m_judges, [judging, executor, crl, least, answer, certificate = known->certificate, issuer = known->issuer]() mutable {
        auto result = crl ? x509::read_crl(answer->der, *certificate, *issuer, least, answer->came)
                          : x509::read_ocsp_answer(answer->der, *certificate, *issuer, answer->nonce, answer->came);
        net::post(executor, [judging = std::move(judging), result = std::move(result)]() mutable {
            judging->result = std::move(result);
            judging->done.notify();
        });
    });
    while (!judging->result) co_await judging->done.wait();
    co_return std::move(*judging->result);
}

} // namespace jk::life
