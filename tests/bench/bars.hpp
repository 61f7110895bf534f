// The bars of docs/performance.md, each measured against direct calls in the same run.
#pragma once
#include <boost/json/array.hpp>

#include <string>
#include <vector>

namespace jk::bench {

struct Bar {
    std::string bar, what;
    double value = 0, limit = 0;
    std::string unit;
    bool at_least = false; ///< the value must reach the limit instead of staying below
    bool holds() const { return at_least ? value >= limit : value <= limit; }
};

struct Options {
    bool quick = false; ///< fewer rounds, smaller files: to see that it runs
    std::string only;   ///< the beginning of a part's name
};

std::vector<Bar> one_signature(const Options& options);
std::vector<Bar> batches_of_hashes(const Options& options);
std::vector<Bar> parallel_sessions(const Options& options);
std::vector<Bar> callers_at_once(const Options& options);
std::vector<Bar> batches_of_documents(const Options& options);
std::vector<Bar> a_large_document(const Options& options);
std::vector<Bar> a_large_log(const Options& options);
std::vector<Bar> syncs_per_consent(const Options& options);
std::vector<Bar> start_and_rest(const Options& options);
std::vector<Bar> through_the_module(const Options& options);
std::vector<Bar> failing_modules(const Options& options);

double median(std::vector<double> values);
void remark(const std::string& text); ///< what the numbers behind a bar are, for the reader

} // namespace jk::bench
