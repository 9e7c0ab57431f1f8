// Folders with one CA that issues no cards: a bridge CA, and the CA of a ministry or city whose posts sign.
#pragma once

#include <filesystem>
#include <string>

#include "counter/crl.hpp"
#include "counter/draft.hpp"
#include "counter/register.hpp"
#include "counter/serials.hpp"

namespace jpki::counter {

enum class SoleKind : std::uint8_t { bridge, office };

struct SoleKindRow {
  SoleKind kind;
  std::string_view name;  // in hierarchy.toml, in file names, and as issuer in the register
  const char* policy;     // of the arc that is for examples: {joint-iso-itu-t(2) example(999)}
};

class SoleCa {
 public:
  /// Makes the folder, whole or not at all. Throws CaError where there is something already.
  static void create(const std::filesystem::path& path, SoleKind kind, const NameParts& name, Period period);
  /// The folder is one of these; a hierarchy's is not.
  static bool is_one(const std::filesystem::path& path);

  explicit SoleCa(std::filesystem::path path);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] const SoleKindRow& kind() const { return *kind_; }
  [[nodiscard]] const Authority& authority() const { return authority_; }
  [[nodiscard]] Register records() const { return Register(path_); }
  std::uint32_t take_serial() const { return counter::take_serial(path_); }

 private:
  std::filesystem::path path_;
  const SoleKindRow* kind_;
  Authority authority_;
};

/// It refers to `ca`.
std::vector<ListIssuer> list_issuers(const SoleCa& ca);

const SoleKindRow& row_of(SoleKind kind);

}  // namespace jpki::counter
