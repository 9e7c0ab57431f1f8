#include "counter/ca_folder.hpp"

#include "base/file.hpp"
#include "base/hex.hpp"
#include "base/toml.hpp"
#include "counter/serials.hpp"
#include "counter/staging.hpp"
#include "vcard/create.hpp"

namespace jpki::counter {
namespace {

namespace fs = std::filesystem;
using service::Tier;

constexpr const char *hierarchy_file = "hierarchy.toml", *issuer_file = "issuer.key";
constexpr std::size_t largest_file = 1 << 20;
constexpr unsigned for_all = 0644, for_owner = 0600;

std::string base_name(Tier tier) { return std::string(service::row_of(tier).name) + "-ca"; }

Bytes content_of(const fs::path& path) {
  auto bytes = read_file(path, largest_file);
  if (!bytes) throw CaError("cannot read " + path.string());
  return std::move(*bytes);
}

std::string_view line_of(ByteView bytes) { return text_of(bytes).substr(0, text_of(bytes).find('\n')); }

Bytes hex_of(const fs::path& path) {
  Bytes text = content_of(path);
  auto bytes = from_hex(line_of(text));
  wipe(text.data(), text.size());
  if (!bytes || bytes->empty()) throw CaError("no hexadecimal digits in " + path.string());
  return std::move(*bytes);
}

std::string hierarchy_text(const Hierarchy& hierarchy) {
  std::string text = "# A test hierarchy of jpki-counter. Nothing here is secret.\n";
  text += "kind = \"" + std::string(vcard::row_of(hierarchy.kind).name) + "\"\n";
  if (hierarchy.governor != nullptr)
    text += "governor = \"" + std::string(hierarchy.governor->romaji) + "\"\n";
  text += "\n# OCSP responders that certificates name; none if empty.\n[ocsp]\n";
  for (const Tier tier : service::all_tiers) {
    text += std::string(service::row_of(tier).name) + " = \"" + hierarchy.ocsp(tier) + "\"\n";
  }
  return text;
}

Hierarchy read_hierarchy(const fs::path& path) try {
  const auto bytes = read_file(path, largest_file);
  if (!bytes) throw CaError("no hierarchy in " + path.parent_path().string());
  const TomlTable file = read_toml(text_of(*bytes));
  Hierarchy hierarchy;
  hierarchy.sign_ocsp = toml_string(file, "ocsp.sign");
  hierarchy.auth_ocsp = toml_string(file, "ocsp.auth");
  const std::string kind = toml_string(file, "kind");
  if (kind == vcard::row_of(vcard::Kind::mynumber).name) return hierarchy;
  hierarchy.kind = vcard::Kind::juki;
  hierarchy.governor = service::find_prefecture(toml_string(file, "governor"));
  if (kind != vcard::row_of(vcard::Kind::juki).name || hierarchy.governor == nullptr)
    throw CaError("no kind of hierarchy in " + path.string());
  return hierarchy;
} catch (const TomlError& error) {
  throw CaError(path.string() + ": " + error.what());
}

}  // namespace

void CaFolder::create(const fs::path& path, const Hierarchy& hierarchy, Period period) {
  const auto taken = [&] {
    return CaError(path.string() + " is there already and not empty: nothing was done");
  };
  if (!is_free(path)) throw taken();
  Staging staging(path);
  CaFolder(staging.path(), hierarchy, Empty{}).fill(period);
  if (!staging.move_to_place()) throw taken();
}

void CaFolder::fill(Period period) {
  const auto write = [this](const char* name, std::string_view text, unsigned mode) {
    create_file(path_ / name, bytes_of(text), mode);
  };
  write(hierarchy_file, hierarchy_text(hierarchy_), for_all);
  write(issuer_file, to_hex(vcard::new_issuer_key()) + '\n', for_owner);
  create_serials(path_);
  Register::create(path_);
  for (const Tier tier : tiers_of(hierarchy_.kind)) add_authority(tier, period);
}

void CaFolder::add_authority(Tier tier, Period period) {
  const std::uint32_t serial = take_serial();
  const Authority authority = make_authority(hierarchy_, tier, period, serial);
  write_authority(path_, base_name(tier), authority);
  records().add({serial, issuer_of(tier), Sort::ca, {}, {}, period.first, period.last, {}});
}

CaFolder::CaFolder(fs::path path)
    : path_(std::move(path)), hierarchy_(read_hierarchy(path_ / hierarchy_file)) {
  for (const Tier tier : tiers_of(hierarchy_.kind)) authority(tier) = read_authority(path_, base_name(tier));
  Bytes key = hex_of(path_ / issuer_file);
  issuer_key_ = Secret(key);
  wipe(key.data(), key.size());
}

Authority& CaFolder::authority(Tier tier) { return authorities_[static_cast<std::size_t>(tier)]; }

fs::path CaFolder::certificate_path(Tier tier) const { return path_ / (base_name(tier) + ".pem"); }

std::optional<Entry> CaFolder::find(const X509& certificate) {
  for (const Tier tier : tiers_of(hierarchy_.kind)) {
    if (!is_signed_by(certificate, *authority(tier).key)) continue;
    auto entry = records().find(serial_of(certificate));
    return entry && entry->issuer == issuer_of(tier) ? entry : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace jpki::counter
