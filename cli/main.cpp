// jurukunci: the command line. A PIN is never an argument and never in the environment.
#include "cli/commands/commands.hpp"
#include "jurukunci/version.hpp"
#include "sandbox/process.hpp"

#include <CLI/CLI.hpp>

#include <sys/stat.h>

#include <cstdio>
#include <functional>

int main(int argc, char** argv) {
    using namespace jk;
    sandbox::harden();
    umask(0022); // results are the person's own files
    CLI::App app{"Jurukunci: tanda tangan elektronik dengan token Anda sendiri."};
    app.require_subcommand(0, 1);
    app.set_help_all_flag("--help-all", "bantuan semua perintah");
    cli::Console console;
    std::string language = "id";
    bool print_version = false;
    std::function<int()> chosen;
    app.add_flag("--version", print_version, "tampilkan versi");
    const auto command = [&](CLI::App& parent, const char* name, const char* help, std::function<int()> run) {
        auto* sub = parent.add_subcommand(name, help);
        sub->add_flag("--json", console.as_json, "jawaban sebagai JSON");
        sub->add_option("--language", language, "id atau en")->check(CLI::IsMember({"id", "en"}));
        sub->callback([&chosen, run = std::move(run)] { chosen = run; });
        return sub;
    };

    command(app, "status", "keadaan agen, profil dan token", [&] { return cli::status(console); });
    command(app, "tokens", "token yang terpasang", [&] { return cli::tokens(console); });
    command(app, "certs", "sertifikat pada token, dan mengapa tidak dapat dipakai", [&] { return cli::certificates(console); });
    command(app, "prompt", "jawab permintaan persetujuan di terminal ini", [&] { return cli::prompt(console); });

    std::string bundle;
    command(app, "doctor", "periksa apa yang salah dan apa langkah berikutnya", [&] {
        return cli::doctor(console, bundle);
    })->add_option("--bundle", bundle, "tulis paket bantuan (tar) tanpa nama, NIK, dan nama dokumen");

    cli::SignOptions sign;
    auto* sign_command = command(app, "sign", "tanda tangani berkas", [&] { return cli::sign(console, sign); });
    sign_command->add_option("input", sign.inputs, "berkas")->required()->check(CLI::ExistingFile);
    sign_command->add_option("-o,--output", sign.output, "berkas hasil, atau folder untuk beberapa berkas")->required();
    sign_command->add_option("--format", sign.format, "pades, cades atau raw")->check(CLI::IsMember({"pades", "cades", "raw"}));
    sign_command->add_option("--level", sign.level, "B (T, LT dan LTA belum tersedia)")->check(CLI::IsMember({"B", "T", "LT", "LTA"}));
    sign_command->add_option("--visible", sign.visible, "tampak di HALAMAN,X,Y,LEBAR,TINGGI (titik, dari kiri bawah)");
    sign_command->add_option("--field", sign.field, "isi kolom tanda tangan yang sudah ada di dokumen");
    sign_command->add_option("--task", sign.task_kind, "jenis tugas kedinasan menurut profil");
    sign_command->add_option("--certificate", sign.certificate, "sertifikat yang dipakai (berkas DER)")->check(CLI::ExistingFile);
    sign_command->add_flag("--replace", sign.replace, "timpa berkas hasil yang sudah ada");

    std::string file, detached;
    auto* verify_command = command(app, "verify", "periksa tanda tangan", [&] { return cli::verify(console, file, detached); });
    verify_command->add_option("file", file, "dokumen")->required()->check(CLI::ExistingFile);
    verify_command->add_option("--detached", detached, "tanda tangan CAdES yang terpisah")->check(CLI::ExistingFile);

    auto* audit = app.add_subcommand("audit", "catatan tanda tangan");
    audit->require_subcommand(1);
    command(*audit, "verify", "periksa keutuhan catatan", [&] { return cli::audit_verify(console); });

    auto* policies = app.add_subcommand("browser-policy", "izin peramban bagi aplikasi yang ditetapkan");
    policies->require_subcommand(1);
    cli::BrowserPolicyOptions policy;
    const auto policy_command = [&](const char* name, const char* help, int (*run)(const cli::Console&, const cli::BrowserPolicyOptions&)) {
        auto* sub = command(*policies, name, help, [&console, &policy, run] { return run(console, policy); });
        sub->add_option("--root", policy.root, "folder akar lain, untuk citra sistem dan uji")->check(CLI::ExistingDirectory);
        return sub;
    };
    constexpr auto deny_help = "Chromium, Chrome, Edge: halaman lain ditolak tanpa ditanyakan";
    policy_command("show", "apa yang akan ditulis; tidak mengubah apa pun", cli::show_browser_policy)
        ->add_flag("--default-deny", policy.default_deny, deny_help);
    policy_command("write", "tulis kebijakan (root)", cli::write_browser_policy)->add_flag("--default-deny", policy.default_deny, deny_help);
    policy_command("undo", "cabut kebijakan, kembalikan berkas seperti semula (root)", cli::undo_browser_policy);
    policy_command("check", "apakah kebijakan sesuai dengan daftar aplikasi", cli::check_browser_policy);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    if (print_version) {
        std::printf("jurukunci %s\n", std::string(version()).c_str());
        return 0;
    }
    if (!chosen) {
        std::fputs(app.help().c_str(), stdout);
        return 2;
    }
    console.language = language == "en" ? Language::english : Language::indonesian;
    return chosen();
}
