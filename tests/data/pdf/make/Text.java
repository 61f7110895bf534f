import com.lowagie.text.*;
import com.lowagie.text.pdf.*;
import com.lowagie.text.pdf.collection.*;
import java.io.*;
import java.util.*;

/** Documents and signatures by iText 2.1.7, the library inside JasperReports and many older Java applications.
 *  Text pages|form|portfolio OUT
 *  Text sign IN OUT CERTIFICATE KEY [p1|p2|p3]      (approval when no level is given) */
public class Text {
    static final int ROOM = 4000;

    public static void main(String[] args) throws Exception {
        if (args[0].equals("sign")) sign(args);
        else make(args[0], args[1]);
    }

    static void make(String kind, String out) throws Exception {
        Document document = new Document(PageSize.A4);
        PdfWriter writer = PdfWriter.getInstance(document, new FileOutputStream(out));
        if (kind.equals("pages")) writer.setFullCompression();
        document.addTitle(kind.equals("form") ? "Formulir Persetujuan" : kind.equals("portfolio") ? "Portofolio Berkas" : "Laporan Keuangan");
        document.open();
        document.add(new Paragraph("Contoh dokumen untuk uji."));
        if (kind.equals("form")) {
            TextField name = new TextField(writer, new Rectangle(72, 700, 300, 720), "nama");
            writer.addAnnotation(name.getTextField());
            PdfFormField signature = PdfFormField.createSignature(writer);
            signature.setFieldName("Ttd1");
            signature.setWidget(new Rectangle(72, 600, 272, 660), PdfAnnotation.HIGHLIGHT_NONE);
            signature.setFlags(PdfAnnotation.FLAGS_PRINT);
            writer.addAnnotation(signature);
        }
        if (kind.equals("portfolio")) {
            writer.setCollection(new PdfCollection(PdfCollection.DETAILS));
            writer.addFileAttachment("Lampiran", "nomor;nama\n1;contoh\n".getBytes("US-ASCII"), null, "lampiran.csv");
        }
        if (kind.equals("pages")) { document.newPage(); document.add(new Paragraph("Lembar kedua.")); }
        document.close();
    }

    static void sign(String[] args) throws Exception {
        PdfStamper stamper = PdfStamper.createSignature(new PdfReader(args[1]), new FileOutputStream(args[2]), '\0', null, true);
        PdfSignatureAppearance appearance = stamper.getSignatureAppearance();
        appearance.setLayer2Text("Ditandatangani (contoh)");
        appearance.setVisibleSignature(new Rectangle(300, 600, 500, 660), 1, "Pengesahan");
        if (args.length > 5) appearance.setCertificationLevel(Integer.parseInt(args[5].substring(1)));
        PdfSignature signature = new PdfSignature(PdfName.ADOBE_PPKLITE, PdfName.ADBE_PKCS7_DETACHED);
        signature.setReason("Contoh");
        signature.setDate(new PdfDate(appearance.getSignDate()));
        appearance.setCryptoDictionary(signature);
        HashMap<PdfName, Integer> room = new HashMap<>();
        room.put(PdfName.CONTENTS, 2 * ROOM + 2);
        appearance.preClose(room);
        PdfDictionary update = new PdfDictionary();
        byte[] padded = Arrays.copyOf(Cms.over(appearance.getRangeStream(), args[3], args[4]), ROOM);
        update.put(PdfName.CONTENTS, new PdfString(padded).setHexWriting(true));
        appearance.close(update);
    }
}
