#include "counter/sole_ca.hpp"

#include <array>

#include "base/file.hpp"
#include "base/toml.hpp"
#include "counter/extensions.hpp"
#include "counter/staging.hpp"

namespace jpki::counter {
namespace {

namespace fs = std::filesystem;

constexpr std::array rows{SoleKindRow{SoleKind::bridge, "bridge", "2.999.392.1"},
                          SoleKindRow{SoleKind::office, "office", "2.999.392.2"}};
constexpr const char* hierarchy_file = "hierarchy.toml";
constexpr std::size_t largest_file = 1 << 20;
constexpr unsigned for_all = 0644;

const SoleKindRow* kind_in(const fs::path& path) try {
  const auto bytes = read_file(path / hierarchy_file, largest_file);
  if (!bytes) throw CaError("no CA in " + path.string());
  const std::string name = toml_string(read_toml(text_of(*bytes)), "kind");
  for (const auto& row : rows)
    if (row.name == name) return &row;
  return nullptr;
} catch (const TomlError& error) {
  throw CaError((path / hierarchy_file).string() + ": " + error.what());
}

std::string base_name(const SoleKindRow& kind) { return std::string(kind.name) + "-ca"; }

Authority make_authority(const NameParts& parts, Period period, std::uint32_t serial) {
  Key key = new_key();
  const Name name = make_name(parts);
  Certificate certificate = blank(*name, *name, period, serial, *key);
  add_key_usage(*certificate, {Use::key_cert_sign, Use::crl_sign});
  add_ca_constraints(*certificate);
  add_crl_point(*certificate, directory_names(parts));
  add_subject_key(*certificate);
  sign(*certificate, *key, "SHA256");
  return {std::move(certificate), std::move(key)};
}

}  // namespace

const SoleKindRow& row_of(SoleKind kind) { return rows[kind == SoleKind::bridge ? 0 : 1]; }

void SoleCa::create(const fs::path& path, SoleKind kind, const NameParts& name, Period period) {
  const auto taken = [&] {
    return CaError(path.string() + " is there already and not empty: nothing was done");
  };
  if (!is_free(path)) throw taken();
  Staging staging(path);
  const SoleKindRow& row = row_of(kind);
  create_file(staging.path() / hierarchy_file,
              bytes_of("# A test CA of jpki-counter. Nothing here is secret.\nkind = \"" +
                       std::string(row.name) + "\"\n"),
              for_all);
  create_serials(staging.path());
  Register::create(staging.path());
  const std::uint32_t serial = counter::take_serial(staging.path());
  write_authority(staging.path(), base_name(row), make_authority(name, period, serial));
  Register(staging.path())
      .add({serial, std::string(row.name), Sort::ca, {}, {}, period.first, period.last, {}});
  if (!staging.move_to_place()) throw taken();
}

bool SoleCa::is_one(const fs::path& path) { return kind_in(path) != nullptr; }

SoleCa::SoleCa(fs::path path) : path_(std::move(path)), kind_(kind_in(path_)) {
  if (kind_ == nullptr) throw CaError(path_.string() + " is no folder of a bridge CA or an office");
  authority_ = read_authority(path_, base_name(*kind_));
}

std::vector<ListIssuer> list_issuers(const SoleCa& ca) {
  std::vector<ListIssuer> issuers;
  issuers.push_back(
      {std::string(ca.kind().name), *ca.authority().certificate, *ca.authority().key, "SHA256", {}});
  return issuers;
}

}  // namespace jpki::counter
