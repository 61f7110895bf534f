#include "agent/life/kept_answers.hpp"

#include "agent/store/state_folder.hpp"
#include "jurukunci/unique_fd.hpp"
#include "x509/revocation_answer.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <string_view>

namespace jk::life {
namespace {

constexpr std::string_view first_line = "jurukunci status answer v1 ";
constexpr std::size_t head_room = 64;

} // namespace

Outcome<KeptAnswers> KeptAnswers::open(const std::filesystem::path& folder) {
    if (auto ok = store::make_private_folder(folder); !ok) return ok.error();
    return KeptAnswers(folder);
}

std::optional<KeptAnswer> KeptAnswers::read(const std::string& name) const {
    const UniqueFd file(::open((m_folder / name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    struct stat status {};
    if (!file || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    if (status.st_size <= 0 || static_cast<std::size_t>(status.st_size) > x509::max_crl + head_room) return std::nullopt;
    Bytes bytes(static_cast<std::size_t>(status.st_size));
    if (::read(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) return std::nullopt;
    const auto text = text_of(bytes);
    const auto end = text.find('\n');
    if (!text.starts_with(first_line) || end == std::string_view::npos || end > head_room) return std::nullopt;
    std::int64_t came = 0;
    const auto number = text.substr(first_line.size(), end - first_line.size());
    const auto [stop, fault] = std::from_chars(number.data(), number.data() + number.size(), came);
    if (fault != std::errc() || stop != number.data() + number.size()) return std::nullopt;
    return KeptAnswer{WallTime(std::chrono::milliseconds(came)), Bytes(bytes.begin() + static_cast<std::ptrdiff_t>(end) + 1, bytes.end())};
}

Outcome<void> KeptAnswers::keep(const std::string& name, const KeptAnswer& answer) const {
    auto content = std::string(first_line) + std::to_string(answer.came.time_since_epoch().count()) + "\n";
    content.append(text_of(answer.der));
    return store::replace_file_durably(m_folder / name, content);
}

} // namespace jk::life
