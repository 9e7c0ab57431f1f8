"""Why something of the standard is not there: (pattern of names, what it is, the reason). The first that matches counts."""

NO_SECRET_KEYS = "no secret keys are kept: the service signs and authenticates, it ciphers nothing"
NO_DERIVATION = "no key is made of another: what is not there cannot leak a key"
OLD = "broken or out of use"

FUNCTIONS = [
    (r"C_[GS]etOperationState", "saved operations", "a state would carry what was hashed, outside the module"),
    (r"C_(Digest|Sign)EncryptUpdate|C_Decrypt(Digest|Verify)Update", "two operations in one call",
     "they need multi-part ciphers"),
    (r"C_DigestKey", "digest of a secret key", NO_SECRET_KEYS),
    (r"C_GenerateKey", "making secret keys", NO_SECRET_KEYS),
    (r"C_(Wrap|Unwrap)Key(Authenticated)?", "wrapping", "keys do not leave, not even wrapped"),
    (r"C_(Derive|Encapsulate|Decapsulate)Key", "derivation, encapsulation", NO_DERIVATION),
    (r"C_.*Message.*", "messages", "for ciphers with a nonce a message; no mechanism of ours takes part"),
    (r"C_VerifySignature.*", "verification that begins with the signature",
     "for schemes that read the signature first; ours do not"),
    (r"C_GetSessionValidationFlags", "validations", "the module has none to tell of"),
    (r"C_Async.*", "asynchronous calls", "a module without threads of its own has nothing to come back to"),
]

MECHANISMS = [
    (r".*_HMAC(_GENERAL)?$|.*_MAC(_GENERAL|_SERVER|_CLIENT)?$|.*XCBC_MAC.*|.*(CMAC|GMAC).*|POLY1305.*", "MACs",
     NO_SECRET_KEYS),
    (r".*(WRAP|TPM_1_1).*|KEY_WRAP.*", "wrapping", "keys do not leave, not even wrapped"),
    (r".*(DERIVE|DERIVATION|_KDF|_PRF|HKDF|CONCATENATE|EXTRACT_KEY|XOR_BASE|IKE|SP800|PUB_KEY_FROM|PREHASH|ECMQV)"
     r".*|(TLS|SSL3|WTLS|KIP|X3DH|X2RATCHET).*",
     "derivation, protocols' keys", NO_DERIVATION),
    (r"(AES|DES|DES2|DES3|CAMELLIA|ARIA|SEED|CHACHA20|SALSA20|BLOWFISH|TWOFISH|IDEA|GENERIC|SHA.*_KEY_GEN|"
     r"BLAKE2B.*_KEY_GEN|RC[245]|CDMF|CAST\d*|SKIPJACK|BATON|JUNIPER|FASTHASH|PBE|PBA|PKCS5)(_.*)?|SHA.*KEY_GEN",
     "symmetric ciphers, their keys, keys of passwords", NO_SECRET_KEYS),
    (r"(ML|SLH|HASH|HSS|XMSS|XMSSMT)(_.*)?", "post-quantum keys",
     "OpenSSL 3.0 has none, and the service's certificates name none"),
    (r"(DSA|DH|X9_42|KEA|FORTEZZA)(_.*)?", "DSA, Diffie-Hellman", "not in the service's certificates; out of use"),
    (r"(GOSTR?\d+)(_.*)?", "GOST", "not in OpenSSL's default provider"),
    (r"(HOTP|ACTI|SECURID)(_.*)?", "one-time passwords", "no such keys on the card"),
    (r"EC_MONTGOMERY.*|XEDDSA|ECDH.*", "Montgomery curves", NO_DERIVATION),
    (r"(MD2|MD5|RIPEMD.*|.*X9_31.*|RSA_9796)(_.*)?", "old hashes and paddings", OLD),
    (r"(SHA3|SHAKE|SHA512_T|SHA512_224|SHA512_256|BLAKE2B|DSA_SHA3|.*SHA3.*|.*SHA512_T.*)(_.*)?", "further hashes",
     "no signature of the service's is made with them"),
    (r"CMS_SIG", "CMS signatures by the token", "`jpki sign` makes them, above the module"),
    (r"VENDOR_DEFINED", "vendors' own", "ours has none"),
    (r"NULL", "the mechanism that does nothing", "there is nothing to do it for"),
    (r"EC_KEY_PAIR_GEN_W_EXTRA_BITS", "another way to make EC keys", "CKM_EC_KEY_PAIR_GEN makes the same keys"),
]

CLASSES = [
    (r"SECRET_KEY|OTP_KEY", "secret keys", NO_SECRET_KEYS),
    (r"HW_FEATURE", "clocks, counters, displays", "a card has none that its holder can ask"),
    (r"DOMAIN_PARAMETERS", "domain parameters", "curves go by name"),
    (r"MECHANISM", "mechanisms as objects", "`C_GetMechanismInfo` says all that there is to say"),
    (r"VALIDATION|TRUST", "validations, trust", "the module was validated by nobody; whom to trust is not the card's to say"),
    (r"VENDOR_DEFINED", "vendors' own", "ours has none"),
]

ATTRIBUTES = [
    (r"OTP_.*", "one-time passwords", "no such keys"),
    (r"X2RATCHET.*|HSS_.*|PARAMETER_SET|SEED", "keys of other mechanisms", "the mechanisms are not there"),
    (r"GOST.*|PRIME|SUBPRIME|BASE|PRIME_BITS|SUB_?PRIME_BITS|VALUE_BITS", "DSA, Diffie-Hellman, GOST",
     "the mechanisms are not there"),
    (r"VALUE_LEN", "secret keys", NO_SECRET_KEYS),
    (r"(RESET|HAS_RESET|PIXEL|CHAR|COLOR|BITS|RESOLUTION|ENCODING|MIME|HW_FEATURE).*", "hardware features", "there is no such object"),
    (r"VALIDATION.*|OBJECT_VALIDATION_FLAGS|TRUST_.*|HASH_OF_CERTIFICATE", "validations, trust", "there is no such object"),
    (r".*CMS.*|MECHANISM_TYPE", "mechanisms as objects", "there is no such object"),
    (r".*_TEMPLATE|(EN|DE)CAPSULATE", "templates for what wrapping and derivation make", "there is neither"),
    (r"AC_ISSUER|OWNER|ATTR_TYPES", "attribute certificates", "certificates here are X.509 public key certificates"),
    (r"SECONDARY_AUTH|AUTH_PIN_FLAGS", "withdrawn", "the standard keeps the numbers only"),
    (r"VENDOR_DEFINED", "vendors' own", "ours has none"),
    (r"PUBLIC_CRC64_VALUE", "a checksum of keys", "no key's creator gives one"),
]

PROFILES = [
    (r"COMPLETE_PROVIDER", "all of the standard", "this page says what is not there"),
    (r"HKDF_TLS_TOKEN", "keys for TLS 1.3", NO_DERIVATION),
    (r"INVALID_ID|VENDOR_DEFINED", "no profiles", "numbers only"),
]
