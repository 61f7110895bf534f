#include "agent/policy/regulation.hpp"

#include "agent/policy/provision_reader.hpp"
#include "jurukunci/config_fault.hpp"

namespace jk::policy {
namespace {

using Reader = ProvisionReader;

std::vector<NoticeEntry> notice_entries(const Reader& reader, const std::string& place) {
    std::vector<NoticeEntry> all;
    for (const auto& entry : reader.entries(place)) {
        NoticeEntry e{Reader::word(entry["v"]), Reader::word(entry["en"]), reader.basis(entry, place)};
        if (e.indonesian.empty() || e.english.empty()) throw Fault{place + " has an entry without its two sentences"};
        all.push_back(std::move(e));
    }
    return all;
}

std::optional<NoticeEntry> notice_entry(const Reader& reader, const std::string& place) {
    const auto said = reader.text(place);
    if (!said) return std::nullopt;
    NoticeEntry e{*said, Reader::word(reader.at(place + ".en")), said.basis};
    if (e.english.empty()) throw Fault{place + " has no English sentence"};
    return e;
}

std::optional<int> whole_number(const YAML::Node& node, const std::string& place, int least, int most) {
    if (!node || node.IsNull()) return std::nullopt;
    const auto n = node.as<int>();
    if (n < least || n > most) throw Fault{place + " must be from " + std::to_string(least) + " to " + std::to_string(most)};
    return n;
}

void read_identity(Regulation& r, const YAML::Node& root) {
    const auto regulation = root["peraturan"];
    r.id = Reader::word(root["id"]);
    r.city = Reader::word(root["kota"]);
    r.province = Reader::word(root["provinsi"]);
    if (r.id.empty() || r.city.empty() || !regulation || !regulation.IsMap()) throw Fault{"id, kota or peraturan is missing"};
    r.title = Reader::word(regulation["judul"]);
    r.number = regulation["nomor"].as<int>();
    r.year = regulation["tahun"].as<int>();
    r.enacted = Reader::word(regulation["ditetapkan"]);
    r.in_force = Reader::word(regulation["berlaku"]);
}

void read_issuer_and_ra(Regulation& r, const Reader& reader) {
    r.issuers = reader.texts("penerbit");
    r.issuer_citation = r.issuers.basis.citation;
    r.other_issuers = reader.flag("penerbit_lain");
    r.certificate_policies = reader.texts("oid_kebijakan");
    r.follows_cps = reader.flag("ikut_penetapan_bsre");
    if (!r.follows_cps) r.follows_cps = reader.flag("ikut_cps");
    r.cooperation_agreement = reader.flag("perjanjian_kerja_sama_psre");
    r.ra_unit = reader.text("ra_unit");
    r.ra_officer_certificate = reader.flag("petugas_ra_wajib_sertifikat_ra");
    r.ra_misconduct_to = reader.texts("laporan_petugas_ra_ke");
    r.units_named_by = reader.text("pd_ditetapkan");
}

void read_use(Regulation& r, const Reader& reader) {
    r.kinds = reader.cited("jenis");
    for (const auto& entry : reader.entries("pemilik"))
        r.holders.push_back(
            {Reader::word(entry["v"]), entry["wajib"] && entry["wajib"].as<bool>(), Reader::word(entry["jalur"]), reader.basis(entry, "pemilik")});
    r.purposes = reader.cited("kegunaan");
    r.task_kinds = reader.cited("tugas_kedinasan");
    if (r.purposes.empty() || r.task_kinds.empty()) throw Fault{"kegunaan or tugas_kedinasan is empty"};
    r.form_purposes = reader.texts("kegunaan_formulir");
    r.recommended_purposes = reader.texts("kegunaan_rekomendasi_baku");
    r.approved_applications = reader.text("aplikasi_disetujui");
    r.approved_applications_citation = r.approved_applications.basis.citation;
    const auto decree = reader.at("aplikasi_disetujui.butuh_keputusan");
    r.application_needs_decree = decree && decree.as<bool>();
    r.application_requirements = reader.cited("syarat_aplikasi");
    r.no_delegation = reader.flag("larangan_pendelegasian");
    r.no_delegation_citation = r.no_delegation.basis.citation;
    r.duties = reader.texts("kewajiban");
    r.prohibitions = reader.texts("larangan");
    r.validity_conditions = reader.cited("syarat_sah_tte");
    r.signature_form = reader.text("bentuk_tte");
    r.evidence = reader.texts("pembuktian");
}

void read_application(Regulation& r, const Reader& reader, const YAML::Node& root) {
    r.applied_by = reader.text("pengajuan_oleh");
    r.applied_through = reader.text("pengajuan_melalui");
    r.email_domains = reader.texts("email_domain");
    r.usual_email_domains = Reader::words(reader.at("email_domain.bawaan_agen"));
    if (const auto documents = root["dokumen"]; documents && documents.IsMap()) {
        for (const auto& kind : documents) {
            const auto name = kind.first.as<std::string>();
            r.documents[name] = reader.cited("dokumen." + name);
            if (const auto said = reader.text("dokumen." + name)) // "sama_dengan_individu"
                r.documents[name] = {{*said, said.basis.citation, said.basis.source}};
        }
    }
    for (const auto* form : {"formulir_A", "formulir_B", "formulir_C"}) {
        const auto node = reader.at(form);
        if (!node || !node.IsMap()) continue;
        auto& letter = r.letters[form];
        if (node["v"])
            letter.parts["kolom"] = reader.texts(form);
        else
            for (const auto& part : node)
                letter.parts[part.first.as<std::string>()] = reader.texts(std::string(form) + "." + part.first.as<std::string>());
    }
    r.owner_agreement = reader.flag("perjanjian_pemilik");
    r.issued_in_person = reader.flag("penerbitan_tanpa_kuasa");
    r.receipt = reader.flag("tanda_terima");
}

void read_keys_and_papers(Regulation& r, const Reader& reader) {
    r.private_key_citation = reader.basis("kunci_privat.hanya_disimpan_pengguna").citation;
    r.private_key_defined = reader.flag("kunci_privat.definisi");
    r.passphrase = {reader.flag("passphrase.definisi"), reader.flag("passphrase.wajib_jaga"), reader.text("passphrase.komposisi"),
                    reader.flag("passphrase.gangguan")};
    const auto footer = reader.at("catatan_kaki.v.wajib");
    r.footer = {footer && footer.as<bool>(), reader.text("catatan_kaki.teks"), reader.text("catatan_kaki.teks_bawaan").value.value_or(""),
                reader.basis("catatan_kaki")};
    r.storage = {reader.text("penyimpanan.sertifikat_terpusat"), reader.text("penyimpanan.dokumen_terpusat"),
                 reader.text("penyimpanan.data_pengguna")};
    r.sanctions = {reader.texts("sanksi"), Reader::word(reader.at("sanksi.berlaku_untuk")), reader.flag("sanksi.ganti_rugi")};
    r.transition = reader.text("peralihan");
    r.internal_audit = reader.flag("audit_internal");
    for (const auto& entry : reader.entries("keputusan"))
        r.decrees.push_back({Reader::word(entry["perihal"]), Reader::word(entry["oleh"]), Reader(entry).text("nomor")});
}

void read_notice(Regulation& r, const Reader& reader) {
    r.notice.version = whole_number(reader.at("naskah_pemilik.versi"), "naskah_pemilik.versi", 1, 10'000).value_or(0);
    r.notice.duties = notice_entries(reader, "naskah_pemilik.kewajiban");
    r.notice.prohibitions = notice_entries(reader, "naskah_pemilik.larangan");
    r.notice.agreement = notice_entry(reader, "naskah_pemilik.perjanjian");
    r.notice.complaints = notice_entry(reader, "naskah_pemilik.pengaduan");
}

void read_life(Regulation& r, const Reader& reader) {
    r.validity_years = whole_number(reader.at("masa_berlaku.v.tahun"), "masa_berlaku.v.tahun", 1, 30);
    r.validity_basis = reader.basis("masa_berlaku");
    r.validity_citation = r.validity_basis.citation;
    const auto obliged = reader.at("pembaruan.v.wajib");
    r.renewal.obliged = obliged && obliged.as<bool>();
    r.renewal.window_working_days = whole_number(reader.at("pembaruan.v.jendela_hari_kerja"), "pembaruan.v.jendela_hari_kerja", 1, 250);
    r.renewal.window = Reader::word(reader.at("pembaruan.v.jendela"));
    r.renewal.procedure = Reader::word(reader.at("pembaruan.v.tata_cara"));
    r.renewal.basis = reader.basis("pembaruan");
    for (const auto& entry : reader.entries("pencabutan.alasan")) {
        RevocationGround ground;
        ground.value = Reader::word(entry["v"]);
        ground.requesters = Reader::words(entry["pemohon"]);
        ground.accepted_with_a_warning = Reader::words(entry["juga_diterima_dengan_peringatan"]);
        ground.needs_description = entry["perlu_uraian"] && entry["perlu_uraian"].as<bool>();
        ground.basis = reader.basis(entry, "pencabutan.alasan");
        r.revocation.grounds.push_back(std::move(ground));
    }
    r.revocation.papers = reader.text("pencabutan.syarat");
    r.revocation.irreversible = reader.flag("pencabutan.tidak_dapat_digunakan_kembali");
    r.revocation.notification = reader.texts("pencabutan.pemberitahuan");
    r.revocation.may_apply_again = reader.flag("pencabutan.boleh_mohon_lagi");
    r.lost_key = {reader.text("kunci_hilang_rusak.surat_keterangan_oleh"), reader.flag("kunci_hilang_rusak.laporan_pihak_berwenang")};
}

Provision<Recipients> recipients(const Reader& reader, const std::string& place) {
    Provision<Recipients> provision;
    provision.basis = reader.basis(place);
    const auto entry = reader.at(place + ".v");
    if (entry && entry.IsMap())
        provision.value = Recipients{Reader::words(entry["kepada"]), Reader::words(entry["tembusan"]), Reader::word(entry["melalui"])};
    return provision;
}

void read_reporting(Regulation& r, const Reader& reader) {
    r.incidents = {reader.cited("insiden.kategori"), reader.texts("insiden.lapor_pertama"), recipients(reader, "insiden.lapor_kedua"),
                   reader.text("insiden.tenggat")};
    r.helpdesk = {reader.texts("helpdesk"), reader.text("helpdesk.bantuan"), reader.flag("helpdesk.komplain")};
    r.monitoring.cadence.basis = reader.basis("monev");
    if (const auto cadence = reader.at("monev.v"); cadence && cadence.IsSequence()) {
        std::vector<Cadence> all;
        for (const auto& entry : cadence)
            all.push_back({whole_number(entry["setiap_bulan"], "monev.v.setiap_bulan", 1, 120).value_or(0), Reader::word(entry["sifat"])});
        r.monitoring.cadence.value = std::move(all);
    }
    r.monitoring.performed_by = reader.text("monev.pelaksana");
    r.monitoring.methods = reader.texts("monev.bentuk");
    r.monitoring.content = reader.texts("monev.isi");
    r.monitoring.recipients = recipients(reader, "monev.penerima");
}

} // namespace

Basis Regulation::basis_of(std::string_view place) const {
    const auto found = bases.find(place);
    return found == bases.end() ? Basis{} : found->second;
}

Outcome<Regulation> read_regulation(std::string_view yaml, const std::string& file) {
    const auto refuse = [&](const std::string& why, int line = 0) { return content_fault(file, why, line); };
    try {
        const YAML::Node root = YAML::Load(std::string(yaml));
        if (!root.IsMap()) return refuse("is not a mapping");
        const Reader reader(root);
        Regulation r;
        read_identity(r, root);
        read_issuer_and_ra(r, reader);
        read_use(r, reader);
        read_application(r, reader, root);
        read_keys_and_papers(r, reader);
        read_notice(r, reader);
        read_life(r, reader);
        read_reporting(r, reader);
        r.bases = reader.all_bases();
        return r;
    } catch (const Fault& fault) {
        return refuse(fault.why);
    } catch (const YAML::Exception& e) {
        return refuse(e.what(), e.mark.line + 1);
    }
}

} // namespace jk::policy
