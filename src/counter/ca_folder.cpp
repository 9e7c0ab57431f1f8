#include "counter/ca_folder.hpp"

#include <fcntl.h>
#include <openssl/pem.h>
#include <sys/file.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "base/file.hpp"
#include "base/hex.hpp"
#include "counter/serials.hpp"
#include "counter/staging.hpp"
#include "crypto/random.hpp"
#include "vcard/create.hpp"

namespace jpki::counter {
namespace {

namespace fs = std::filesystem;
using service::Tier;

constexpr const char *hierarchy_file = "hierarchy.toml", *issuer_file = "issuer.key", *serial_file = "serial",
                     *serial_key_file = "serial.key", *issued_file = "issued", *lock_file = "lock";
constexpr std::size_t largest_file = 1 << 20;
constexpr unsigned for_all = 0644, for_owner = 0600;
constexpr const char* issued_head = "# serial\tcertificate\tnot after\n";

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

Bytes random_of(std::size_t size) {
  Bytes bytes(size);
  crypto::random_bytes(bytes);
  return bytes;
}

// The lock is advisory and goes with the process that holds it.
class Lock {
 public:
  explicit Lock(const fs::path& folder)
      : fd_(open((folder / lock_file).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, for_all)) {
    int failure = fd_ < 0 ? errno : 0;
    while (failure == 0 && flock(fd_, LOCK_EX) != 0) failure = errno == EINTR ? 0 : errno;
    if (failure == 0) return;
    if (fd_ >= 0) close(fd_);
    throw std::system_error(failure, std::generic_category(), (folder / lock_file).string());
  }
  ~Lock() { close(fd_); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  int fd_;
};

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
  const toml::table file = toml::parse(text_of(*bytes));
  Hierarchy hierarchy;
  hierarchy.sign_ocsp = file["ocsp"]["sign"].value_or("");
  hierarchy.auth_ocsp = file["ocsp"]["auth"].value_or("");
  const std::string kind = file["kind"].value_or("");
  if (kind == vcard::row_of(vcard::Kind::mynumber).name) return hierarchy;
  hierarchy.kind = vcard::Kind::juki;
  hierarchy.governor = service::find_prefecture(file["governor"].value_or(""));
  if (kind != vcard::row_of(vcard::Kind::juki).name || hierarchy.governor == nullptr)
    throw CaError("no kind of hierarchy in " + path.string());
  return hierarchy;
} catch (const toml::parse_error&) {
  throw CaError("cannot understand " + path.string());
}

// Through OpenSSL's secure memory, where there is some, and wiped in any case.
void write_key(const fs::path& path, const EVP_PKEY& key) {
  const Bio bio(made(BIO_new(BIO_s_secmem()), "BIO_new"));
  crypto::require(PEM_write_bio_PKCS8PrivateKey(bio.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
                  "PEM_write_bio_PKCS8PrivateKey");
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  create_file(path, bytes_of({text, static_cast<std::size_t>(size)}), for_owner);
}

Authority read_authority(const fs::path& folder, Tier tier) {
  const std::string name = base_name(tier);
  const fs::path certificate = folder / (name + ".pem"), key = folder / (name + ".key");
  Bytes key_text = content_of(key);
  Authority authority{read_certificate_pem(content_of(certificate)), read_key_pem(key_text)};
  wipe(key_text.data(), key_text.size());
  if (X509_check_private_key(authority.certificate.get(), authority.key.get()) != 1)
    throw CaError(key.string() + " is not the key of " + certificate.string());
  return authority;
}

std::string instant_text(service::Instant instant) {
  using namespace std::chrono;
  const auto day = floor<days>(instant);
  const hh_mm_ss time(instant - day);
  char clock[24];
  std::snprintf(clock, sizeof clock, "T%02d:%02d:%02dZ", static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  return service::date_text(day) + clock;
}

void append_line(const fs::path& path, const std::string& line) {
  const int fd = open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  const bool done =
      fd >= 0 && write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()) && fsync(fd) == 0;
  const int failure = errno;
  if (fd >= 0) close(fd);
  if (!done) throw std::system_error(failure, std::generic_category(), path.string());
}

}  // namespace

std::string serial_text(std::uint32_t serial) {
  char text[16];
  std::snprintf(text, sizeof text, "%08X", serial);
  return text;
}

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
  write(serial_key_file, to_hex(random_of(16)) + '\n', for_owner);
  write(serial_file, "0\n", for_all);
  write(issued_file, issued_head, for_all);
  for (const Tier tier : tiers_of(hierarchy_.kind)) add_authority(tier, period);
}

void CaFolder::add_authority(Tier tier, Period period) {
  const std::uint32_t serial = take_serial();
  const Authority authority = make_authority(hierarchy_, tier, period, serial);
  const std::string name = base_name(tier);
  write_key(path_ / (name + ".key"), *authority.key);
  create_file(path_ / (name + ".pem"), certificate_pem(*authority.certificate), for_all);
  create_file(path_ / (name + ".der"), certificate_der(*authority.certificate), for_all);
  record(serial, name, period.last);
}

CaFolder::CaFolder(fs::path path)
    : path_(std::move(path)), hierarchy_(read_hierarchy(path_ / hierarchy_file)) {
  for (const Tier tier : tiers_of(hierarchy_.kind)) authority(tier) = read_authority(path_, tier);
  Bytes key = hex_of(path_ / issuer_file);
  issuer_key_ = Secret(key);
  wipe(key.data(), key.size());
}

Authority& CaFolder::authority(Tier tier) { return authorities_[static_cast<std::size_t>(tier)]; }

fs::path CaFolder::certificate_path(Tier tier) const { return path_ / (base_name(tier) + ".pem"); }

std::uint32_t CaFolder::take_serial() {
  const Lock lock(path_);
  const Bytes text = content_of(path_ / serial_file);
  const auto n = service::parse_number(line_of(text));
  if (!n) throw CaError("no number in " + (path_ / serial_file).string());
  const auto used = static_cast<std::uint32_t>(*n);
  if (used >= serial_count) throw CaError("all serial numbers are used");
  replace_file(path_ / serial_file, bytes_of(std::to_string(used + 1) + '\n'), for_all);
  return serial_number(hex_of(path_ / serial_key_file), used);
}

void CaFolder::record(std::uint32_t serial, std::string_view kind, service::Instant last) {
  const Lock lock(path_);
  append_line(path_ / issued_file,
              serial_text(serial) + '\t' + std::string(kind) + '\t' + instant_text(last) + '\n');
}

}  // namespace jpki::counter
