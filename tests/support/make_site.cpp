// jurukunci-test-site FOLDER [--origin URL]… [--link-host HOST]… [--key KIND] [--items N] [--parallel N] [--raw] [--environment E] [--unruly]
//                            [--first-use] [--order-key PEMFILE (of every origin so far)] [--authentication] [--local-programs YAML] [--key-usage OPENSSL] [--ra (the last
//                            origin is the registration authority's)] [--issuing-key (of the demo CA, as a file)]
// Makes a TestSite for the demo, browser tests and benchmarks, and prints it as JSON.
#include "tests/support/test_site.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

int main(int argc, char** argv) {
    using namespace jk::test;
    if (argc < 2 || argv[1][0] == '-') {
        std::fputs("usage: jurukunci-test-site FOLDER [options]; see tests/support/make_site.cpp\n", stderr);
        return 2;
    }
    SiteWish wish;
    wish.applications.clear();
    std::vector<std::string> hosts;
    std::string items = "100", seconds = "120", keep = "15";
    bool issuing_key = false;
    for (int i = 2; i < argc; ++i) {
        const std::string option = argv[i];
        const auto value = [&] { return std::string(i + 1 < argc ? argv[++i] : ""); };
        if (option == "--origin")
            wish.applications.push_back({value()});
        else if (option == "--ra" && !wish.applications.empty())
            wish.applications.back().registration_authority = true;
        else if (option == "--link-host")
            hosts.push_back(value());
        else if (option == "--key")
            wish.token.key = value();
        else if (option == "--name")
            wish.token.certificate.common_name = value();
        else if (option == "--items")
            items = value();
        else if (option == "--seconds")
            seconds = value();
        else if (option == "--parallel")
            wish.parallel_sessions = std::atoi(value().c_str());
        else if (option == "--issuing-key")
            issuing_key = true;
        else if (option == "--first-use")
            wish.first_use = true;
        else if (option == "--raw")
            wish.raw_hashes = true;
        else if (option == "--authentication") {
            wish.authentication = true;
            wish.token.certificate.key_usage = "critical,digitalSignature,nonRepudiation"; // one certificate for both, as cities hand out
        } else if (option == "--order-key") {
            const auto name = value();
            std::ifstream file(name);
            if (!file) {
                std::fprintf(stderr, "jurukunci-test-site: --order-key %s cannot be read\n", name.c_str());
                return 2;
            }
            const std::string pem((std::istreambuf_iterator<char>(file)), {});
            for (auto& application : wish.applications) application.order_key_pem = pem;
        } else if (option == "--local-programs")
            wish.local_programs = value();
        else if (option == "--key-usage") {
            wish.token.certificate.key_usage = value();
            wish.token.decrypts = wish.token.certificate.key_usage.find("keyEncipherment") != std::string::npos;
        } else if (option == "--environment")
            wish.environment = value();
        else if (option == "--unruly")
            wish.module = JURUKUNCI_UNRULY_MODULE;
        else {
            std::fprintf(stderr, "jurukunci-test-site: unknown option %s; see tests/support/make_site.cpp\n", option.c_str());
            return 2;
        }
    }
    for (auto& application : wish.applications) application.link_hosts = hosts;
    wish.limits = "{items_per_consent: " + items + ", consent_seconds: " + seconds + ", consent_seconds_per_item: 0, max_document_mb: 512}";
    try {
        const auto site = TestSite::create(argv[1], wish);
        const auto key_file = site.folder() / "issuing-key.pem";
        if (issuing_key) std::ofstream(key_file) << site.ca().issuing_key_pem();
        boost::json::array environment;
        for (const auto& entry : site.environment()) environment.emplace_back(entry);
        std::puts(boost::json::serialize(boost::json::object{{"environment", std::move(environment)},
                                                             {"pinFile", site.pin_file().string()},
                                                             {"softhsmConf", site.token().conf()},
                                                             {"module", softhsm_module()},
                                                             {"serial", site.token().serial()},
                                                             {"rootPem", (site.configuration() / "anchors/root.pem").string()},
                                                             {"issuingPem", (site.configuration() / "anchors/issuing.pem").string()},
                                                             {"issuingKey", issuing_key ? key_file.string() : ""},
                                                             {"unrulyControl", site.unruly_control().string()},
                                                             {"unrulyLog", site.unruly_log().string()}})
                      .c_str());
    } catch (const std::exception& e) {
        std::fprintf(stderr, "jurukunci-test-site: %s\n", e.what());
        return 5;
    }
    return 0;
}
