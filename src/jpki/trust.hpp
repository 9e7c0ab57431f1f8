// Which CAs are trusted, and what else helps to build a chain to them.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "jpki/certificate.hpp"

namespace jpki::service {

/// A CRL, read once.
class Crl {
 public:
  /// Empty where `der` is not exactly one CRL.
  static std::optional<Crl> from_der(ByteView der);
  /// A file's content: DER, or every CRL of a PEM text.
  static std::vector<Crl> from_file(ByteView content);

  [[nodiscard]] X509_CRL& crl() const { return *crl_; }

 private:
  explicit Crl(X509_CRL* owned);
  std::shared_ptr<X509_CRL> crl_;
};

/// What a check goes by. CA certificates from a card belong among `helpers`: a card is no reason to trust.
struct Trust {
  std::vector<Certificate> anchors;  // CAs that the user trusts
  std::vector<Certificate> helpers;  // other certificates of the way: CAs, cross certificates of bridges
  std::vector<Crl> crls;
};

/// A file, or each regular file of a folder (not of its subfolders). Files with nothing of the kind are
/// passed over.
std::vector<Certificate> read_certificates(const std::filesystem::path& path);
std::vector<Crl> read_crls(const std::filesystem::path& path);

}  // namespace jpki::service
