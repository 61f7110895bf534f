"""Throw-away keys and certificates: keys.py FOLDER. Valid from 2020 to 2049, so that no test depends on the day they were made."""
import datetime
import pathlib
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def make(folder, file, name, stamps_time=False):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "ID"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Data uji Jurukunci"),
                         x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = dict.fromkeys(["data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"], False)
    usage.update(digital_signature=True, content_commitment=not stamps_time, key_encipherment=not stamps_time)
    certificate = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number(),
                                          datetime.datetime(2020, 1, 1), datetime.datetime(2049, 12, 31))
    certificate = certificate.add_extension(x509.KeyUsage(**usage), critical=True)
    if stamps_time:
        certificate = certificate.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    certificate = certificate.sign(key, hashes.SHA256())
    (folder / f"{file}.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    (folder / f"{file}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


if __name__ == "__main__":
    out = pathlib.Path(sys.argv[1])
    make(out, "one", "Pejabat Contoh Satu")
    make(out, "two", "Pejabat Contoh Dua")
    make(out, "tsa", "TSA Contoh", stamps_time=True)
