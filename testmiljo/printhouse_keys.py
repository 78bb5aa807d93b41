"""The print house's keys: its SSH host key, and the key pair customers encrypt letters to."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import paramiko
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.x509.oid import NameOID


def host_key(path: Path) -> paramiko.PKey:
    """Read the host key, making it the first time."""
    if not path.exists():
        path.touch(0o600)
        paramiko.ECDSAKey.generate().write_private_key_file(str(path))
    return paramiko.ECDSAKey.from_private_key_file(str(path))


def fingerprint(key: paramiko.PKey) -> str:
    """As OpenSSH shows it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")


def letter_key(key_path: Path, certificate_path: Path) -> rsa.RSAPrivateKey:
    """Read the key letters are encrypted to, making it and its self-signed certificate the first time."""
    if not (key_path.exists() and certificate_path.exists()):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        key_path.touch(0o600)
        key_path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        certificate_path.write_bytes(_self_signed(key).public_bytes(serialization.Encoding.PEM))
    loaded = serialization.load_pem_private_key(key_path.read_bytes(), password=None)
    assert isinstance(loaded, rsa.RSAPrivateKey)
    return loaded


def _self_signed(key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NO"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Testtrykkeriet"),
            x509.NameAttribute(NameOID.COMMON_NAME, "Testtrykkeriet ordrekryptering"),
        ]
    )
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def decrypt(message: bytes, key: rsa.RSAPrivateKey) -> bytes:
    """Open a CMS EnvelopedData for our key; ValueError when it is none or is for somebody else."""
    envelope = cms.ContentInfo.load(message)["content"]
    content = envelope["encrypted_content_info"]
    wrapped = envelope["recipient_infos"][0].chosen["encrypted_key"].native
    sha256 = hashes.SHA256()
    oaep = rsa_padding.OAEP(mgf=rsa_padding.MGF1(sha256), algorithm=sha256, label=None)
    iv = content["content_encryption_algorithm"]["parameters"].native
    cipher = Cipher(algorithms.AES(key.decrypt(wrapped, oaep)), modes.CBC(iv)).decryptor()
    padded = cipher.update(content["encrypted_content"].native) + cipher.finalize()
    unpadder = padding.PKCS7(128).unpadder()
    return unpadder.update(padded) + unpadder.finalize()
