#include "jpki/trust.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "jpki/pem.hpp"

namespace jpki::service {
namespace {

namespace fs = std::filesystem;

template <class Read>
auto read_all(const fs::path& path, Read read) {
  decltype(read(ByteView{})) all;
  const auto add = [&](const fs::path& file) {
    const auto content = read_file(file);
    if (!content) return;
    for (auto& found : read(*content)) all.push_back(std::move(found));
  };
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) {
    add(path);
    return all;
  }
  std::vector<fs::path> files;  // in an order that does not depend on the file system
  for (const auto& entry : fs::directory_iterator(path, ignored)) {
    if (entry.is_regular_file(ignored)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) add(file);
  return all;
}

}  // namespace

Crl::Crl(X509_CRL* owned) : crl_(owned, X509_CRL_free) {}

std::optional<Crl> Crl::from_der(ByteView der) {
  const unsigned char* at = der.data();
  X509_CRL* raw = X509_CRL_new_ex(crypto::library(), nullptr);
  crypto::require(raw != nullptr, "X509_CRL_new_ex");
  if (d2i_X509_CRL(&raw, &at, static_cast<long>(der.size())) == nullptr || at != der.data() + der.size()) {
    X509_CRL_free(raw);
    ERR_clear_error();
    return std::nullopt;
  }
  return Crl(raw);
}

std::vector<Crl> Crl::from_file(ByteView content) {
  return objects_of_file<Crl>(content, PEM_STRING_X509_CRL, from_der);
}

std::vector<Certificate> read_certificates(const fs::path& path) {
  return read_all(path, Certificate::from_file);
}
std::vector<Crl> read_crls(const fs::path& path) { return read_all(path, Crl::from_file); }

}  // namespace jpki::service
