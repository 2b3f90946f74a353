"""Computes with Python's `cryptography` what the tests compute with SecretCrypto.

Reads one operation per line, its name and its arguments in hexadecimal ("-" for no bytes, numbers in decimal), and
writes one line of results for each.
"""

import base64
import hashlib
import hmac
import sys

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt


def decode(text):
    return b"" if text == "-" else bytes.fromhex(text)


def encode(data):
    return data.hex() or "-"


def seal(key, nonce, additional_data, plaintext):
    nonce = decode(nonce)
    return encode(nonce + AESGCM(decode(key)).encrypt(nonce, decode(plaintext), decode(additional_data)))


def open_sealed(key, additional_data, sealed):
    sealed = decode(sealed)
    try:
        return encode(AESGCM(decode(key)).decrypt(sealed[:12], sealed[12:], decode(additional_data)))
    except InvalidTag:
        return "refused"


def sha256(message):
    return hashlib.sha256(decode(message)).hexdigest()


def hmac_sha256(key, message):
    return hmac.new(decode(key), decode(message), hashlib.sha256).hexdigest()


def hkdf(secret, salt, info, count):
    derivation = HKDF(hashes.SHA256(), int(count), decode(salt), decode(info))
    return encode(derivation.derive(decode(secret)))


def scrypt(password, salt, log_cost, block_size, parallelism, count):
    derivation = Scrypt(decode(salt), int(count), 1 << int(log_cost), int(block_size), int(parallelism))
    return encode(derivation.derive(decode(password)))


def sign(seed, message):
    key = Ed25519PrivateKey.from_private_bytes(decode(seed))
    return encode(key.public_key().public_bytes_raw()) + " " + encode(key.sign(decode(message)))


def verify(public_key, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(decode(public_key)).verify(decode(signature), decode(message))
        return "valid"
    except InvalidSignature:
        return "invalid"


# RFC 7515, A.2.
RFC_7515_KEY = {
    "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pC"
    "gNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xs"
    "mtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
    "e": "AQAB",
    "d": "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pW"
    "J1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4e"
    "hNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ",
}


def number(text):
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")


def private_key(n, e, d):
    p, q = sorted(rsa.rsa_recover_prime_factors(n, e, d), reverse=True)
    public = rsa.RSAPublicNumbers(e, n)
    return rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), public
    ).private_key()


def pem(key, form=serialization.PrivateFormat.PKCS8, encryption=serialization.NoEncryption()):
    return encode(key.private_bytes(serialization.Encoding.PEM, form, encryption))


def rsa_vector():
    return pem(private_key(*(number(RFC_7515_KEY[name]) for name in "ned")))


def rsa_key(bits):
    key = rsa.generate_private_key(65537, int(bits))
    return " ".join(pem(key, form) for form in (serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL))


def rsa_bad_keys():
    key = rsa.generate_private_key(65537, 2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return " ".join(
        (
            pem(key, encryption=serialization.BestAvailableEncryption(b"passphrase")),
            pem(ec.generate_private_key(ec.SECP256R1())),
            pem(rsa.generate_private_key(65537, 1024)),
            encode(public),
        )
    )


def rsa_verify(key, scheme, message, signature):
    key = serialization.load_pem_private_key(decode(key), None).public_key()
    padded = padding.PSS(padding.MGF1(hashes.SHA256()), 32) if scheme == "pss" else padding.PKCS1v15()
    try:
        key.verify(decode(signature), decode(message), padded, hashes.SHA256())
        return "valid"
    except InvalidSignature:
        return "invalid"


OPERATIONS = {
    "seal": seal,
    "open": open_sealed,
    "sha256": sha256,
    "hmac": hmac_sha256,
    "hkdf": hkdf,
    "scrypt": scrypt,
    "sign": sign,
    "verify": verify,
    "rsa-vector": rsa_vector,
    "rsa-key": rsa_key,
    "rsa-bad-keys": rsa_bad_keys,
    "rsa-verify": rsa_verify,
}


def main():
    for line in sys.stdin.read().splitlines():
        name, *arguments = line.split(" ")
        print(OPERATIONS[name](*arguments))


main()
