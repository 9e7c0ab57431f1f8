/* jpki-bench-once-raw FILE [numbers]: signs once with OpenSSL alone. FILE is a PKCS #8 key, as programs have
 * it. With "numbers" it is the least that OpenSSL can do: the key's bare numbers, and no openssl.cnf. */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "once.h"

static const char* const names[] = {
    OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
    OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
    OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
    OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};

static EVP_PKEY* key_of_numbers(const unsigned char* at, const unsigned char* end) {
  BIGNUM* numbers[8];
  OSSL_PARAM_BLD* builder = OSSL_PARAM_BLD_new();
  for (int i = 0; i < 8; ++i) {
    expect(end - at > 4, "the file is too short");
    const long size = (long)at[0] << 24 | (long)at[1] << 16 | (long)at[2] << 8 | at[3];
    at += 4;
    expect(size <= end - at, "the file is too short");
    numbers[i] = BN_bin2bn(at, (int)size, NULL);
    expect(OSSL_PARAM_BLD_push_BN(builder, names[i], numbers[i]), "OSSL_PARAM_BLD_push_BN");
    at += size;
  }
  OSSL_PARAM* parameters = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
  EVP_PKEY* key = NULL;
  expect(EVP_PKEY_fromdata_init(context) == 1 &&
             EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, parameters) == 1,
         "EVP_PKEY_fromdata");
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(builder);
  for (int i = 0; i < 8; ++i) BN_clear_free(numbers[i]);
  return key;
}

int main(int argc, char** argv) {
  static unsigned char file[8192];
  unsigned char block[digest_info_size], signature[512];
  const int least = argc == 3;
  expect(argc == 2 || least, "usage: jpki-bench-once-raw FILE [numbers]");
  if (least) expect(OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL), "OPENSSL_init_crypto");
  FILE* stream = fopen(argv[1], "rb");
  expect(stream != NULL, "the file cannot be read");
  const size_t length = fread(file, 1, sizeof file, stream);
  fclose(stream);
  const unsigned char* der = file;
  EVP_PKEY* key = least ? key_of_numbers(file, file + length) : d2i_AutoPrivateKey(NULL, &der, (long)length);
  expect(key != NULL, "no key");
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(key, NULL);
  size_t size = sizeof signature;
  fill_digest_info(block);
  expect(EVP_PKEY_sign_init(context) == 1 && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
             EVP_PKEY_sign(context, signature, &size, block, sizeof block) == 1,
         "EVP_PKEY_sign");
  EVP_PKEY_CTX_free(context);
  EVP_PKEY_free(key);
  print_peak();
  return 0;
}
