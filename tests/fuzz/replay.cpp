// In place of libFuzzer: the kept seeds once, in order. REPLAY FOLDER…; each finding is a crash or an abort.
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace {

constexpr std::uintmax_t most = 16384; // the longest input of any target in run.sh

} // namespace

/// What the targets' own mutators ask of libFuzzer; nothing mutates here.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t*, std::size_t size, std::size_t) { return size; }

int main(int count, char** arguments) {
    std::vector<std::filesystem::path> seeds;
    for (int i = 1; i < count; ++i)
        for (const auto& entry : std::filesystem::directory_iterator(arguments[i]))
            if (entry.is_regular_file() && entry.file_size() <= most) seeds.push_back(entry.path());
    std::ranges::sort(seeds);
    for (const auto& seed : seeds) {
        std::fprintf(stderr, "%s\n", seed.filename().c_str()); // the last one that is named is the one that broke
        std::ifstream in(seed, std::ios::binary);
        const jk::Bytes bytes{std::istreambuf_iterator<char>(in), {}};
        LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    }
    std::fprintf(stderr, "%zu seeds\n", seeds.size());
    return seeds.empty() ? 1 : 0;
}
