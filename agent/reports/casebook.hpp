// Casebook: cases, their attachments and the blocks they brought, in reports.db; every block stands in the audit log as well, so that neither
// file alone can forget one. What it answers is on the disk. Owner: the agent, or the command line while no agent holds the folder's lock.
#pragma once
#include "agent/audit/log.hpp"
#include "agent/policy/blocks.hpp"
#include "agent/reports/report_case.hpp"
#include "agent/store/database.hpp"
#include "jurukunci/certificate.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>

namespace jk::reports {

inline constexpr std::size_t most_cases = 10'000, most_attachments = 10, max_attachment = 10u << 20;

struct Attachment {
    std::string kind; ///< "laporan_pihak_berwenang", "surat_keterangan", "lampiran"
    std::string name;
    Bytes content;
};
inline constexpr std::string_view authority_report = "laporan_pihak_berwenang";

/// The RA's word about one case: its blocks are lifted, or its keys are revoked for ever.
enum class Verdict { lift, revoked };
struct RaVerdict {
    Verdict verdict = Verdict::lift;
    std::string case_id;
    std::vector<std::string> certificates; ///< revoked ones: SHA-256, hexadecimal
    WallTime date{};
    Digest document;    ///< SHA-256 of what was signed
    Bytes cms;          ///< as it came: with it, and not without, a block is lifted after the next start, too
    json::object about; ///< number, officer, reason: for the record
};

/// Whose decisions lift blocks: the certificates that root pinned, and for which environment.
struct Authority {
    std::vector<CertificateRef> certificates;
    std::string environment;
};

class Casebook {
public:
    /// `log` may be null where the audit log cannot be read: the mirror is then made up for later. A damaged or vanished file is put aside and a
    /// block on everything takes its place; so does one where a row is not what the log says of it. A block is lifted only where a decision that
    /// `authority` signed is here.
    static Outcome<std::unique_ptr<Casebook>> open(const std::filesystem::path& folder, audit::Log* log, const Clock& clock, Authority authority);

    const policy::BlockList& blocks() const { return m_blocks; }
    /// Gives the case its number and puts its blocks into force: in memory at once, and on the disk when this returns. When the disk fails,
    /// the error is report_not_stored and the blocks hold while this object lives.
    Outcome<ReportCase> add(ReportCase draft, std::vector<policy::Block> blocks);
    /// More that is known about a case that is still here: its body anew, and further blocks.
    Outcome<void> widen(const ReportCase& report, std::vector<policy::Block> blocks);
    Outcome<std::vector<ReportCase>> cases();
    /// By number or id.
    Outcome<ReportCase> find(const std::string& name);
    Outcome<ReportCase> find_by_id(const std::string& id);
    Outcome<void> set_state(const ReportCase& report, CaseState state);
    /// In a transaction of the caller's.
    void write_state(const std::string& id, CaseState state);
    Outcome<void> attach(const ReportCase& report, const Attachment& attachment);
    Outcome<std::vector<Attachment>> attachments(const ReportCase& report);
    /// Blocks may stand here whose case went with a damaged file.
    bool has_blocks_of(const std::string& case_id);
    /// Carries out a verdict that was verified; the same one again changes nothing. Revoked blocks stay whatever comes later. ra_decision_refused
    /// where neither the case nor a block of it is here.
    Outcome<void> decide(const RaVerdict& decision);

    store::Database& database() { return *m_database; }
    audit::Log* log() { return m_log; }

private:
    struct StoredBlock {
        std::string id, case_id;
        policy::Block block;
        std::string lifted = {}; ///< the decision that it names; empty while it holds
    };
    Casebook(std::filesystem::path folder, std::unique_ptr<store::Database> database, audit::Log* log, const Clock& clock, Authority authority)
        : m_folder(std::move(folder)), m_database(std::move(database)), m_log(log), m_clock(clock), m_authority(std::move(authority)) {}
    static Outcome<std::unique_ptr<Casebook>> open_files(const std::filesystem::path& folder, audit::Log* log, const Clock& clock,
                                                         Authority authority);
    Outcome<void> load();
    void block_everything();
    Outcome<void> compare_with_log(bool damaged);
    void read_log();
    bool repair();
    Outcome<void> tell_anew();
    Outcome<void> mirror();
    void believe(ByteView cms);
    void remember(StoredBlock stored);
    bool says_the_same(const StoredBlock& row, const StoredBlock& logged) const;
    bool is_lifted(const StoredBlock& row) const;
    bool is_lifted_by_any(const StoredBlock& logged) const;
    Outcome<ReportCase> find_where(const std::string& where, const std::string& name);
    Outcome<void> durable(const std::function<Outcome<void>()>& work);
    void insert(const StoredBlock& stored, bool mirrored);
    std::vector<StoredBlock> stored_blocks(const std::string& where);
    void keep_reserve() const;

    std::filesystem::path m_folder;
    std::unique_ptr<store::Database> m_database;
    audit::Log* m_log;
    const Clock& m_clock;
    Authority m_authority;
    policy::BlockList m_blocks;
    std::vector<StoredBlock> m_logged;              ///< each block as the log has it last
    std::map<std::string, std::string> m_decisions; ///< verified ones: SHA-256 to case
};

} // namespace jk::reports
