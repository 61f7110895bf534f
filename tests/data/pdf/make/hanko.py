"""Signatures by pyHanko (PyPI; only to make data): hanko.py KIND IN OUT KEYS

KEYS is a folder with one.pem one.key (signer) and tsa.pem tsa.key. The kinds are the keys of KINDS.
"""
import pathlib
import sys

from pyhanko.pdf_utils.crypt import PubKeySecurityHandler
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.keys import load_cert_from_pemder
from pyhanko.sign import fields, signers, timestamps
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

PADES = dict(subfilter=fields.SigSeedSubFilter.PADES, md_algorithm="sha256", reason="Contoh")

kind, source, target, keys = sys.argv[1], sys.argv[2], sys.argv[3], pathlib.Path(sys.argv[4])
signer = signers.SimpleSigner.load(keys / "one.key", keys / "one.pem")
tsa = timestamps.DummyTimeStamper(
    load_cert_from_pemder(keys / "tsa.pem"), signers.SimpleSigner.load(keys / "tsa.key", keys / "tsa.pem").signing_key, SimpleCertificateStore())
trust = ValidationContext(trust_roots=[load_cert_from_pemder(keys / name) for name in ("one.pem", "tsa.pem")], allow_fetching=False)


def lock(action, permission, names=None):
    return fields.SigFieldSpec("Pengesahan", field_mdp_spec=fields.FieldMDPSpec(action, names), doc_mdp_update_value=permission)


def sign(field=None, timestamper=None, name="Pengesahan", **more):
    with open(source, "rb") as before, open(target, "wb") as after:
        writer = IncrementalPdfFileWriter(before, strict=False)
        if writer.security_handler:
            writer.encrypt(b"")
        if field:
            fields.append_signature_field(writer, field)
        signature = signers.PdfSignatureMetadata(field_name=name, **PADES, **more)
        signers.PdfSigner(signature, signer, timestamper=timestamper).sign_pdf(writer, output=after)


def timestamp():
    with open(source, "rb") as before, open(target, "wb") as after:
        signers.PdfTimeStamper(tsa).timestamp_pdf(IncrementalPdfFileWriter(before), "sha256", trust, output=after)


def encrypt_for_certificate():
    with open(source, "rb") as before, open(target, "wb") as after:
        writer = copy_into_new_writer(PdfFileReader(before))
        handler = PubKeySecurityHandler.build_from_certs([load_cert_from_pemder(keys / "two.pem")])
        writer._assign_security_handler(handler)
        writer.write(after)


KINDS = {
    "b-b": sign,
    "b-lta": lambda: sign(timestamper=tsa, embed_validation_info=True, use_pades_lta=True, validation_context=trust),
    "timestamp": timestamp,
    "p3": lambda: sign(certify=True, docmdp_permissions=fields.MDPPerm.ANNOTATE),
    "lock-p1": lambda: sign(lock(fields.FieldMDPAction.INCLUDE, fields.MDPPerm.NO_CHANGES, ["nama"])),
    "lock-p2": lambda: sign(lock(fields.FieldMDPAction.INCLUDE, fields.MDPPerm.FILL_FORMS, ["nama"])),
    "encrypt": encrypt_for_certificate,
}

if __name__ == "__main__":
    KINDS[kind]()
