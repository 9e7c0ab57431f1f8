// Test keys and known answers, made by another implementation (make_vectors.py).
#pragma once

#include <vector>

namespace conformance {
using Bytes = std::vector<unsigned char>;
}

namespace conformance::vectors {

extern const Bytes message;
extern const Bytes rsa_modulus;
extern const Bytes rsa_public_exponent;
extern const Bytes rsa_private_exponent;
extern const Bytes rsa_prime_1;
extern const Bytes rsa_prime_2;
extern const Bytes rsa_exponent_1;
extern const Bytes rsa_exponent_2;
extern const Bytes rsa_coefficient;
extern const Bytes digest_sha1;
extern const Bytes rsa_pkcs_sha1;
extern const Bytes rsa_pss_sha1;
extern const Bytes rsa_oaep_sha1;
extern const Bytes rsa_oaep_label_sha1;
extern const Bytes hmac_sha1;
extern const Bytes digest_sha224;
extern const Bytes rsa_pkcs_sha224;
extern const Bytes rsa_pss_sha224;
extern const Bytes rsa_oaep_sha224;
extern const Bytes rsa_oaep_label_sha224;
extern const Bytes hmac_sha224;
extern const Bytes digest_sha256;
extern const Bytes rsa_pkcs_sha256;
extern const Bytes rsa_pss_sha256;
extern const Bytes rsa_oaep_sha256;
extern const Bytes rsa_oaep_label_sha256;
extern const Bytes hmac_sha256;
extern const Bytes digest_sha384;
extern const Bytes rsa_pkcs_sha384;
extern const Bytes rsa_pss_sha384;
extern const Bytes rsa_oaep_sha384;
extern const Bytes rsa_oaep_label_sha384;
extern const Bytes hmac_sha384;
extern const Bytes digest_sha512;
extern const Bytes rsa_pkcs_sha512;
extern const Bytes rsa_pss_sha512;
extern const Bytes rsa_oaep_sha512;
extern const Bytes rsa_oaep_label_sha512;
extern const Bytes hmac_sha512;
extern const Bytes rsa_oaep_sha256_mgf_sha1;
extern const Bytes rsa_pss_sha256_salt_0;
extern const Bytes rsa_pss_sha256_salt_20;
extern const Bytes rsa_pss_sha256_mgf_sha1;
extern const Bytes rsa_pkcs_raw;
extern const Bytes rsa_pkcs_encrypted;
extern const Bytes ec_params;
extern const Bytes ec_point;
extern const Bytes ec_value;
extern const Bytes ecdsa_sha256;
extern const Bytes ecdsa_sha384;
extern const Bytes ecdsa_sha512;
extern const Bytes aes_key;
extern const Bytes aes_iv;
extern const Bytes hmac_key;
extern const Bytes aes_blocks;
extern const Bytes aes_ecb;
extern const Bytes aes_cbc;
extern const Bytes aes_cbc_pad;
extern const Bytes aes_ctr;
extern const Bytes aes_gcm;

}  // namespace conformance::vectors
