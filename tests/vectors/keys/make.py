#!/usr/bin/python3
"""Makes the tables of this folder with implementations that are not OpenSSL: see README.md.

    tests/vectors/keys/make.py          new keys, all tables (none of the tests depends on one key)
"""
import ctypes
import ctypes.util
import os

from Cryptodome.Cipher import PKCS1_OAEP
from Cryptodome.Hash import SHA1, SHA224, SHA256, SHA384, SHA512, SHA3_224, SHA3_256, SHA3_384, SHA3_512
from Cryptodome.Math.Numbers import Integer
from Cryptodome.PublicKey import ECC, RSA
from Cryptodome.Signature import DSS, pkcs1_15, pss

HERE = os.path.dirname(os.path.abspath(__file__))
SODIUM = ctypes.CDLL(ctypes.util.find_library("sodium"))
HASHES = {"SHA1": SHA1, "SHA224": SHA224, "SHA256": SHA256, "SHA384": SHA384, "SHA512": SHA512,
          "SHA3_224": SHA3_224, "SHA3_256": SHA3_256, "SHA3_384": SHA3_384, "SHA3_512": SHA3_512}
DIGESTS = {"CKM_" + ("SHA_1" if name == "SHA1" else name): (lambda data, make=make: make.new(data))
           for name, make in HASHES.items()}
DIGESTS["CKM_SHA512_224"] = lambda data: SHA512.new(data, truncate="224")
DIGESTS["CKM_SHA512_256"] = lambda data: SHA512.new(data, truncate="256")
MESSAGE = b"All human beings are born free and equal in dignity and rights."
OK, BAD, LENGTH = "CKR_OK", "CKR_SIGNATURE_INVALID", "CKR_SIGNATURE_LEN_RANGE"
BROKEN, SHORT = "CKR_ENCRYPTED_DATA_INVALID", "CKR_ENCRYPTED_DATA_LEN_RANGE"


def write(name, head, rows):
    with open(os.path.join(HERE, name), "w", encoding="ascii") as file:
        file.write("# " + "\t".join(head) + "\n")
        for row in rows:
            assert len(row) == len(head), row
            file.write("\t".join(field.hex().upper() or "-" if isinstance(field, bytes) else str(field)
                                 for field in row) + "\n")


