// jurukunci: the command line. A PIN is never an argument and never in the environment.
#include "cli/commands/audit.hpp"
#include "cli/commands/commands.hpp"
#include "cli/commands/report.hpp"
#include "jurukunci/version.hpp"
#include "sandbox/process.hpp"

#include <CLI/CLI.hpp>

#include <sys/stat.h>

#include <cstdio>
#include <functional>

namespace {

using namespace jk;
using AddCommand = std::function<CLI::App*(CLI::App&, const char*, const char*, std::function<int()>)>;

void add_token_commands(CLI::App& parent, const AddCommand& command, const cli::Console& console, cli::TokenOptions& token) {
    const auto step = [&](CLI::App& under, const char* name, const char* help, const char* which) {
        auto* sub = command(under, name, help, [&console, &token, which] { return cli::token_step(console, which, token); });
        sub->add_option("--serial", token.serial, "nomor seri token; perlu bila ada lebih dari satu");
        sub->add_option("--case", token.case_file, "berkas permohonan (JSON)")->check(CLI::ExistingFile);
        return sub;
    };
    const auto group = [&](const char* name, const char* help) {
        auto* sub = parent.add_subcommand(name, help);
        sub->require_subcommand(1);
        return sub;
    };
    command(parent, "show", "keadaan token menurut token itu sendiri, dan langkah berikutnya", [&console] { return cli::token_show(console); });
    step(parent, "init", "siapkan token kosong: label dan SO-PIN baru", "init")->add_option("--label", token.label, "label token")->required();
    auto* key = step(*group("key", "kunci pada token"), "generate", "buat pasangan kunci di dalam token", "key-generate");
    key->add_option("--key", token.key, "jenis kunci")->check(CLI::IsMember({"rsa2048", "rsa3072", "rsa4096", "p256", "p384", "p521", "ed25519"}));
    key->add_option("--purpose", token.purpose, "kegunaan")->check(CLI::IsMember({"signature", "encryption"}));
    key->add_option("--label", token.label, "label kunci");
    auto* csr = step(parent, "csr", "permohonan sertifikat (PKCS#10) yang ditandatangani kunci di token", "csr");
    csr->add_option("-o,--output", token.output, "berkas hasil (PEM)")->required();
    csr->add_option("--key-id", token.key_id, "kunci yang dimaksud");
    auto* certificate = group("cert", "sertifikat pada token");
    auto* import = step(*certificate, "import", "simpan sertifikat yang terbit ke token", "cert-import");
    import->add_option("file", token.certificate_file, "sertifikat (DER atau PEM)")->required()->check(CLI::ExistingFile);
    import->add_option("--label", token.label, "label sertifikat");
    step(*certificate, "delete", "hapus sertifikat dari token", "cert-delete")
        ->add_option("sha256", token.certificate_sha256, "sidik jari sertifikat")
        ->required();
    auto* pin = group("pin", "passphrase pemegang");
    step(*pin, "set", "pemegang memasang atau mengganti passphrase-nya sendiri", "pin-set");
    step(*pin, "unblock", "pasang passphrase baru dengan SO-PIN", "pin-unblock");
    auto* destroy = step(parent, "destroy", "musnahkan isi token dan buat catatan pemusnahan", "destroy");
    destroy->add_option("--reason", token.reason, "alasan: masa_berlaku_habis, mutasi, pensiun, rusak, kompromi, …")->required();
    destroy->add_option("--officer", token.officer, "petugas yang memusnahkan")->required();
    destroy->add_option("--witness", token.witnesses, "saksi; boleh berulang");
    destroy->add_option("--minutes", token.minutes, "nomor berita acara");
    destroy->add_flag("--without-so-pin", token.without_so_pin, "hapus objek satu per satu dengan passphrase pemegang");
}

void add_report_commands(CLI::App& app, const AddCommand& command, const cli::Console& console, cli::ReportOptions& o) {
    auto* report = app.add_subcommand("report", "laporkan token hilang, rusak, bocor atau dipakai orang lain: kunci diblokir saat itu juga");
    report->require_subcommand(1);
    auto* fresh = command(*report, "new", "buat laporan; tanpa token dan tanpa passphrase", [&] { return cli::report_new(console, o); });
    fresh->add_option("--category", o.category, "apa yang terjadi; lihat `jurukunci report categories`");
    fresh->add_option("--known-at", o.known_at, "kapan diketahui, misalnya \"2026-11-21 15:00\"; bawaan: sekarang");
    fresh->add_option("--last-safe", o.last_safe, "kapan terakhir pasti aman");
    fresh->add_option("--description", o.description, "uraian, tanpa NIK");
    fresh->add_option("--significant", o.significant, "apakah insiden signifikan")->check(CLI::IsMember({"yes", "no"}));
    fresh->add_option("--serial", o.serial, "nomor seri token");
    fresh->add_option("--certificate", o.certificate_file, "berkas sertifikat")->check(CLI::ExistingFile);
    fresh->add_option("--sha256", o.certificate_sha256, "sidik jari sertifikat");
    fresh->add_option("--nip", o.nip, "NIP pemilik");
    fresh->add_option("--name", o.name, "nama pemilik");
    fresh->add_option("--position", o.position, "jabatan pemilik");
    fresh->add_option("--unit", o.unit, "Perangkat Daerah");
    fresh->add_option("--superior-name", o.superior_name, "nama atasan langsung");
    fresh->add_option("--superior-nip", o.superior_nip, "NIP atasan langsung");
    fresh->add_option("--superior-position", o.superior_position, "jabatan atasan langsung");
    fresh->add_option("--head-name", o.head_name, "nama Kepala Perangkat Daerah");
    fresh->add_option("--head-nip", o.head_nip, "NIP Kepala Perangkat Daerah");
    command(*report, "categories", "kategori menurut peraturan kota ini", [&] { return cli::report_categories(console); });
    command(*report, "list", "laporan di komputer ini", [&] { return cli::report_list(console); });
    command(*report, "device", "sertifikat komputer ini, untuk didaftarkan petugas RA", [&] { return cli::report_device(console); });
    const auto about = [&](const char* name, const char* help, int (*run)(const cli::Console&, const cli::ReportOptions&)) {
        auto* sub = command(*report, name, help, [&console, &o, run] { return run(console, o); });
        sub->add_option("report", o.id, "nomor laporan")->required();
        return sub;
    };
    about("show", "satu laporan, dengan dokumen yang ditandatangani sejak itu", cli::report_show);
    about("send", "kirim laporan ke petugas RA", cli::report_send);
    about("papers", "surat-surat menurut peraturan kota, PDF dan JSON", cli::report_papers)->add_option("-o,--output", o.output, "folder hasil");
    auto* attach = about("attach", "lampirkan berkas", cli::report_attach);
    attach->add_option("file", o.file, "berkas")->required()->check(CLI::ExistingFile);
    attach->add_option("--kind", o.kind, "jenis")->check(CLI::IsMember({"laporan_pihak_berwenang", "surat_keterangan", "lampiran"}));
    command(*report, "decision", "keputusan RA yang ditandatangani (CMS, DER)", [&] { return cli::report_decision(console, o); })
        ->add_option("file", o.file, "berkas")
        ->required()
        ->check(CLI::ExistingFile);
    command(app, "archive", "serahkan dokumen yang sudah ditandatangani ke pusat data kota", [&] { return cli::archive(console, o); })
        ->add_option("file", o.file, "dokumen")
        ->required()
        ->check(CLI::ExistingFile);
}

void add_audit_commands(CLI::App& app, const AddCommand& command, const cli::Console& console, cli::AuditOptions& o) {
    constexpr auto since_help = "mulai baris atau waktu ini: 120, atau 2026-11-21T08:00:00Z";
    constexpr auto until_help = "sampai baris atau waktu ini";
    auto* audit = app.add_subcommand("audit", "catatan tanda tangan");
    audit->require_subcommand(1);
    command(*audit, "verify", "periksa keutuhan catatan", [&] { return cli::audit_verify(console); });
    command(*audit, "lost", "catatan yang hilang, untuk keputusan RA", [&] { return cli::audit_lost(console); });
    command(*audit, "rotate", "tutup segmen catatan sekarang; agen harus berhenti", [&] { return cli::audit_rotate(console); });
    command(*audit, "prune", "hapus segmen yang melewati masa simpan; agen harus berhenti", [&] { return cli::audit_prune(console); });
    auto* since = command(*audit, "since", "apa yang terjadi sejak baris atau waktu itu", [&] { return cli::audit_since(console, o); });
    since->add_option("since", o.since, since_help)->required();
    since->add_option("--limit", o.limit, "paling banyak sekian baris")->check(CLI::Range(1, 100'000));
    auto* stats = command(*audit, "stats", "hitungan per jenis, aplikasi, hari dan penolakan", [&] { return cli::audit_stats(console, o); });
    auto* exported = command(*audit, "export", "salin catatan untuk pemeriksa (JSON Lines)", [&] { return cli::audit_export(console, o); });
    exported->add_option("-o,--output", o.output, "berkas hasil")->required();
    exported->add_flag("--replace", o.replace, "timpa berkas hasil yang sudah ada");
    for (auto* sub : {stats, exported}) sub->add_option("--since", o.since, since_help);
    for (auto* sub : {since, stats, exported}) sub->add_option("--until", o.until, until_help);
}

} // namespace

int main(int argc, char** argv) {
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
        sub->add_option("--language,--lang", language, "id atau en")->check(CLI::IsMember({"id", "en"}));
        sub->callback([&chosen, run = std::move(run)] { chosen = run; });
        return sub;
    };

    command(app, "status", "keadaan agen, profil dan token", [&] { return cli::status(console); });
    command(app, "tokens", "token yang terpasang", [&] { return cli::tokens(console); });
    command(app, "certs", "sertifikat pada token, dan mengapa tidak dapat dipakai", [&] { return cli::certificates(console); });
    command(app, "prompt", "jawab permintaan persetujuan di terminal ini", [&] { return cli::prompt(console); });

    auto* duties = app.add_subcommand("duties", "kewajiban pemilik sertifikat");
    duties->require_subcommand(1);
    command(*duties, "show", "naskah yang dibaca sebelum pemakaian pertama, dan siapa yang menyatakannya kapan",
            [&] { return cli::duties_show(console); });

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

    cli::AuditOptions audit;
    add_audit_commands(app, command, console, audit);

    auto* profile = app.add_subcommand("policy", "profil kota yang berlaku di komputer ini, dengan pasalnya");
    profile->require_subcommand(1);
    cli::ExplainOptions explain;
    command(*profile, "show", "profil yang berlaku, setiap nilai dengan pasalnya", [&] { return cli::policy_show(console); });
    command(*profile, "check", "periksa konfigurasi yang terpasang", [&] { return cli::policy_check(console); });
    auto* explain_command =
        command(*profile, "explain", "nilai permintaan percobaan dengan semua aturan", [&] { return cli::policy_explain(console, explain); });
    explain_command->add_option("--request", explain.file, "permintaan sebagai berkas JSON")->check(CLI::ExistingFile);
    explain_command->add_option("--origin", explain.origin, "alamat aplikasi (https://…)");
    explain_command->add_option("--purpose", explain.purpose, "kegunaan; bawaan: tte");
    explain_command->add_option("--task", explain.task_kind, "jenis tugas kedinasan");
    explain_command->add_option("--format", explain.format, "PAdES, CAdES, RAW atau login");
    explain_command->add_option("--certificate", explain.certificate, "sertifikat (PEM), diikuti rantainya")->check(CLI::ExistingFile);
    explain_command->add_option("--delegation", explain.delegation, "nama kolom pendelegasian yang dikirim aplikasi");
    explain_command->add_option("--items", explain.items, "jumlah dokumen")->check(CLI::Range(1, 10'000));
    explain_command->add_option("--at", explain.at, "waktu (RFC 3339); bawaan: sekarang");

    cli::BundleOptions bundle_content;
    std::string bundle_file, pinned_folder;
    auto* bundles = profile->add_subcommand("bundle", "bundel konfigurasi yang ditandatangani RA");
    bundles->require_subcommand(1);
    auto* make = command(*bundles, "make", "susun isi bundel dari sebuah folder, untuk ditandatangani RA",
                         [&] { return cli::policy_bundle_make(console, bundle_content); });
    make->add_option("folder", bundle_content.folder, "folder dengan profile.yaml dan berkas lain")->required()->check(CLI::ExistingDirectory);
    make->add_option("-o,--output", bundle_content.output, "berkas hasil")->required();
    make->add_option("--bundle-version", bundle_content.version, "nomor versi, harus naik")->required()->check(CLI::Range(1, 2'000'000'000));
    make->add_option("--expires", bundle_content.expires, "hari terakhir berlaku, TTTT-BB-HH")->required();
    make->add_option("--holders", bundle_content.holders, "daftar pemilik (JSON)")->check(CLI::ExistingFile);
    make->add_option("--blocked", bundle_content.blocked, "daftar blokir dan pencabutan (JSON)")->check(CLI::ExistingFile);
    auto* show_bundle = command(*bundles, "show", "periksa dan tampilkan bundel yang sudah ditandatangani",
                                [&] { return cli::policy_bundle_show(console, bundle_file, pinned_folder); });
    show_bundle->add_option("file", bundle_file, "bundel")->required()->check(CLI::ExistingFile);
    show_bundle->add_option("--pins", pinned_folder, "folder dengan ra/*.pem; bawaan: konfigurasi sistem")->check(CLI::ExistingDirectory);

    cli::TokenOptions token;
    auto* tokens = app.add_subcommand("token", "siapkan, ubah, atau musnahkan isi token (meja RA)");
    tokens->require_subcommand(1);
    add_token_commands(*tokens, command, console, token);
    auto* pins = app.add_subcommand("pin", "passphrase Anda");
    pins->require_subcommand(1);
    command(*pins, "change", "ganti passphrase token Anda; yang lama dan yang baru diketik di dialog", [&] {
        return cli::token_step(console, "pin-set", token);
    })->add_option("--serial", token.serial, "nomor seri token; perlu bila ada lebih dari satu");

    cli::ReportOptions report;
    add_report_commands(app, command, console, report);

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
