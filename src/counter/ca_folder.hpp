// A hierarchy's folder: keys, certificates, issuer key, serial counter and the list of what was issued.
#pragma once

#include <array>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "base/secret.hpp"
#include "counter/certificate.hpp"

namespace jpki::counter {

/// The folder is missing, damaged, or not to be touched.
class CaError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

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

  /// The counter has advanced on the disk when this returns.
  std::uint32_t take_serial();
  /// Adds a line to the list. No personal data: number, kind and last instant.
  void record(std::uint32_t serial, std::string_view kind, service::Instant last);

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

/// A serial number as certificates' readers show it: eight hexadecimal digits.
std::string serial_text(std::uint32_t serial);

}  // namespace jpki::counter
