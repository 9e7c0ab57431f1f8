#include "jpki/key_file.hpp"

#include <openssl/decoder.h>
#include <openssl/rsa.h>

#include "base/file.hpp"
#include "jpki/openssl.hpp"
#include "jpki/trust.hpp"

namespace jpki::service {
namespace {

constexpr std::size_t longest_key = 1 << 16;

std::shared_ptr<EVP_PKEY> read_key(const std::filesystem::path& path) {
  auto content = read_file(path, longest_key);
  if (!content) return nullptr;
  EVP_PKEY* key = nullptr;
  const Owned<OSSL_DECODER_CTX, OSSL_DECODER_CTX_free> decoder(OSSL_DECODER_CTX_new_for_pkey(
      &key, nullptr, nullptr, "RSA", OSSL_KEYMGMT_SELECT_KEYPAIR, crypto::library(), nullptr));
  const unsigned char* data = content->data();
  std::size_t size = content->size();
  const bool done = decoder != nullptr && OSSL_DECODER_from_data(decoder.get(), &data, &size) == 1;
  OPENSSL_cleanse(content->data(), content->size());
  ERR_clear_error();
  return {done ? key : nullptr, EVP_PKEY_free};
}

}  // namespace

std::optional<KeyFile> KeyFile::read(const std::filesystem::path& certificate,
                                     const std::filesystem::path& key) {
  auto certificates = read_certificates(certificate);
  auto own = read_key(key);
  if (certificates.empty() || !own) return std::nullopt;
  const bool pair = X509_check_private_key(&certificates[0].x509(), own.get()) == 1;
  ERR_clear_error();
  if (!pair) return std::nullopt;
  return KeyFile(std::move(certificates), std::move(own));
}

Bytes KeyFile::sign(ByteView digest_info) const {
  const crypto::PkeyContext context(EVP_PKEY_CTX_new_from_pkey(crypto::library(), key_.get(), nullptr));
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
  Bytes signature(size);
  crypto::require(
      context != nullptr && EVP_PKEY_sign_init(context.get()) == 1 &&
          EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
          EVP_PKEY_sign(context.get(), signature.data(), &size, digest_info.data(), digest_info.size()) == 1,
      "EVP_PKEY_sign");
  signature.resize(size);
  return signature;
}

Bytes KeyFile::sealed(ByteView text, Instant when) const {
  Bytes out;
  const std::vector<Certificate> others(certificates_.begin() + 1, certificates_.end());
  write_signed_data(
      {certificates_[0], others, when, true}, content_in_memory(text),
      [this](ByteView block) { return sign(block); }, [&](ByteView part) { append(out, part); });
  return out;
}

}  // namespace jpki::service
