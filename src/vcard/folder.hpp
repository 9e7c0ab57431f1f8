// The card's folder: what lasts without power. Several processes may use one folder at once: every change is
// an atomic replacement under the folder's lock, and readers look at the file's stat before they trust what
// they remember.
#pragma once

#include <sys/types.h>

#include <ctime>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "vcard/kind.hpp"
#include "vcard/settings.hpp"

namespace jpki::vcard {

/// Names inside the folder.
namespace file {
inline constexpr const char* settings = "card.toml";
inline constexpr const char* presence = "presence";
inline constexpr const char* counters = "counters";
inline constexpr const char* pins = "pins";
inline constexpr const char* issuer_key = "issuer.key";
inline constexpr const char* lock = "lock";
inline constexpr const char* faults = "faults";
std::string key(Role role);             // keys/auth.pem
std::string certificate(Role role);     // certs/auth, without the suffix .der or .pem
std::string ca_certificate(Role role);  // certs/auth-ca
std::string other(std::uint16_t id);    // ef/0005.bin
}  // namespace file

/// Tells one version of a file from another.
struct Stamp {
  bool exists = false;
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  timespec modified{}, changed{};
  bool operator==(const Stamp& other) const;
};
Stamp stamp_of(const std::filesystem::path& path);

/// Lines "name = value", as in the files counters and pins; # begins a comment line.
using Notes = std::map<std::string, std::string, std::less<>>;

class Folder {
 public:
  explicit Folder(std::filesystem::path path) : path_(std::move(path)) {}

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  /// Holds the lock from construction to destruction. Throws std::system_error.
  class Lock {
   public:
    explicit Lock(const Folder& folder);
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock();

   private:
    int fd_;
  };

  /// What card.toml says now; where it says nonsense, what it said before. The first call throws FolderError.
  const Settings& settings();

  /// A file's bytes, remembered as long as its stamp stays. Null if it is not there.
  const Bytes* content(const std::string& name);
  /// NAME.der, or NAME.pem as DER. Null if neither is there.
  const Bytes* certificate(const std::string& name);
  void write_certificate(const std::string& name, ByteView der);
  void erase_certificate(const std::string& name);
  [[nodiscard]] bool has(const std::string& name) const;
  void write(const std::string& name, ByteView content);
  void erase(const std::string& name);

  [[nodiscard]] Notes notes(const char* name) const;
  void write_notes(const char* name, const Notes& notes);

  /// The PIN, if the half has a PIN; it may be empty (not yet set).
  [[nodiscard]] std::optional<std::string> pin(Role role) const;
  /// Hold the lock.
  void set_pin(Role role, const std::optional<std::string>& pin);

  /// Tries left, as the file says: full where it says nothing, none where it says nonsense.
  [[nodiscard]] unsigned tries_left(Role role) const;
  /// Lasting when it returns. Hold the lock.
  void set_tries_left(Role role, unsigned tries);

 private:
  struct Remembered {
    Stamp stamp;
    Bytes content;
  };

  std::filesystem::path path_;
  std::map<std::string, Remembered> remembered_;
  Stamp settings_stamp_;
  Settings settings_;
};

}  // namespace jpki::vcard
