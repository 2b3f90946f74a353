"""Computes with Python's `cryptography` what the tests compute with SecretCrypto.

Reads one operation per line, its name and its arguments in hexadecimal ("-" for no bytes, numbers in decimal), and
writes one line of results for each.
"""

import hashlib
import hmac
import sys

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
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


OPERATIONS = {
    "seal": seal,
    "open": open_sealed,
    "sha256": sha256,
    "hmac": hmac_sha256,
    "hkdf": hkdf,
    "scrypt": scrypt,
    "sign": sign,
    "verify": verify,
}


def main():
    for line in sys.stdin.read().splitlines():
        name, *arguments = line.split(" ")
        print(OPERATIONS[name](*arguments))


main()
