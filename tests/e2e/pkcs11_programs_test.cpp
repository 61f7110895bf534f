// Other people's programs through our module: OpenSC's pkcs11-tool, GnuTLS' p11tool, NSS and OpenSSH. A missing one is a failure, not a skip.
#include "tests/support/judges.hpp"
#include "tests/support/pkcs11_program.hpp"
#include "tests/support/running_agent.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

using namespace jk;
using namespace jk::test;
using testing::HasSubstr;
using testing::Not;

namespace {

struct Desk {
    explicit Desk(const std::string& key) : agent(ordinary_key(key)), folder(agent.folder()) {
        std::ofstream(folder / "data") << "Nota dinas\n";
        std::ofstream(folder / "cert.pem") << pem_of(*agent.site().token().certificate());
        run("openssl x509 -in cert.pem -pubkey -noout > public.pem");
    }
    /// In this folder, with the agent's address in the environment.
    Said run(const std::string& command) {
        std::string exports;
        for (const auto& entry : agent.site().environment()) exports += "export " + entry + "; ";
        return run_command(exports + "cd " + quoted(folder) + " && " + command);
    }
    Said tool(const std::string& arguments) { return run("pkcs11-tool --module " + module_path() + " " + arguments); }

    RunningAgent agent;
    std::filesystem::path folder;
};

unsigned short free_port() {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(fd, reinterpret_cast<sockaddr*>(&address), size);
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    close(fd);
    return ntohs(address.sin_port);
}

} // namespace

TEST(Pkcs11Programs, Pkcs11ToolListsSignsAndDecrypts) {
    Desk t("rsa2048");
    const auto slots = t.tool("-L");
    EXPECT_EQ(slots.exit_code, 0) << slots.text;
    EXPECT_THAT(slots.text, HasSubstr("Jana K."));
    EXPECT_THAT(slots.text, HasSubstr("PIN pad present"));
    const auto objects = t.tool("--login -O");
    EXPECT_THAT(objects.text, HasSubstr("Private Key Object"));
    EXPECT_THAT(objects.text, HasSubstr("never extractable"));
    const auto made = t.tool("--login --sign -m SHA256-RSA-PKCS -i data -o signature");
    EXPECT_EQ(made.exit_code, 0) << made.text;
    EXPECT_EQ(t.run("openssl dgst -sha256 -verify public.pem -signature signature data").exit_code, 0);
    const auto pss = t.tool("--login --sign -m SHA256-RSA-PKCS-PSS --mgf MGF1-SHA256 --salt-len 32 -i data -o pss");
    EXPECT_EQ(pss.exit_code, 0) << pss.text;
    EXPECT_EQ(t.run("openssl dgst -sha256 -verify public.pem -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -signature pss data").exit_code,
              0);
    t.run("openssl pkeyutl -encrypt -pubin -inkey public.pem -in data -out old");
    EXPECT_THAT(t.tool("--login --decrypt -m RSA-PKCS -i old").text, HasSubstr("Nota dinas"));
    t.run("openssl pkeyutl -encrypt -pubin -inkey public.pem -in data -out oaep -pkeyopt rsa_padding_mode:oaep"); // SHA-1, all that SoftHSM knows
    EXPECT_THAT(t.tool("--login --decrypt -m RSA-PKCS-OAEP --hash-algorithm SHA-1 -i oaep").text, HasSubstr("Nota dinas"));
}

TEST(Pkcs11Programs, Pkcs11ToolTestsAnEcKeyWithoutAnError) {
    Desk t("p256");
    const auto said = t.tool("--login --test");
    EXPECT_EQ(said.exit_code, 0) << said.text;
    EXPECT_THAT(said.text, HasSubstr("No errors"));
    const auto made = t.tool("--login --sign -m ECDSA-SHA256 --signature-format openssl -i data -o signature");
    EXPECT_EQ(made.exit_code, 0) << made.text;
    EXPECT_EQ(t.run("openssl dgst -sha256 -verify public.pem -signature signature data").exit_code, 0);
}

TEST(Pkcs11Programs, Pkcs11ToolFindsOnlyTheRefusedSha1OnAnRsaKey) {
    Desk t("rsa2048");
    const auto said = t.tool("--login --test");
    EXPECT_THAT(said.text, HasSubstr("all 4 digest functions seem to work"));
    EXPECT_THAT(said.text, HasSubstr("ERR: C_Sign() returned CKR_DATA_INVALID")); // its DigestInfo is SHA-1's: a key here signs no such thing
    EXPECT_THAT(said.text, HasSubstr("RSA-PKCS: OK"));                            // decryption
}

