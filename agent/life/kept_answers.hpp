// KeptAnswers: issuers' signed answers as files of the user's state, so that a restart without a network still knows them. What is read is not believed:
// whoever reads it verifies it again, as of the time at which it came.
#pragma once
#include "jurukunci/bytes.hpp"
#include "jurukunci/clock.hpp"
#include "jurukunci/outcome.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace jk::life {

struct KeptAnswer {
    WallTime came{};
    Bytes der;
};

class KeptAnswers {
public:
    /// Makes the folder, 0700.
    static Outcome<KeptAnswers> open(const std::filesystem::path& folder);

    /// `name`: "<sha256 of the certificate>.ocsp", or ".crl". Nothing where there is none, or it cannot be read.
    std::optional<KeptAnswer> read(const std::string& name) const;
    Outcome<void> keep(const std::string& name, const KeptAnswer& answer) const;

private:
    explicit KeptAnswers(std::filesystem::path folder) : m_folder(std::move(folder)) {}
    std::filesystem::path m_folder;
};

} // namespace jk::life
