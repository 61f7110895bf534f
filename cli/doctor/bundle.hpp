// The support bundle: what somebody else needs to help, and nothing about the person. docs/panduan/doctor.md says what is in it.
#pragma once
#include "cli/doctor/examinations.hpp"
#include "cli/doctor/ustar.hpp"

namespace jk::doctor {

struct BundleFacts {
    Findings findings;
    std::vector<std::string> agent_codes; ///< of findings that the agent told
    std::vector<UsbDevice> devices;
    std::vector<ConfiguredModule> modules;
    std::size_t refused_modules = 0;
    std::string command_version, agent_version, environment;
    std::map<std::string, std::int64_t> configuration; ///< counts, limits and switches by our own names
    std::map<std::string, std::int64_t> log_rows;      ///< by kind
};

Bytes bundle(const Machine& machine, const BundleFacts& facts);

} // namespace jk::doctor
