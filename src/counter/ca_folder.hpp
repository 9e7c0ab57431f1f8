// A hierarchy's folder: keys, certificates, issuer key, serial counter and the list of what was issued.
#pragma once

#include <array>
#include <filesystem>
#include <optional>

#include "base/secret.hpp"
#include "counter/certificate.hpp"
#include "counter/register.hpp"
#include "counter/serials.hpp"

namespace jpki::counter {

class CaFolder {
 public:
  /// Makes the folder, whole or not at all. Throws CaError where there is something already: a CA's key is
  /// never overwritten.
  static void create(const std::filesystem::path& path, const Hierarchy& hierarchy, Period period);

  explicit CaFolder(std::filesystem::path path);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] const Hierarchy& hierarchy() const { return hierarchy_; }
  [[nodiscard]] Authority& authority(service::Tier tier);
  [[nodiscard]] ByteView issuer_key() const { return issuer_key_.view(); }
  [[nodiscard]] std::filesystem::path certificate_path(service::Tier tier) const;

  std::uint32_t take_serial() const { return counter::take_serial(path_); }
  /// What was issued, and what of it was revoked.
  [[nodiscard]] Register records() const { return Register(path_); }
  /// The entry of a certificate that one of this folder's CAs has signed; empty for any other, whatever it
  /// says of itself.
  [[nodiscard]] std::optional<Entry> find(const X509& certificate);

 private:
  struct Empty {};
  CaFolder(std::filesystem::path path, Hierarchy hierarchy, Empty)
      : path_(std::move(path)), hierarchy_(std::move(hierarchy)) {}
  void fill(Period period);
  void add_authority(service::Tier tier, Period period);

  std::filesystem::path path_;
  Hierarchy hierarchy_;
  std::array<Authority, 2> authorities_;
  Secret issuer_key_;
};

}  // namespace jpki::counter
