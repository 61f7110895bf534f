import java.io.*;
import java.util.*;
import org.apache.pdfbox.cos.*;
import org.apache.pdfbox.pdmodel.*;
import org.apache.pdfbox.pdmodel.common.*;
import org.apache.pdfbox.pdmodel.font.*;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.*;
import org.apache.pdfbox.pdmodel.interactive.form.*;

/** Documents and signatures by Apache PDFBox 2.
 *  Box pages OUT
 *  Box sign IN OUT CERTIFICATE KEY [mdp=1|2|3] [lock=All|Include:A,B|Exclude:A,B] [field=NAME]
 *  lock= writes both the field's /Lock and the FieldMDP reference of the signature. */
public class Box {
    static final COSName LOCK = COSName.getPDFName("Lock");

    public static void main(String[] args) throws Exception {
        if (args[0].equals("pages")) pages(args[1]);
        else sign(args);
    }

    static void pages(String out) throws IOException {
        try (PDDocument document = new PDDocument()) {
            document.getDocumentInformation().setTitle("Rekapitulasi Kehadiran");
            for (int n = 1; n <= 2; ++n) {
                PDPage page = new PDPage(PDRectangle.A4);
                document.addPage(page);
                try (PDPageContentStream text = new PDPageContentStream(document, page)) {
                    text.beginText();
                    text.setFont(PDType1Font.HELVETICA, 18);
                    text.newLineAtOffset(72, 740);
                    text.showText("Rekapitulasi kehadiran (contoh), lembar " + n);
                    text.endText();
                }
            }
            document.save(out);
        }
    }

    static void sign(String[] args) throws Exception {
        Map<String, String> wishes = new HashMap<>();
        for (int i = 5; i < args.length; ++i) wishes.put(args[i].split("=")[0], args[i].split("=")[1]);
        try (PDDocument document = PDDocument.load(new File(args[1])); OutputStream out = new FileOutputStream(args[2])) {
            PDSignature signature = new PDSignature();
            signature.setFilter(PDSignature.FILTER_ADOBE_PPKLITE);
            signature.setSubFilter(PDSignature.SUBFILTER_ADBE_PKCS7_DETACHED);
            signature.setName("Pejabat Contoh");
            signature.setReason("Contoh");
            signature.setSignDate(Calendar.getInstance());
            COSArray references = new COSArray();
            if (wishes.containsKey("mdp")) certify(document, signature, references, Integer.parseInt(wishes.get("mdp")));
            if (wishes.containsKey("lock")) lock(references, null, wishes.get("lock"));
            if (references.size() > 0) signature.getCOSObject().setItem(COSName.getPDFName("Reference"), references);
            String name = wishes.get("field");
            if (name != null) {     // an existing empty field: PDFBox takes it when it already points to the signature
                PDSignatureField field = (PDSignatureField) document.getDocumentCatalog().getAcroForm().getField(name);
                field.setValue(signature);
                field.getCOSObject().setNeedToBeUpdated(true);
            }
            SignatureOptions options = new SignatureOptions();
            options.setPreferredSignatureSize(6000);
            document.addSignature(signature, content -> Cms.over(content, args[3], args[4]), options);
            if (wishes.containsKey("lock"))
                for (PDSignatureField field : document.getSignatureFields())
                    if (field.getSignature() != null && field.getSignature().getCOSObject() == signature.getCOSObject()) lock(null, field, wishes.get("lock"));
            document.saveIncremental(out);
        }
    }

    static void certify(PDDocument document, PDSignature signature, COSArray references, int permission) {
        COSDictionary parameters = parameters();
        parameters.setInt(COSName.P, permission);
        references.add(reference("DocMDP", parameters));
        COSDictionary catalog = document.getDocumentCatalog().getCOSObject();
        COSDictionary permissions = new COSDictionary();
        permissions.setItem(COSName.DOCMDP, signature);
        catalog.setItem(COSName.PERMS, permissions);
        catalog.setNeedToBeUpdated(true);
        permissions.setNeedToBeUpdated(true);
    }

    static void lock(COSArray references, PDSignatureField field, String wish) {
        String[] parts = wish.split(":");
        COSDictionary target = references != null ? parameters() : new COSDictionary();
        if (field != null) target.setName(COSName.TYPE, "SigFieldLock");
        target.setName("Action", parts[0]);
        if (parts.length > 1) {
            COSArray names = new COSArray();
            for (String name : parts[1].split(",")) names.add(new COSString(name));
            target.setItem(COSName.getPDFName("Fields"), names);
        }
        if (references != null) references.add(reference("FieldMDP", target));
        else field.getCOSObject().setItem(LOCK, target);
    }

    static COSDictionary parameters() {
        COSDictionary parameters = new COSDictionary();
        parameters.setName(COSName.TYPE, "TransformParams");
        parameters.setName(COSName.V, "1.2");
        parameters.setDirect(true);
        return parameters;
    }

    static COSDictionary reference(String method, COSDictionary parameters) {
        COSDictionary reference = new COSDictionary();
        reference.setName(COSName.TYPE, "SigRef");
        reference.setName("TransformMethod", method);
        reference.setItem("TransformParams", parameters);
        reference.setDirect(true);
        return reference;
    }
}