TEST(Pkcs11Programs, Pkcs11ToolRunsThreads) {
    Desk t("p256");
    const auto said = t.tool("--test-threads IL --test-threads ILGI --test-threads ILSL");
    EXPECT_EQ(said.exit_code, 0) << said.text;
    EXPECT_THAT(said.text, Not(HasSubstr("CKR_GENERAL_ERROR")));
}

TEST(Pkcs11Programs, P11toolListsAndSigns) {
    Desk t("rsa2048");
    const auto listed = t.run("p11tool --provider " + module_path() + " --list-all --login");
    EXPECT_EQ(listed.exit_code, 0) << listed.text;
    EXPECT_THAT(listed.text, HasSubstr("type=private"));
    const auto made = t.run("p11tool --provider " + module_path() + " --login --test-sign 'pkcs11:object=Jana%20Kusuma;type=private'");
    EXPECT_EQ(made.exit_code, 0) << made.text;
    EXPECT_THAT(made.text, HasSubstr("Verifying against public key in the token... ok"));
}

TEST(Pkcs11Programs, NssSignsACmsMessage) {
    Desk t("rsa2048");
    t.run("mkdir nss && certutil -N -d sql:nss --empty-password");
    const auto added = t.run("modutil -force -dbdir sql:nss -add jurukunci -libfile " + module_path());
    EXPECT_EQ(added.exit_code, 0) << added.text;
    EXPECT_THAT(t.run("modutil -dbdir sql:nss -list").text, HasSubstr("token: Jana K."));
    EXPECT_THAT(t.run("certutil -L -d sql:nss -h all </dev/null").text, HasSubstr("Jana K.:Jana Kusuma"));
    EXPECT_THAT(t.run("certutil -K -d sql:nss -h 'Jana K.' </dev/null").text, HasSubstr("rsa"));
    const auto anchors = (t.agent.site().configuration() / "anchors").string();
    t.run("certutil -A -d sql:nss -n root -t CT,C,C -i " + anchors + "/root.pem && certutil -A -d sql:nss -n issuing -t ,, -i " + anchors +
          "/issuing.pem");
    const auto made = t.run("cmsutil -S -d sql:nss -N 'Jana K.:Jana Kusuma' -H SHA256 -G -i data -o signed.p7 </dev/null");
    EXPECT_EQ(made.exit_code, 0) << made.text;
    const auto judged = t.run("openssl cms -verify -binary -inform DER -in signed.p7 -CAfile " + anchors + "/root.pem -certfile " + anchors +
                              "/issuing.pem -purpose any");
    EXPECT_EQ(judged.exit_code, 0) << judged.text;
}

TEST(Pkcs11Programs, OpensshLogsInToALocalServer) {
    Desk t("rsa2048");
    const auto printed = t.run("ssh-keygen -D " + module_path() + " > key.pub && cut -d' ' -f1,2 key.pub > authorized && cat authorized");
    ASSERT_EQ(printed.exit_code, 0) << printed.text;
    ASSERT_THAT(printed.text, HasSubstr("ssh-rsa "));
    const auto port = std::to_string(free_port());
    const std::string user = getpwuid(geteuid())->pw_name;
    std::ofstream(t.folder / "sshd_config") << "ListenAddress 127.0.0.1\nPort " << port << "\nHostKey " << (t.folder / "host").string()
                                            << "\nPidFile none\nAuthorizedKeysFile " << (t.folder / "authorized").string()
                                            << "\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n";
    t.run("ssh-keygen -q -t ed25519 -N '' -f host; mkdir -p /run/sshd");
    auto server = Process::start({"/usr/sbin/sshd", "-D", "-e", "-f", (t.folder / "sshd_config").string()}, {}, t.folder / "sshd.log");
    ASSERT_TRUE(server.says("Server listening", 10'000)) << server.output();
    const auto said = t.run("ssh -F none -p " + port + " -o PKCS11Provider=" + module_path() +
                            " -o IdentityFile=none -o IdentityAgent=none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null " + user +
                            "@127.0.0.1 'echo DI DALAM'");
    EXPECT_EQ(said.exit_code, 0) << said.text << server.output();
    EXPECT_THAT(said.text, HasSubstr("DI DALAM"));
    EXPECT_THAT(server.output(), HasSubstr("Accepted publickey"));
    bool named = false;
    for (const auto& question : t.agent.shown(1)) named = named || std::string(question.at("application").as_string()).starts_with("ssh (PID");
    EXPECT_TRUE(named);
}
