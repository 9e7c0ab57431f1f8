// A ministry's or city's post certificate (官職証明書, 職責証明書): what official documents and receipts are
// signed with.
#pragma once

#include <filesystem>
#include <string>

#include "counter/sole_ca.hpp"

namespace jpki::counter {

class Office {
 public:
  /// A CA, and one post of it: "TEST " goes before the organization. Whole or not at all.
  static void create(const std::filesystem::path& path, const std::string& organization,
                     const std::string& post, service::Instant now);

  explicit Office(const std::filesystem::path& path);

  [[nodiscard]] const SoleCa& ca() const { return ca_; }
  [[nodiscard]] const X509& certificate() const { return *post_.certificate; }

  /// CMS SignedData (DER) that `jpki verify` takes, by the post's key: detached, or with the content in it.
  /// The ways to the CAs that a bridge connects go with it.
  [[nodiscard]] Bytes sign(ByteView content, service::Instant when, bool embedded = false) const;

 private:
  SoleCa ca_;
  Authority post_;
};

}  // namespace jpki::counter
