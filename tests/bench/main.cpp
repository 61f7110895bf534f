// jurukunci-bench [--json FILE] [--quick] [--only BAR]: prints the bars and writes them as JSON. Never part of a test run: machines are noisy.
#include "tests/bench/bars.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <string_view>

int main(int argc, char** argv) {
    using namespace jk::bench;
    Options options;
    std::string json_file;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--quick") == 0) {
            options.quick = true;
        } else if (std::strcmp(argv[i], "--json") == 0 && i + 1 < argc) {
            json_file = argv[++i];
        } else if (std::strcmp(argv[i], "--only") == 0 && i + 1 < argc) {
            options.only = argv[++i];
        } else {
            std::fputs("jurukunci-bench [--quick] [--only BAR] [--json FILE]      bars: 1 2 (2-batch 2-parallel 2-callers) 3 4 5 6 7 8 9\n", stderr);
            return 2;
        }
    }
    struct Part {
        const char* name; ///< begins with its bar's number
        std::vector<Bar> (*measure)(const Options&);
    };
    boost::json::array all;
    std::printf("%-4s %-100s %10s %8s %-7s %s\n", "bar", "what", "value", "limit", "unit", "holds");
    for (const auto& part : {Part{"1", one_signature}, Part{"2-batch", batches_of_hashes}, Part{"2-parallel", parallel_sessions},
                             Part{"2-callers", callers_at_once}, Part{"3", batches_of_documents}, Part{"4", a_large_document}, Part{"5", a_large_log},
                             Part{"6", syncs_per_consent}, Part{"7", start_and_rest}, Part{"8", through_the_module}, Part{"9", failing_modules}}) {
        if (!std::string_view(part.name).starts_with(options.only)) continue;
        std::vector<Bar> bars;
        try {
            bars = part.measure(options);
        } catch (const std::exception& e) {
            std::fprintf(stderr, "bar %s could not be measured: %s\n", part.name, e.what());
            return 1;
        }
        for (const auto& bar : bars) {
            std::printf("%-4s %-100s %10.3f %s%7.2f %-7s %s\n", bar.bar.c_str(), bar.what.c_str(), bar.value, bar.at_least ? "≥" : "≤", bar.limit,
                        bar.unit.c_str(), bar.holds() ? "yes" : "NO");
            std::fflush(stdout);
            all.push_back(boost::json::object{{"bar", bar.bar},
                                              {"what", bar.what},
                                              {"value", bar.value},
                                              {"limit", bar.limit},
                                              {"unit", bar.unit},
                                              {"holds", bar.holds()},
                                              {"command", std::string("./dev bench --only ") + bar.bar}});
        }
    }
    if (!json_file.empty()) std::ofstream(json_file) << boost::json::serialize(all) << "\n";
    return 0;
}