def number(value):
    return int(value).to_bytes((int(value).bit_length() + 7) // 8 or 1, "big")


def digest(name, data):
    return HASHES[name].new(data)


# --- Keys --------------------------------------------------------------------------------------------------------

def rsa_rows(name, key):
    p, q, d = int(key.p), int(key.q), int(key.d)
    return [(name, attribute, number(value)) for attribute, value in (
        ("CKA_MODULUS", key.n), ("CKA_PUBLIC_EXPONENT", key.e), ("CKA_PRIVATE_EXPONENT", d), ("CKA_PRIME_1", p),
        ("CKA_PRIME_2", q), ("CKA_EXPONENT_1", d % (p - 1)), ("CKA_EXPONENT_2", d % (q - 1)),
        ("CKA_COEFFICIENT", pow(q, -1, p)))] + [(name, "CKA_PUBLIC_KEY_INFO", key.publickey().export_key("DER"))]


PARAMS = {"p256": "06082A8648CE3D030107", "p384": "06052B81040022", "p521": "06052B81040023"}
SIZES = {"p256": 32, "p384": 48, "p521": 66}


def ec_rows(name, key):
    size = SIZES[name]
    x, y = (int(value).to_bytes(size, "big") for value in (key.pointQ.x, key.pointQ.y))
    point = b"\x04" + x + y
    length = bytes([len(point)]) if len(point) < 128 else bytes([0x81, len(point)])
    return [(name, "CKA_EC_PARAMS", bytes.fromhex(PARAMS[name])), (name, "CKA_VALUE", int(key.d).to_bytes(size, "big")),
            (name, "CKA_EC_POINT", b"\x04" + length + point),
            (name, "CKA_PUBLIC_KEY_INFO", key.public_key().export_key(format="DER"))]


class Ed25519:
    """libsodium's."""

    def __init__(self, seed):
        self.seed, public, self.secret = seed, ctypes.create_string_buffer(32), ctypes.create_string_buffer(64)
        assert SODIUM.crypto_sign_seed_keypair(public, self.secret, seed) == 0
        self.public = public.raw

    def sign(self, message):
        signature = ctypes.create_string_buffer(64)
        assert SODIUM.crypto_sign_detached(signature, None, message, ctypes.c_ulonglong(len(message)), self.secret) == 0
        return signature.raw

    def rows(self, name):
        return [(name, "CKA_EC_PARAMS", bytes.fromhex("06032B6570")), (name, "CKA_VALUE", self.seed),
                (name, "CKA_EC_POINT", b"\x04\x20" + self.public),
                (name, "CKA_PUBLIC_KEY_INFO", bytes.fromhex("302A300506032B6570032100") + self.public)]


RSA_KEYS = {"rsa2048": RSA.generate(2048), "rsa2049": RSA.generate(2049), "rsa3072e3": RSA.generate(3072, e=3)}
EC_KEYS = {"p256": ECC.generate(curve="P-256"), "p384": ECC.generate(curve="P-384"), "p521": ECC.generate(curve="P-521")}
# The first from RFC 8032, 7.1, TEST 1: it says what libsodium must answer.
ED_KEYS = {"ed25519": Ed25519(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")),
           "ed25519b": Ed25519(os.urandom(32))}
assert ED_KEYS["ed25519"].sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901")


def bytes_of_modulus(key):
    return (key.size_in_bits() + 7) // 8


def raw(key, block):
    """RSA's private operation on a block, by Python's integers."""
    value = int.from_bytes(block, "big")
    assert value < key.n
    return pow(value, int(key.d), int(key.n)).to_bytes(bytes_of_modulus(key), "big")


# --- Signatures --------------------------------------------------------------------------------------------------
# rows: mechanism, key, hash, mask, salt, data, signature, verification's answer, what it is

NONE = ("-", "-", "-")


def pkcs1_rows():
    for name, make in HASHES.items():
        yield (f"CKM_{name}_RSA_PKCS", "rsa2048", *NONE, MESSAGE,
               pkcs1_15.new(RSA_KEYS["rsa2048"]).sign(make.new(MESSAGE)), OK, "pycryptodome")
    for key in ("rsa2049", "rsa3072e3"):
        yield ("CKM_SHA256_RSA_PKCS", key, *NONE, b"", pkcs1_15.new(RSA_KEYS[key]).sign(SHA256.new()), OK, "empty message")
    for key, rsa in RSA_KEYS.items():
        k = bytes_of_modulus(rsa)
        for size in (1, 20, k - 11):
            block = bytes(range(1, 256))[:size] if size < 256 else b"\x5a" * size
            em = b"\x00\x01" + b"\xff" * (k - 3 - size) + b"\x00" + block
            yield ("CKM_RSA_PKCS", key, *NONE, block, raw(rsa, em), OK, f"block of {size}")
        for block in (b"\x01", MESSAGE, b"\x00" * (k - 1) + b"\x02", b"\x00" + b"\xa5" * (k - 1)):
            yield ("CKM_RSA_X_509", key, *NONE, block, raw(rsa, block), OK, f"block of {len(block)}")


def bad_pkcs1_rows():
    """What the holder of a private key could sign, and no verifier may take (RFC 8017, 8.2.2)."""
    rsa = RSA_KEYS["rsa2048"]
    k, n = bytes_of_modulus(rsa), int(rsa.n)
    info = bytes.fromhex("3031300d060960864801650304020105000420") + SHA256.new(MESSAGE).digest()
    bare = bytes.fromhex("302f300b0609608648016503040201") + b"\x04\x20" + SHA256.new(MESSAGE).digest()
    long = bytes.fromhex("308131300d060960864801650304020105000420") + SHA256.new(MESSAGE).digest()

    def em(content, kind=b"\x00\x01", padding=b"\xff", tail=b""):
        return kind + padding * (k - 3 - len(content) - len(tail)) + b"\x00" + content + tail

    forms = {"block type 02": em(info, b"\x00\x02"), "block type 00": em(info, b"\x00\x00", b"\x00"),
             "padding of 00": em(info, padding=b"\x00"), "padding of FE": em(info, padding=b"\xfe"),
             "no NULL parameters": em(bare), "long form of length": em(long), "tail": em(info, tail=b"\x00" * 8),
             "eight of padding, then a tail": b"\x00\x01" + b"\xff" * 8 + b"\x00" + info + b"\x11" * (k - 11 - len(info)),
             "seven of padding": b"\x00" * (k - 10 - len(info)) + b"\x01" + b"\xff" * 7 + b"\x00" + info + b"\x00",
             "no end of padding": b"\x00\x01" + b"\xff" * (k - 2), "SHA-512's name": em(
                 bytes.fromhex("3051300d060960864801650304020305000440") + SHA512.new(MESSAGE).digest())}
    for note, block in forms.items():
        yield ("CKM_SHA256_RSA_PKCS", "rsa2048", *NONE, MESSAGE, raw(rsa, block), BAD, note)
    good = pkcs1_15.new(rsa).sign(SHA256.new(MESSAGE))
    yield ("CKM_SHA256_RSA_PKCS", "rsa2048", *NONE, MESSAGE, (n - int.from_bytes(good, "big")).to_bytes(k, "big"), BAD, "n - s")
    for note, value in (("0", 0), ("1", 1), ("n - 1", n - 1), ("n", n), ("2^2048 - 1", 2 ** 2048 - 1)):
        yield ("CKM_SHA256_RSA_PKCS", "rsa2048", *NONE, MESSAGE, value.to_bytes(k, "big"), BAD, "s = " + note)
    for note, signature in (("a byte short", good[:-1]), ("a zero before", b"\x00" + good), ("a zero after", good + b"\x00"),
                            ("nothing", b"")):
        yield ("CKM_SHA256_RSA_PKCS", "rsa2048", *NONE, MESSAGE, signature, LENGTH, note)
    yield from small_signatures(rsa, n, k)


def small_signatures(rsa, n, k):
    """Signatures that begin with zeros, and such as have room for the modulus to be added."""
    zero = room = None
    for i in range(100000):
        if zero is not None and room is not None:
            return
        message = b"message %d" % i
        signature = pkcs1_15.new(rsa).sign(SHA256.new(message))
        value = int.from_bytes(signature, "big")
        if zero is None and signature[0] == 0:
            zero = signature
            yield ("CKM_SHA256_RSA_PKCS", "rsa2048", *NONE, message, signature, OK, "begins with a zero")
            yield ("CKM_SHA256_RSA_PKCS", "rsa2048", *NONE, message, signature[1:], LENGTH, "its zero left out")
        if room is None and value + n < 1 << (8 * k):
            room = signature
            yield ("CKM_SHA256_RSA_PKCS", "rsa2048", *NONE, message, (value + n).to_bytes(k, "big"), BAD, "s + n")


def mgf1(name):
    def mask(seed, length):
        out = b""
        for counter in range((length + HASHES[name].digest_size - 1) // HASHES[name].digest_size):
            out += HASHES[name].new(seed + counter.to_bytes(4, "big")).digest()
        return out[:length]
    return mask


def pss_sign(key, name, mask, salt, data):
    return pss.new(key, mask_func=mgf1(mask), salt_bytes=salt).sign(HASHES[name].new(data))


def pss_rows():
    mixes = [(name, name, HASHES[name].digest_size, "rsa2048") for name in HASHES]
    mixes += [("SHA256", "SHA1", 32, "rsa2048"), ("SHA1", "SHA512", 0, "rsa2048"), ("SHA384", "SHA3_256", 17, "rsa2048"),
              ("SHA256", "SHA256", 256 - 2 - 32, "rsa2048"), ("SHA512", "SHA512", 256 - 2 - 64, "rsa2049"),
              ("SHA256", "SHA256", 0, "rsa2049"), ("SHA256", "SHA256", 32, "rsa3072e3")]
    for name, mask, salt, key in mixes:
        signature = pss_sign(RSA_KEYS[key], name, mask, salt, MESSAGE)
        yield (f"CKM_{name}_RSA_PKCS_PSS", key, name, mask, salt, MESSAGE, signature, OK, "pycryptodome")
        yield ("CKM_RSA_PKCS_PSS", key, name, mask, salt, digest(name, MESSAGE).digest(), signature, OK, "pycryptodome")


def bad_pss_rows():
    key = RSA_KEYS["rsa2048"]
    good = pss_sign(key, "SHA256", "SHA256", 32, MESSAGE)
    for note, name, mask, salt in (("another salt length", "SHA256", "SHA256", 31), ("no salt", "SHA256", "SHA256", 0),
                                   ("another mask", "SHA256", "SHA1", 32)):
        yield ("CKM_SHA256_RSA_PKCS_PSS", "rsa2048", name, mask, salt, MESSAGE, good, BAD, note)
    yield ("CKM_SHA384_RSA_PKCS_PSS", "rsa2048", "SHA384", "SHA256", 32, MESSAGE, good, BAD, "another hash")
    em = pow(int.from_bytes(good, "big"), int(key.e), int(key.n)).to_bytes(256, "big")
    for note, block in (("trailer BD", em[:-1] + b"\xbd"), ("a high bit", bytes([em[0] | 0x80]) + em[1:]),
                        ("another hash value", em[:-2] + bytes([em[-2] ^ 1]) + em[-1:]),
                        ("another mask value", em[:9] + bytes([em[9] ^ 1]) + em[10:])):
        if int.from_bytes(block, "big") < key.n:
            yield ("CKM_SHA256_RSA_PKCS_PSS", "rsa2048", "SHA256", "SHA256", 32, MESSAGE, raw(key, block), BAD, note)
    yield ("CKM_SHA256_RSA_PKCS_PSS", "rsa2048", "SHA256", "SHA256", 32, MESSAGE, good[:-1], LENGTH, "a byte short")


def ecdsa_rows():
    for key, ecc in EC_KEYS.items():
        for name in HASHES:
            hashed = digest(name, MESSAGE)
            try:
                signature = DSS.new(ecc, "fips-186-3").sign(hashed)
            except ValueError:  # it takes no SHA-1
                signature = raw_ecdsa(key, hashed.digest())
            yield (f"CKM_ECDSA_{name}", key, *NONE, MESSAGE, signature, OK, "pycryptodome")
        for size in (1, 20, 32, 64, 128):
            block = bytes(range(7, 7 + size))
            yield ("CKM_ECDSA", key, *NONE, block, raw_ecdsa(key, block), OK, f"digest of {size}")


def order(key):
    return int(EC_KEYS[key]._curve.order)


def cut(key, block):
    """FIPS 186-4, 6.4: the leftmost bits of a digest, as many as the order has."""
    value, bits = int.from_bytes(block, "big"), order(key).bit_length()
    return value >> max(0, len(block) * 8 - bits)


def raw_ecdsa(key, block, k=None):
    r, s = EC_KEYS[key]._sign(Integer(cut(key, block)), Integer(k) if k else Integer.random_range(
        min_inclusive=1, max_exclusive=order(key)))
    return b"".join(int(value).to_bytes(SIZES[key], "big") for value in (r, s))


def bad_ecdsa_rows():
    for key in EC_KEYS:
        n, size, block = order(key), SIZES[key], SHA256.new(MESSAGE).digest()
        good = raw_ecdsa(key, block)
        r, s = int.from_bytes(good[:size], "big"), int.from_bytes(good[size:], "big")
        top = (1 << (8 * size)) - 1

        def pair(r, s):
            return r.to_bytes(size, "big") + s.to_bytes(size, "big")

        yield ("CKM_ECDSA", key, *NONE, block, pair(r, n - s), OK, "n - s: ECDSA has two of each")
        for note, values in (("r = 0", (0, s)), ("s = 0", (r, 0)), ("both 0", (0, 0)), ("r = n", (n, s)), ("s = n", (r, n)),
                             ("r = 1", (1, s)), ("s = 1", (r, 1)), ("r = n - 1", (n - 1, s)), ("s = n - 1", (r, n - 1)),
                             ("r = s = n", (n, n)), ("top", (top, top)), ("n - r", (n - r, s)), ("swapped", (s, r))):
            yield ("CKM_ECDSA", key, *NONE, block, pair(*values), BAD, note)
        for note, (a, b) in (("r + n", (r + n, s)), ("s + n", (r, s + n))):
            if a <= top and b <= top:
                yield ("CKM_ECDSA", key, *NONE, block, pair(a, b), BAD, note)
        for note, signature, answer in (("a byte short", good[:-1], LENGTH), ("two bytes long", good + b"\x00\x00", LENGTH),
                                        ("nothing", b"", LENGTH), ("cut in both halves", good[:size - 1] + good[size:-1], BAD)):
            yield ("CKM_ECDSA", key, *NONE, block, signature, answer, note)
        yield from short_forms(key)


def short_forms(key):
    """A signature whose halves both begin with zeros, in full and without them (PKCS #11 3.2, 6.3.1)."""
    n, size, d = order(key), SIZES[key], int(EC_KEYS[key].d)
    limit = 1 << (8 * (size - 1))
    k = next(k for k in range(2, 100000) if int((EC_KEYS[key]._curve.G * Integer(k)).x) % n < limit)
    r = int((EC_KEYS[key]._curve.G * Integer(k)).x) % n
    block = next(block for block in (SHA256.new(b"%d" % i).digest() for i in range(1000000))
                 if pow(k, -1, n) * (cut(key, block) + r * d) % n < limit)
    full = raw_ecdsa(key, block, k)
    assert full[0] == 0 and full[size] == 0
    yield ("CKM_ECDSA", key, *NONE, block, full, OK, "zeros before both halves")
    yield ("CKM_ECDSA", key, *NONE, block, full[1:size] + full[size + 1:], OK, "the same in short form")


def eddsa_rows():
    for key, ed in ED_KEYS.items():
        for message in (b"", b"\x72", MESSAGE, bytes(range(256)) * 20):
            yield ("CKM_EDDSA", key, *NONE, message, ed.sign(message), OK, "libsodium")
    good = ED_KEYS["ed25519"].sign(MESSAGE)
    order25519 = 2 ** 252 + 27742317777372353535851937790883648493
    s = int.from_bytes(good[32:], "little")
    for note, signature, answer in (
            ("S + L", good[:32] + (s + order25519).to_bytes(32, "little"), BAD), ("S = 0", good[:32] + bytes(32), BAD),
            ("R = 0", bytes(32) + good[32:], BAD), ("all FF", b"\xff" * 64, BAD), ("a byte short", good[:-1], LENGTH),
            ("a byte long", good + b"\x00", LENGTH), ("another key's", ED_KEYS["ed25519b"].sign(MESSAGE), BAD)):
        yield ("CKM_EDDSA", "ed25519", *NONE, MESSAGE, signature, answer, note)


# --- Ciphers -----------------------------------------------------------------------------------------------------
# rows: mechanism, key, hash, mask, label, text, block, decryption's answer, what it is

def oaep(key, name, mask, label, text):
    return PKCS1_OAEP.new(key, hashAlgo=HASHES[name], mgfunc=mgf1(mask), label=label).encrypt(text)


def oaep_em(name, label, text, size, first=b"\x00", separator=b"\x01", padding=b"\x00"):
    """RFC 8017, 7.1.1, with what an attacker may do otherwise."""
    hashed = HASHES[name].new(label).digest()
    db = hashed + padding * (size - len(text) - 2 * len(hashed) - 2) + separator + text
    seed = os.urandom(len(hashed))
    masked = bytes(a ^ b for a, b in zip(db, mgf1(name)(seed, len(db))))
    return first + bytes(a ^ b for a, b in zip(seed, mgf1(name)(masked, len(seed)))) + masked


def public(key, block):
    return pow(int.from_bytes(block, "big"), int(key.e), int(key.n)).to_bytes(bytes_of_modulus(key), "big")


def cipher_rows():
    key = RSA_KEYS["rsa2048"]
    mixes = [(name, name, b"") for name in HASHES]
    mixes += [("SHA256", "SHA1", b""), ("SHA1", "SHA256", b""), ("SHA512", "SHA3_512", b"label"), ("SHA256", "SHA256", b"\x00" * 300)]
    for name, mask, label in mixes:
        for text in (b"", MESSAGE[:20], b"\x00" * (256 - 2 - 2 * HASHES[name].digest_size)):
            yield ("CKM_RSA_PKCS_OAEP", "rsa2048", name, mask, label, text, oaep(key, name, mask, label, text), OK, "pycryptodome")
    for name in ("rsa2049", "rsa3072e3"):
        yield ("CKM_RSA_PKCS_OAEP", name, "SHA256", "SHA256", b"", MESSAGE, oaep(RSA_KEYS[name], "SHA256", "SHA256", b"", MESSAGE),
               OK, "pycryptodome")
    for name, rsa in RSA_KEYS.items():
        for text in (b"\x00" * (bytes_of_modulus(rsa) - 1) + b"\x07", b"\x00" + b"\x77" * (bytes_of_modulus(rsa) - 1)):
            yield ("CKM_RSA_X_509", name, "-", "-", b"", text, public(rsa, text), OK, "Python's integers")


def bad_cipher_rows():
    key, n = RSA_KEYS["rsa2048"], int(RSA_KEYS["rsa2048"].n)
    good = oaep(key, "SHA256", "SHA256", b"", MESSAGE)
    row = ("CKM_RSA_PKCS_OAEP", "rsa2048", "SHA256", "SHA256")
    yield (*row, b"x", b"", good, BROKEN, "another label")
    yield ("CKM_RSA_PKCS_OAEP", "rsa2048", "SHA1", "SHA256", b"", b"", good, BROKEN, "another hash")
    yield ("CKM_RSA_PKCS_OAEP", "rsa2048", "SHA256", "SHA1", b"", b"", good, BROKEN, "another mask")
    for note, em in (("first byte 1", oaep_em("SHA256", b"", MESSAGE, 256, first=b"\x01")),
                     ("separator 2", oaep_em("SHA256", b"", MESSAGE, 256, separator=b"\x02")),
                     ("no separator", oaep_em("SHA256", b"", b"\x00" * 20, 256, separator=b"\x00")),
                     ("padding 2", oaep_em("SHA256", b"", MESSAGE, 256, padding=b"\x02"))):
        yield (*row, b"", b"", public(key, em), BROKEN, note)
    for note, value in (("c = 0", 0), ("c = 1", 1), ("c = n - 1", n - 1), ("c = n", n), ("c = 2^2048 - 1", 2 ** 2048 - 1)):
        yield (*row, b"", b"", value.to_bytes(256, "big"), BROKEN, note)
    for note, block in (("a byte short", good[:-1]), ("a byte long", good + b"\x00"), ("nothing", b"")):
        yield (*row, b"", b"", block, SHORT, note)
    for note, value in (("c = n", n), ("c = n + 1", n + 1)):
        yield ("CKM_RSA_X_509", "rsa2048", "-", "-", b"", b"", value.to_bytes(256, "big"), BROKEN, note)
    yield ("CKM_RSA_X_509", "rsa2048", "-", "-", b"", b"", b"\x01", SHORT, "one byte")


def main():
    keys = [row for name, key in RSA_KEYS.items() for row in rsa_rows(name, key)]
    keys += [row for name, key in EC_KEYS.items() for row in ec_rows(name, key)]
    keys += [row for name, key in ED_KEYS.items() for row in key.rows(name)]
    write("keys.tsv", ("key", "attribute", "value"), keys)
    write("digests.tsv", ("mechanism", "data", "digest"),
          [(name, data, make(data).digest()) for name, make in DIGESTS.items()
           for data in (b"", MESSAGE, bytes(range(256)) * 2)])
    families = (pkcs1_rows, bad_pkcs1_rows, pss_rows, bad_pss_rows, ecdsa_rows, bad_ecdsa_rows, eddsa_rows)
    write("signatures.tsv", ("mechanism", "key", "hash", "mask", "salt", "data", "signature", "answer", "what it is"),
          [row for family in families for row in family()])
    write("ciphers.tsv", ("mechanism", "key", "hash", "mask", "label", "text", "block", "answer", "what it is"),
          [row for family in (cipher_rows, bad_cipher_rows) for row in family()])


if __name__ == "__main__":
    main()
