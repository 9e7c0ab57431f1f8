#!/usr/bin/python3
"""Writes vectors.cpp: test keys and known answers, made with python3-cryptography (OpenSSL underneath).

    make_vectors.py > vectors.cpp

Run it only to make new ones: keys and randomised signatures differ each time.
"""
from cryptography.hazmat.primitives import hashes, padding as block_padding, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives import hmac

MESSAGE = b"The quick brown fox jumps over the lazy dog. Sphinx of black quartz!"
AES_KEY, IV = bytes(range(16)), bytes(range(16, 32))
HMAC_KEY = bytes(range(64))  # as long as the longest hash: some tokens take no shorter one
HASHES = [hashes.SHA1(), hashes.SHA224(), hashes.SHA256(), hashes.SHA384(), hashes.SHA512()]


def number(value):
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def emit(name, data):
    lines = [", ".join(f"0x{byte:02x}" for byte in data[at:at + 16]) for at in range(0, len(data), 16)]
    print(f"const Bytes {name} = {{" + ",\n    ".join(lines) + "};")


def aes(mode, data, pad=False):
    if pad:
        padder = block_padding.PKCS7(128).padder()
        data = padder.update(data) + padder.finalize()
    encryptor = Cipher(algorithms.AES(AES_KEY), mode).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def main():
    print("// Written by make_vectors.py: keys and answers of another implementation (python3-cryptography on OpenSSL).")
    print('#include "vectors/vectors.hpp"\n\n// clang-format off\nnamespace conformance::vectors {\n')
    emit("message", MESSAGE)
    key = rsa.generate_private_key(65537, 2048)
    numbers = key.private_numbers()
    emit("rsa_modulus", number(numbers.public_numbers.n))
    emit("rsa_public_exponent", number(numbers.public_numbers.e))
    for name, value in [("private_exponent", numbers.d), ("prime_1", numbers.p), ("prime_2", numbers.q),
                        ("exponent_1", numbers.dmp1), ("exponent_2", numbers.dmq1), ("coefficient", numbers.iqmp)]:
        emit("rsa_" + name, number(value))
    for digest in HASHES:
        name = digest.name.replace("-", "")
        context = hashes.Hash(digest)
        context.update(MESSAGE)
        emit(f"digest_{name}", context.finalize())
        emit(f"rsa_pkcs_{name}", key.sign(MESSAGE, padding.PKCS1v15(), digest))
        emit(f"rsa_pss_{name}", key.sign(MESSAGE, padding.PSS(padding.MGF1(digest), digest.digest_size), digest))
        emit(f"rsa_oaep_{name}", key.public_key().encrypt(
            b"sixteen byte key", padding.OAEP(padding.MGF1(digest), digest, None)))
        emit(f"rsa_oaep_label_{name}", key.public_key().encrypt(
            b"sixteen byte key", padding.OAEP(padding.MGF1(digest), digest, b"label")))
        mac = hmac.HMAC(HMAC_KEY, digest)
        mac.update(MESSAGE)
        emit(f"hmac_{name}", mac.finalize())
    emit("rsa_oaep_sha256_mgf_sha1", key.public_key().encrypt(
        b"sixteen byte key", padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA256(), None)))
    emit("rsa_pss_sha256_salt_0", key.sign(MESSAGE, padding.PSS(padding.MGF1(hashes.SHA256()), 0), hashes.SHA256()))
    emit("rsa_pss_sha256_salt_20", key.sign(MESSAGE, padding.PSS(padding.MGF1(hashes.SHA256()), 20), hashes.SHA256()))
    emit("rsa_pss_sha256_mgf_sha1", key.sign(MESSAGE, padding.PSS(padding.MGF1(hashes.SHA1()), 32), hashes.SHA256()))
    # CKM_RSA_PKCS over any block: type 1 padding around the message itself, by hand.
    block = b"\0\1" + b"\xff" * (256 - 3 - len(MESSAGE)) + b"\0" + MESSAGE
    emit("rsa_pkcs_raw", pow(int.from_bytes(block, "big"), numbers.d, numbers.public_numbers.n).to_bytes(256, "big"))
    emit("rsa_pkcs_encrypted", key.public_key().encrypt(b"sixteen byte key", padding.PKCS1v15()))
    curve = ec.generate_private_key(ec.SECP256R1())
    emit("ec_params", bytes.fromhex("06082a8648ce3d030107"))
    point = curve.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    emit("ec_point", b"\x04" + bytes([len(point)]) + point)
    emit("ec_value", curve.private_numbers().private_value.to_bytes(32, "big"))
    for digest in HASHES[2:]:
        r, s = utils.decode_dss_signature(curve.sign(MESSAGE, ec.ECDSA(digest)))
        emit(f"ecdsa_{digest.name}", r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    emit("aes_key", AES_KEY)
    emit("aes_iv", IV)
    emit("hmac_key", HMAC_KEY)
    emit("aes_blocks", MESSAGE[:64])
    emit("aes_ecb", aes(modes.ECB(), MESSAGE[:64]))
    emit("aes_cbc", aes(modes.CBC(IV), MESSAGE[:64]))
    emit("aes_cbc_pad", aes(modes.CBC(IV), MESSAGE, pad=True))
    emit("aes_ctr", aes(modes.CTR(IV), MESSAGE))
    gcm = Cipher(algorithms.AES(AES_KEY), modes.GCM(IV[:12])).encryptor()
    gcm.authenticate_additional_data(b"header")
    emit("aes_gcm", gcm.update(MESSAGE) + gcm.finalize() + gcm.tag)
    print("\n}  // namespace conformance::vectors")


if __name__ == "__main__":
    main()
