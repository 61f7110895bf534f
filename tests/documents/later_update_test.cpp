// What verification says of a signed document to which somebody appended an update: attacks, one per key that an update may touch, and what
// honest producers append. The documents are written here, so that each attack can be read.
#include "agent/documents/signed_data.hpp"
#include "tests/support/crafted_update.hpp"
#include "tests/support/document_desk.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include <fstream>

namespace jk::test {
namespace {

namespace json = boost::json;

// The letter's objects. 1 and 2 are the catalog and the page tree.
enum : int {
    page = 3,
    content = 4,
    font = 5,
    info = 6,
    metadata = 7,
    form = 8,
    text_field = 9,
    fields = 10,
    second_page = 11,
    notes = 12,
    numbers = 13,
    empty_field = 14
};
const std::string contract = "BT /F1 18 Tf 60 600 Td (Nilai kontrak Rp 10.000.000) Tj ET";
const std::string forged = "BT /F1 40 Tf 60 400 Td (Nilai kontrak Rp 10.000.000.000) Tj ET 1 0 0 rg 50 300 400 200 re f";
const std::string packet = "<?xpacket begin=''?><x:xmpmeta xmlns:x='adobe:ns:meta/'/><?xpacket end='w'?>";

std::string ref(int number) { return std::to_string(number) + " 0 R"; }

CraftedUpdate letter() {
    CraftedUpdate pdf("");
    pdf.put(1, "<< /Type /Catalog /Pages 2 0 R /AcroForm 8 0 R /Metadata 7 0 R /PageLabels << /Nums [0 << /S /D >>] >> >>");
    pdf.put(2, "<< /Type /Pages /Kids [3 0 R 11 0 R] /Count 2 /MediaBox [0 0 595 842] >>");
    pdf.put(page, "<< /Type /Page /Parent 2 0 R /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R /Annots [9 0 R 14 0 R] >>");
    pdf.put_stream(content, contract);
    pdf.put(font, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
    pdf.put(info, "<< /Title (Surat Perjanjian) >>");
    pdf.put_stream(metadata, packet, "/Type /Metadata /Subtype /XML");
    pdf.put(form, "<< /Fields 10 0 R /DA (/Helv 0 Tf) >>");
    pdf.put(text_field, "<< /Type /Annot /Subtype /Widget /FT /Tx /T (nama) /V (Jana) /F 4 /P 3 0 R /Rect [60 500 260 520] >>");
    pdf.put(fields, "[9 0 R 14 0 R]");
    pdf.put(second_page, "<< /Type /Page /Parent 2 0 R /Resources << /Font << /F1 5 0 R >> >> /Contents [4 0 R] /Annots 12 0 R >>");
    pdf.put(notes, "[]");
    pdf.put(numbers, "<< /Unused true >>");
    pdf.put(empty_field, "<< /Type /Annot /Subtype /Widget /FT /Sig /T (kosong) /F 4 /P 3 0 R /Rect [60 60 260 120] >>");
    pdf.trailer("/Info", "6 0 R").trailer("/ID", "[<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]");
    return pdf;
}

struct Case {
    std::string name;
    std::function<void(CraftedUpdate&)> update;
    std::function<void(CraftedUpdate&)> prepared = {}; ///< what the attacker put into the letter before it was signed
    bool signed_too = false;                           ///< the update is signed, by the same trusted official
    std::string base = {};                             ///< a document of the corpus instead of the letter
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class LaterUpdate : public testing::TestWithParam<Case> {
protected:
    std::string read(const std::filesystem::path& file) {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    std::filesystem::path write(const std::string& name, const std::string& bytes) {
        const auto file = desk.folder.path() / name;
        std::ofstream(file, std::ios::binary) << bytes;
        return file;
    }

    std::string signed_letter() {
        auto pdf = letter();
        if (GetParam().prepared) GetParam().prepared(pdf);
        const auto base = GetParam().base.empty() ? write("surat.pdf", pdf.finish())
                                                  : std::filesystem::path(JURUKUNCI_SOURCE_DIR) / "tests/data/pdf" / GetParam().base;
        const auto facts = desk.upload(base);
        auto sealed = desk.seal(facts->id);
        if (!sealed) throw std::runtime_error(sealed.error().log_line());
        const auto result = desk.sign(**sealed);
        const auto file = desk.folder.path() / "ditandatangani.pdf";
        desk.write(result->document->id, file);
        return read(file);
    }

    Bytes cms(ByteView before, ByteView after) {
        documents::RunningHash hash(HashFunction::sha256);
        hash.update(before);
        hash.update(after);
        const documents::SignedData data(Format::pades, desk.certificate, {desk.ca.issuing()}, desk.mechanism, hash.digest(), SystemClock().now());
        return data.with(sign_in_memory(desk.key.get(), desk.mechanism, data.to_sign()).value);
    }

    json::object report() {
        CraftedUpdate update(signed_letter());
        GetParam().update(update);
        const auto bytes =
            GetParam().signed_too ? update.finish_signed([&](ByteView before, ByteView after) { return cms(before, after); }) : update.finish();
        const auto file = write("berubah.pdf", bytes);
        if (const char* keep = std::getenv("JURUKUNCI_KEEP_ATTACKS"))
            std::filesystem::copy_file(file, std::filesystem::path(keep) / (GetParam().name + ".pdf"),
                                       std::filesystem::copy_options::overwrite_existing);
        const auto facts = desk.upload(file);
        return json::parse(desk.verify(facts->id)).as_object();
    }

    DocumentDesk desk;
};

/// For messages: the report without certificates.
std::string gist(const json::object& report) {
    std::string text(report.at("conclusion").as_string());
    for (const auto& s : report.at("signatures").as_array())
        text += "\n" + json::serialize(s.at("field")) + " " + json::serialize(s.at("indication")) + " " + json::serialize(s.at("changes")) + " " +
                json::serialize(s.at("warnings"));
    return text;
}

class Attack : public LaterUpdate {};
class Disappearance : public LaterUpdate {};
class HonestUpdate : public LaterUpdate {};

TEST_P(Attack, IsAModification) {
    const auto said = report();
    EXPECT_EQ(said.at("conclusion").as_string(), "not-valid") << gist(said);
    const auto& signatures = said.at("signatures").as_array();
    ASSERT_FALSE(signatures.empty());
    EXPECT_EQ(signatures[0].at("integrity").as_string(), "modified-after-signing") << gist(said);
}

TEST_P(Disappearance, LeavesNoSignature) { EXPECT_EQ(report().at("conclusion").as_string(), "no-signature"); }

TEST_P(HonestUpdate, LeavesTheSignatureIntact) {
    const auto said = report();
    EXPECT_EQ(said.at("conclusion").as_string(), "valid") << gist(said);
    ASSERT_EQ(said.at("signatures").as_array().size(), GetParam().signed_too ? 2u : 1u);
    for (const auto& signature : said.at("signatures").as_array()) EXPECT_EQ(signature.at("integrity").as_string(), "intact") << gist(said);
}

// --- building stones of updates

/// The catalog with one more entry, or with an entry exchanged.
void add_to_catalog(CraftedUpdate& pdf, const std::string& entry) { pdf.put(pdf.root(), with(pdf.object(pdf.root()), entry)); }
void forge_content(CraftedUpdate& pdf) { pdf.put_stream(content, forged); }

constexpr std::size_t room = 6000;

struct NewField {
    std::string rect = "[60 200 260 260]", more = "", type = "/Type /Annot /Subtype /Widget /FT /Sig";
    int look = 0; ///< an old object as appearance
};

/// A new field with a signature, on the page and in the form. Gives the field's number.
int add_signature(CraftedUpdate& pdf, const NewField& wish = {}) {
    const int signature = pdf.fresh(), field = pdf.fresh(), look = wish.look != 0 ? wish.look : pdf.fresh();
    pdf.put_signature(signature, room);
    if (wish.look == 0) pdf.put_stream(look, "1 1 1 rg 0 0 200 60 re f", "/Type /XObject /Subtype /Form /BBox [0 0 200 60]");
    pdf.put(field, "<< " + wish.type + " /T (Kedua) /F 132 /P " + ref(page) + " /Rect " + wish.rect + " /V " + ref(signature) + " /AP << /N " +
                       ref(look) + " >> " + wish.more + " >>");
    pdf.put(page, appended(pdf.object(page), "/Annots", ref(field)));
    pdf.put(fields, appended(pdf.object(fields), "", ref(field)));
    return field;
}

/// As archives have it; here it is not even true.
void add_timestamp(CraftedUpdate& pdf, const std::string& rect) {
    const int stamp = pdf.fresh(), field = pdf.fresh(), look = pdf.fresh();
    pdf.put(stamp, "<< /Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161 /ByteRange [0 1 2 3] /Contents <00> >>");
    pdf.put_stream(look, forged, "/Type /XObject /Subtype /Form /BBox [0 0 595 842]");
    pdf.put(field, "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Waktu) /F 132 /P 11 0 R /Rect " + rect + " /V " + ref(stamp) + " /AP << /N " +
                       ref(look) + " >> >>");
    pdf.put(notes, "[" + ref(field) + "]").put(fields, appended(pdf.object(fields), "", ref(field)));
}

const std::vector<Case> attacks{
    {"PlainContent", forge_content},
    // An old object behind a key that may change is judged all the same.
    {"Dss", [](auto& pdf) { forge_content(pdf), add_to_catalog(pdf, "/DSS 4 0 R"); }},
    {"DssWithin", [](auto& pdf) { forge_content(pdf), add_to_catalog(pdf, "/DSS << /Certs [4 0 R] >>"); }},
    {"DssVri", [](auto& pdf) { forge_content(pdf), add_to_catalog(pdf, "/DSS << /VRI << /AA << /Cert [4 0 R] >> >> >>"); }},
    {"Info", [](auto& pdf) { forge_content(pdf), pdf.trailer("/Info", "4 0 R"); }},
    {"InfoWithin", [](auto& pdf) { forge_content(pdf), pdf.put(info, "<< /Title 4 0 R >>"); }},
    {"Metadata", [](auto& pdf) { forge_content(pdf), pdf.put(pdf.root(), replaced(pdf.object(1), "/Metadata 7 0 R", "/Metadata 4 0 R")); }},
    {"MetadataTyped",
     [](auto& pdf) {
         pdf.put_stream(content, forged, "/Type /Metadata /Subtype /XML"), pdf.put(1, replaced(pdf.object(1), "/Metadata 7 0 R", "/Metadata 4 0 R"));
     }},
    {"Extensions", [](auto& pdf) { forge_content(pdf), add_to_catalog(pdf, "/Extensions 4 0 R"); }},
    {"ExtensionsWithin", [](auto& pdf) { forge_content(pdf), add_to_catalog(pdf, "/Extensions << /ADBE 4 0 R >>"); }},
    {"Version", [](auto& pdf) { forge_content(pdf), add_to_catalog(pdf, "/Version 4 0 R"); }},
    {"Perms", [](auto& pdf) { forge_content(pdf), add_to_catalog(pdf, "/Perms 4 0 R"); }},
    {"PermsWithin", [](auto& pdf) { forge_content(pdf), add_to_catalog(pdf, "/Perms << /UR3 4 0 R >>"); }},
    {"KidsOfANewField", [](auto& pdf) { forge_content(pdf), add_signature(pdf, {.more = "/Kids [4 0 R]"}); }, {}, true},
    {"KidsOfANewFieldArePages",
     [](auto& pdf) {
         add_signature(pdf, {.more = "/Kids [11 0 R]"});
         pdf.put(second_page, replaced(pdf.object(second_page), "[ 4 0 R ]", "[ ]"));
     },
     {},
     true},
    {"AppearanceOfANewFieldIsContent", [](auto& pdf) { forge_content(pdf), add_signature(pdf, {.look = content}); }, {}, true},
    // The catalog's other keys.
    {"OpenAction", [](auto& pdf) { add_to_catalog(pdf, "/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"); }},
    {"AdditionalActions", [](auto& pdf) { add_to_catalog(pdf, "/AA << /WC << /S /JavaScript /JS (1) >> >>"); }},
    {"Names", [](auto& pdf) { add_to_catalog(pdf, "/Names << /JavaScript << /Names [(a) << /S /JavaScript /JS (1) >>] >> >>"); }},
    {"OptionalContent", [](auto& pdf) { add_to_catalog(pdf, "/OCProperties << /OCGs [] /D << >> >>"); }},
    {"PageLabels", [](auto& pdf) { pdf.put(1, replaced(pdf.object(1), "/S /D", "/S /R")); }},
    {"Pages",
     [](auto& pdf) {
         const int tree = pdf.fresh();
         pdf.put(tree, replaced(pdf.object(2), "11 0 R", "")).put(1, replaced(pdf.object(1), "/Pages 2 0 R", "/Pages " + ref(tree)));
     }},
    {"PagesTwiceInTheCatalog",
     [](auto& pdf) { // whom the first entry counts for sees other pages
         const int tree = pdf.fresh();
         pdf.put(tree, "<< /Type /Pages /Kids [11 0 R] /Count 1 /MediaBox [0 0 595 842] >>");
         pdf.put(1, replaced(pdf.object(1), "/Pages 2 0 R", "/Pages " + ref(tree) + " /Pages 2 0 R"));
     }},
    {"PageTree", [](auto& pdf) { pdf.put(2, replaced(replaced(pdf.object(2), " 11 0 R", ""), "/Count 2", "/Count 1")); }},
    {"PageTreeGrows",
     [](auto& pdf) {
         const int more = pdf.fresh();
         pdf.put(more, pdf.object(page)).put(2, replaced(replaced(pdf.object(2), "11 0 R", "11 0 R " + ref(more)), "/Count 2", "/Count 3"));
     }},
    {"PageContents",
     [](auto& pdf) {
         const int more = pdf.fresh();
         pdf.put_stream(more, forged).put(page, replaced(pdf.object(page), "/Contents 4 0 R", "/Contents " + ref(more)));
     }},
    {"PageAnnotation",
     [](auto& pdf) {
         const int more = pdf.fresh();
         pdf.put(more, "<< /Type /Annot /Subtype /FreeText /Rect [0 0 595 842] /Contents (x) >>").put(notes, "[" + ref(more) + "]");
     }},
    {"PageAnnotationVanishes", [](auto& pdf) { pdf.put(page, replaced(pdf.object(page), "/Annots [ 9 0 R ", "/Annots [ ")); }},
    {"Font", [](auto& pdf) { pdf.put(font, "<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>"); }},
    // The form.
    {"NeedAppearances", [](auto& pdf) { pdf.put(form, with(pdf.object(form), "/NeedAppearances true")); }},
    {"Xfa", [](auto& pdf) { pdf.put(form, with(pdf.object(form), "/XFA 4 0 R")); }},
    {"DefaultResources", [](auto& pdf) { pdf.put(form, with(pdf.object(form), "/DR << /Font << /Helv 5 0 R >> >>")); }},
    {"DefaultAppearance", [](auto& pdf) { pdf.put(form, replaced(pdf.object(form), "/Helv 0 Tf", "/Helv 0 Tf 1 g")); }},
    {"FieldValue", [](auto& pdf) { pdf.put(text_field, replaced(pdf.object(text_field), "(Jana)", "(Budi)")); }},
    {"FieldAppearance",
     [](auto& pdf) {
         const int look = pdf.fresh();
         pdf.put_stream(look, forged, "/Type /XObject /Subtype /Form /BBox [0 0 200 20]")
             .put(text_field, with(pdf.object(text_field), "/AP << /N " + ref(look) + " >>"));
     }},
    {"UnsignedField",
     [](auto& pdf) {
         const int field = pdf.fresh();
         pdf.put(field, "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Baru) /F 4 /P 3 0 R /Rect [0 0 595 842] >>")
             .put(fields, appended(pdf.object(fields), "", ref(field)));
     }},
    {"TimestampThatIsSeen", [](auto& pdf) { add_timestamp(pdf, "[60 200 260 260]"); }},
    // A signature by somebody trusted is no licence for the rest.
    {"SignedAndContent", [](auto& pdf) { add_signature(pdf), forge_content(pdf); }, {}, true},
    {"SignatureOverThePage", [](auto& pdf) { add_signature(pdf, {.rect = "[0 0 595 842]"}); }, {}, true},
    {"SignatureOverThePageUpsideDown", [](auto& pdf) { add_signature(pdf, {.rect = "[595 842 0 0]"}); }, {}, true},
    {"SignatureOverASharedPage",
     [](auto& pdf) {
         const int field = add_signature(pdf, {.rect = "[0 0 595 842]"});
         pdf.put(page, pdf.object(page)).put(notes, "[" + ref(field) + "]");
     },
     {},
     true},
    {"SignatureOnTwoPages",
     [](auto& pdf) {
         const int field = add_signature(pdf);
         pdf.put(notes, "[" + ref(field) + "]");
     },
     {},
     true},
    {"SignatureWithAnAction", [](auto& pdf) { add_signature(pdf, {.more = "/AA << /E << /S /JavaScript /JS (1) >> >>"}); }, {}, true},
    {"SignatureThatIsAPage", [](auto& pdf) { add_signature(pdf, {.type = "/Type /Page /FT /Sig"}); }, {}, true},
    {"SignatureThatIsAStamp", [](auto& pdf) { add_signature(pdf, {.type = "/Type /Annot /Subtype /Stamp /FT /Sig"}); }, {}, true},
    {"FilledFieldMoves",
     [](auto& pdf) {
         const int signature = pdf.fresh();
         pdf.put_signature(signature, room)
             .put(empty_field, with(replaced(pdf.object(empty_field), "60 60 260 120", "0 0 595 842"), "/V " + ref(signature)));
     },
     {},
     true},
    {"ValueOfAnOldField",
     [](auto& pdf) { // the name of the text field given to a signature
         const int signature = pdf.fresh();
         pdf.put_signature(signature, room)
             .put(text_field,
                  "<< /Type /Annot /Subtype /Widget /FT /Sig /T (nama) /F 4 /P 3 0 R /Rect [60 500 260 520] /V " + ref(signature) + " >>");
     },
     {},
     true},
    // Prepared before the signature.
    {"ReferenceToAnObjectYetToCome", [](auto& pdf) { pdf.put_stream(50, forged); },
     [](auto& pdf) {
         pdf.put(page, "<< /Type /Page /Parent 2 0 R /Resources << /Font << /F1 5 0 R >> >> /Contents [4 0 R 50 0 R] /Annots [9 0 R 14 0 R] >>");
     }},
    {"ReferenceToAnObjectYetToComeInAPageThatIsRewritten",
     [](auto& pdf) {
         add_signature(pdf);
         pdf.put_stream(50, forged);
     },
     [](auto& pdf) {
         pdf.put(page, "<< /Type /Page /Parent 2 0 R /Resources << /Font << /F1 5 0 R >> >> /Contents [4 0 R 50 0 R] /Annots [9 0 R 14 0 R] >>");
     },
     true},
    {"MetadataThatIsContentToo", [](auto& pdf) { pdf.put_stream(metadata, forged, "/Type /Metadata /Subtype /XML"); },
     [](auto& pdf) {
         pdf.put(page, "<< /Type /Page /Parent 2 0 R /Resources << /Font << /F1 5 0 R >> >> /Contents [4 0 R 7 0 R] /Annots [9 0 R 14 0 R] >>");
     }},
    {"InfoThatIsAFontToo", [](auto& pdf) { pdf.put(info, "<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>"); },
     [](auto& pdf) {
         pdf.put(page, "<< /Type /Page /Parent 2 0 R /Resources << /Font << /F1 6 0 R >> >> /Contents 4 0 R /Annots [9 0 R 14 0 R] >>");
     }},
    {"LengthOfContent", [](auto& pdf) { pdf.put(numbers, "10"), add_to_catalog(pdf, "/DSS 13 0 R"); },
     [](auto& pdf) { pdf.put(content, "<< /Length 13 0 R >>\nstream\n" + contract + "\nendstream").put(numbers, std::to_string(contract.size())); }},
    // Cross-references that parsers read differently.
    {"AnotherGeneration",
     [](auto& pdf) { pdf.put(content, "<< /Length " + std::to_string(forged.size()) + " >>\nstream\n" + forged + "\nendstream", 1); }},
    {"Freed", [](auto& pdf) { pdf.table_lines("12 1\n0000000000 00001 f \n"); }},
    {"ListedTwice",
     [](auto& pdf) { // qpdf takes the first, others the last
         char line[64];
         std::snprintf(line, sizeof line, "4 1\n%010zu 00000 n \n", pdf.old_offset(content));
         forge_content(pdf);
         pdf.table_lines(line);
     }},
};

const std::vector<Case> disappearances{
    {"AcroFormIsContent", [](auto& pdf) { forge_content(pdf), pdf.put(1, replaced(pdf.object(1), "/AcroForm 8 0 R", "/AcroForm 4 0 R")); }},
    {"FieldsAreContent", [](auto& pdf) { forge_content(pdf), pdf.put(form, replaced(pdf.object(form), "10 0 R", "4 0 R")); }},
    {"FormVanishes", [](auto& pdf) { pdf.put(1, replaced(pdf.object(1), "/AcroForm 8 0 R", "/AcroForm 5 0 R")); }},
};

const std::vector<Case> honest_updates{
    {"Nothing", [](auto& pdf) { pdf.put(pdf.fresh(), "null"); }},
    {"Dss",
     [](auto& pdf) {
         const int dss = pdf.fresh(), certificate = pdf.fresh(), list = pdf.fresh();
         pdf.put(dss, "<< /Type /DSS /Certs " + ref(list) + " /VRI << /0123456789ABCDEF0123456789ABCDEF01234567 << /Cert [" + ref(certificate) +
                          "] /TU (D:20261121080000Z) >> >> >>");
         pdf.put(list, "[" + ref(certificate) + "]").put_stream(certificate, "DER");
         add_to_catalog(pdf, "/DSS " + ref(dss) + " /Extensions << /ESIC << /BaseVersion /1.7 /ExtensionLevel 5 >> >> /Version /2.0");
     }},
    {"DssInPlace",
     [](auto& pdf) {
         const int certificate = pdf.fresh();
         pdf.put_stream(certificate, "DER").put(51, "<< /Type /DSS /Certs 52 0 R >>").put(52, "[53 0 R " + ref(certificate) + "]");
     },
     [](auto& pdf) {
         pdf.put(51, "<< /Certs 52 0 R >>").put(52, "[53 0 R]").put_stream(53, "DER");
         pdf.put(1, "<< /Type /Catalog /Pages 2 0 R /AcroForm 8 0 R /DSS 51 0 R >>");
     }},
    {"InfoAndMetadataInPlace",
     [](auto& pdf) {
         pdf.put(info, "<< /Title (Surat Perjanjian) /ModDate (D:20261121080000Z) >>")
             .put_stream(metadata, packet + " ", "/Type /Metadata /Subtype /XML");
     }},
    {"InfoAndMetadataAnew",
     [](auto& pdf) {
         const int facts = pdf.fresh(), xmp = pdf.fresh();
         pdf.put(facts, "<< /Title (Surat Perjanjian) /Trapped /False >>")
             .put_stream(xmp, packet, "/Type /Metadata /Subtype /XML")
             .trailer("/Info", ref(facts));
         pdf.put(1, replaced(pdf.object(1), "/Metadata 7 0 R", "/Metadata " + ref(xmp)));
     }},
    {"ObjectsWrittenAgain", [](auto& pdf) { pdf.put(page, pdf.object(page)).put(font, pdf.object(font)).put(fields, pdf.object(fields)); }},
    {"DocumentTimestamp", [](auto& pdf) { add_timestamp(pdf, "[0 0 0 0]"); }},
    {"SecondSignature", [](auto& pdf) { add_signature(pdf); }, {}, true},
    {"SecondSignatureInItsField",
     [](auto& pdf) {
         const int signature = pdf.fresh(), look = pdf.fresh();
         pdf.put_signature(signature, room).put_stream(look, "0 g", "/Type /XObject /Subtype /Form /BBox [0 0 200 60]");
         pdf.put(empty_field, with(pdf.object(empty_field), "/V " + ref(signature) + " /AP << /N " + ref(look) + " >>"));
     },
     {},
     true},
};

/// Objects that stand in a stream keep their entries when the stream is exchanged.
class ObjectStream : public LaterUpdate {};

TEST_P(ObjectStream, IsJudgedWhenItIsExchanged) {
    const auto said = report();
    EXPECT_EQ(said.at("signatures").at(0).at("integrity").as_string(), "modified-after-signing") << gist(said);
}

void exchange_object_stream(CraftedUpdate& pdf) {
    const auto [number, entries, data] = pdf.object_stream_with("/MediaBox [ 0 0 595");
    pdf.put_stream(number, replaced(data, "/MediaBox [ 0 0 595", "/MediaBox [ 0 0 295"), entries);
    add_to_catalog(pdf, "/DSS " + ref(number));
}

std::string name_of_case(const testing::TestParamInfo<Case>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(Each, Attack, testing::ValuesIn(attacks), name_of_case);
INSTANTIATE_TEST_SUITE_P(Each, ObjectStream, testing::Values(Case{"WithThePages", exchange_object_stream, {}, false, "qpdf-object-streams.pdf"}),
                         name_of_case);
INSTANTIATE_TEST_SUITE_P(Each, Disappearance, testing::ValuesIn(disappearances), name_of_case);
INSTANTIATE_TEST_SUITE_P(Each, HonestUpdate, testing::ValuesIn(honest_updates), name_of_case);

} // namespace
} // namespace jk::test
