import java.io.*;
import java.nio.file.*;
import java.security.*;
import java.security.cert.*;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.*;
import org.bouncycastle.cert.jcajce.*;
import org.bouncycastle.cms.*;
import org.bouncycastle.cms.jcajce.*;
import org.bouncycastle.operator.jcajce.*;

/** A detached CMS signature by Bouncy Castle over what a PDF library hands out. */
class Cms {
    static byte[] over(InputStream content, String certificate, String key) throws IOException {
        try {
            X509Certificate signer = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(new FileInputStream(certificate));
            String pem = Files.readString(Path.of(key)).replaceAll("-----[A-Z ]+-----|\\s", "");
            PrivateKey secret = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
            CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
            generator.addSignerInfoGenerator(new JcaSignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder().build())
                .build(new JcaContentSignerBuilder("SHA256withRSA").build(secret), signer));
            generator.addCertificates(new JcaCertStore(List.of(signer)));
            return generator.generate(new CMSProcessableByteArray(content.readAllBytes()), false).getEncoded();
        } catch (GeneralSecurityException | CMSException | org.bouncycastle.operator.OperatorCreationException e) {
            throw new IOException(e);
        }
    }
}
