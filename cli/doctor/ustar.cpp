#include "cli/doctor/ustar.hpp"

#include <array>
#include <cassert>
#include <cstdio>
#include <numeric>

namespace jk::doctor {
namespace {

constexpr std::size_t block = 512;

void put(std::array<char, block>& header, std::size_t at, std::string_view text) {
    assert(at + text.size() <= block);
    text.copy(header.data() + at, text.size());
}

/// Octal with a zero at its end, as old tars want it.
void put_number(std::array<char, block>& header, std::size_t at, int width, unsigned long long value) {
    char text[24];
    std::snprintf(text, sizeof text, "%0*llo", width - 1, value);
    put(header, at, text);
}

std::array<char, block> header_of(const TarFile& file, WallTime modified) {
    assert(!file.name.empty() && file.name.size() < 100);
    std::array<char, block> header{};
    put(header, 0, file.name);
    put_number(header, 100, 8, 0600);
    put_number(header, 108, 8, 0);
    put_number(header, 116, 8, 0);
    put_number(header, 124, 12, file.text.size());
    put_number(header, 136, 12, static_cast<unsigned long long>(std::chrono::floor<std::chrono::seconds>(modified).time_since_epoch().count()));
    put(header, 148, "        "); // counts as blanks in its own sum
    put(header, 156, "0");
    put(header, 257, std::string_view("ustar\00000", 8));
    const auto sum = std::accumulate(header.begin(), header.end(), 0u, [](unsigned all, char c) { return all + static_cast<unsigned char>(c); });
    put_number(header, 148, 7, sum);
    return header;
}

} // namespace

Bytes ustar(const std::vector<TarFile>& files, WallTime modified) {
    Bytes archive;
    for (const auto& file : files) {
        const auto header = header_of(file, modified);
        archive.insert(archive.end(), header.begin(), header.end());
        archive.insert(archive.end(), file.text.begin(), file.text.end());
        archive.resize((archive.size() + block - 1) / block * block);
    }
    archive.resize(archive.size() + 2 * block);
    return archive;
}

} // namespace jk::doctor
