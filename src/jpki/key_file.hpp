// A certificate and its RSA key in files, for offices that sign by themselves: receipts, public documents.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "jpki/signed_data.hpp"

namespace jpki::service {

class KeyFile {
 public:
  /// PEM or DER. Empty where they cannot be read or are not a pair.
  static std::optional<KeyFile> read(const std::filesystem::path& certificate,
                                     const std::filesystem::path& key);

  /// CMS with the text in it.
  [[nodiscard]] Bytes sealed(ByteView text, Instant when) const;

 private:
  KeyFile(std::vector<Certificate> certificates, std::shared_ptr<EVP_PKEY> key)
      : certificates_(std::move(certificates)), key_(std::move(key)) {}
  [[nodiscard]] Bytes sign(ByteView digest_info) const;

  std::vector<Certificate> certificates_;  // the own one, then what else the file has
  std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace jpki::service
