#include "agent/audit/statistics.hpp"

#include "agent/audit/body_text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <optional>
#include <set>

namespace jk::audit {
namespace {

namespace json = boost::json;

std::string code_in(const json::object& body) {
    const auto* error = body.if_contains("error");
    return error != nullptr && error->is_object() ? text(error->get_object(), "code") : std::string();
}

class Counting {
public:
    explicit Counting(const RowRange& range) : m_range(range) {}

    Outcome<void> row(const StoredRow& stored) {
        const bool counts = stored.row >= m_range.first;
        boost::system::error_code ec;
        const auto value = json::parse(stored.body, ec);
        if (counts) {
            ++m_result.rows;
            ++m_result.kinds[stored.kind];
        }
        if (ec || !value.is_object()) {
            if (counts) ++m_result.unreadable;
            return done();
        }
        const auto& body = value.get_object();
        const bool begins = stored.kind == "consent" || stored.kind == "provisioning";
        if (begins) m_open[stored.operation] = known_from(body);
        if (counts) add(stored, body);
        if (stored.kind == "end" || stored.kind == "provisioning-end") forget(stored.operation);
        return done();
    }

    Statistics result() && { return std::move(m_result); }

private:
    struct Known {
        std::pair<std::string, std::string> application;
        bool login = false;
    };

    static Known known_from(const json::object& body) {
        return {{text(body, "application"), text(body, "origin")}, text(body, "format") == "authentication"};
    }

    /// Who asked: the row says it itself, or the consent of its operation did.
    std::optional<Known> known_of(const StoredRow& stored, const json::object& body) const {
        if (body.contains("origin")) return known_from(body);
        const auto place = m_open.find(stored.operation);
        return place != m_open.end() ? std::optional(place->second) : std::nullopt;
    }

    void add(const StoredRow& stored, const json::object& body) {
        const auto known = known_of(stored, body);
        const auto bump = [&](std::int64_t Tally::*member) {
            ++(m_result.days[day_of(stored.at_ms)].*member);
            if (known) ++(m_result.applications[known->application].*member);
        };
        if (stored.kind == "signed") bump(known && known->login ? &Tally::logins : &Tally::signatures);
        if (stored.kind == "use") bump(&Tally::uses);
        const auto code = code_in(body);
        if (code.empty()) return;
        if (m_open.contains(stored.operation) && !m_told.emplace(stored.operation, code).second) return;
        ++m_result.refusals[code];
        bump(&Tally::refusals);
    }

    void forget(const std::string& operation) {
        m_open.erase(operation);
        m_told.erase(m_told.lower_bound({operation, ""}), m_told.lower_bound({operation + '\0', ""}));
    }

    static std::string day_of(std::int64_t at_ms) { return rfc3339(WallTime(std::chrono::milliseconds(at_ms))).substr(0, 10); }

    RowRange m_range;
    Statistics m_result;
    std::map<std::string, Known> m_open;                  ///< by operation
    std::set<std::pair<std::string, std::string>> m_told; ///< operation and code
};

} // namespace

Outcome<Statistics> count(const History& history, const RowRange& range) {
    Counting counting(range);
    const RowRange read{history.beginning_of(range.first), range.last, range.to_the_end};
    if (auto ok = history.rows(read, [&](const StoredRow& row) { return counting.row(row); }); !ok) return std::move(ok).error();
    return std::move(counting).result();
}

} // namespace jk::audit
