// SoftStore: the file of one software token. Its objects, its PINs with their counters, its key; for many
// processes and threads at once. It knows nothing of sessions, templates or mechanisms.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"
#include "core/attribute_map.hpp"
#include "core/token.hpp"
#include "crypto/seal.hpp"
#include "token/soft_errors.hpp"

namespace jpki::token {

/// The files in a folder that have a software token's name, by name. A folder that is not there holds none.
/// Throws StoreError where the folder is a symbolic link, somebody else's, or others may write it.
[[nodiscard]] std::vector<std::filesystem::path> soft_token_files(const std::filesystem::path& folder);

struct StoreOptions {
  unsigned user_tries = 5, officer_tries = 5;      // wrong PINs until it is locked: 1 to 15
  crypto::ScryptCost cost = crypto::default_cost;  // kept: later PINs of this token use it too
  std::uint64_t flags = 0;                         // kept for the caller
};

struct PinState {
  bool set = false;
  unsigned left = 0, limit = 0;  // left == 0: locked
};

/// Read afresh from the file.
struct TokenFacts {
  std::string label;   // UTF-8, at most 32 bytes, without padding
  std::string serial;  // 16 hexadecimal digits, made at creation
  std::uint64_t flags = 0;
  PinState user, officer;
};

/// `left` is what the counter stands at afterwards. `wrong` with none left: that was the last try.
struct PinCheck {
  core::PinOutcome outcome;
  unsigned left;
};

/// What a listing gives of each object without reading it: these attributes, whole. One that is not in
/// `brief` is not in the object. All others take a load().
inline constexpr std::array<CK_ATTRIBUTE_TYPE, 8> brief_types{
    CKA_CLASS, CKA_TOKEN, CKA_PRIVATE, CKA_LABEL, CKA_UNIQUE_ID, CKA_CERTIFICATE_TYPE, CKA_KEY_TYPE, CKA_ID};

struct Listed {
  std::uint64_t id = 0;       // never used again in this token
  std::uint64_t version = 0;  // changes with every change of the object
  core::AttributeMap brief;
};

struct Listing {
  std::uint64_t generation = 0;  // of the moment it shows
  std::vector<Listed> objects;   // by id
};

struct StoredObject {
  std::uint64_t id = 0, version = 0;
  core::AttributeMap attributes;
  bool sealed = false;  // secret attributes are left out, because nobody is logged in
};

class StoreTransaction;

/// Thread-safe. All functions throw StoreError. What a function changed is on the disk when it returns.
class SoftStore {
 public:
  enum class Holder : std::uint8_t { nobody, user, officer };
  struct Impl;

  /// Makes a new token's file in `folder` (which is made, too, where it is not there), both for the owner
  /// alone.
  static std::unique_ptr<SoftStore> create(const std::filesystem::path& folder, std::string_view label,
                                           ByteView officer_pin, const StoreOptions& options = {});
  static std::unique_ptr<SoftStore> open(const std::filesystem::path& path);
  SoftStore(const SoftStore&) = delete;
  SoftStore& operator=(const SoftStore&) = delete;
  ~SoftStore();

  [[nodiscard]] const std::filesystem::path& path() const;
  [[nodiscard]] const std::string& serial() const;
  /// As it was when the token was opened.
  [[nodiscard]] const std::string& label() const;
  [[nodiscard]] TokenFacts facts();
  /// False where the file system or its rights let nothing change. Asked afresh.
  [[nodiscard]] bool writable();

  // PINs. A try is taken off the counter, on the disk, before the PIN is looked at; success puts all tries
  // back. A locked PIN is not looked at. Length and contents of PINs are the caller's business. Slow
  // (scrypt), and the store can be used by other threads meanwhile.

  /// `accepted`: the token key is open, for the user or the security officer.
  PinCheck check_user_pin(ByteView pin);
  PinCheck check_officer_pin(ByteView pin);
  PinCheck change_user_pin(ByteView old_pin, ByteView new_pin);
  PinCheck change_officer_pin(ByteView old_pin, ByteView new_pin);
  /// By the security officer (Holder::officer, otherwise no_key): sets the user PIN and puts its tries back.
  void init_user_pin(ByteView new_pin);
  /// C_InitToken on a token that is one already: `accepted` means that all objects and the user PIN are gone,
  /// the token key is a new one and nobody is logged in. The security officer's PIN and the serial number
  /// stay.
  PinCheck reinitialize(ByteView officer_pin, std::string_view label);

  [[nodiscard]] Holder holder() const;
  /// Logs out: the token key is wiped.
  void forget_key();

  // Objects. Private ones (CKA_PRIVATE is true) are encrypted as a whole, of public ones the attributes whose
  // types are in `secret`. Both need the user's login (Holder::user, otherwise no_key) to be written or read;
  // public objects can be listed, read and erased by everybody, and what is secret in them is then left out.

  /// Public objects; after the user's login, private ones too. Cheap: no object is read as a whole.
  [[nodiscard]] Listing list();
  [[nodiscard]] StoredObject load(std::uint64_t id);
  /// Each is a transaction of its own.
  std::uint64_t insert(const core::AttributeMap& attributes, std::span<const CK_ATTRIBUTE_TYPE> secret = {});
  void replace(std::uint64_t id, const core::AttributeMap& attributes,
               std::span<const CK_ATTRIBUTE_TYPE> secret = {});
  void erase(std::uint64_t id);

  /// A number that grows by one with every change of the token's file, whoever made it (PINs and counters
  /// too); a few nanoseconds. Equal to Listing::generation: nothing changed since. It is a notice, kept in a
  /// file of its own that anything may happen to; `list()` tells the truth.
  [[nodiscard]] std::uint64_t generation() noexcept;

  /// In a child of fork: the connection is the parent's and is left alone; the object may then only be
  /// destroyed. The token can be opened again. A child that merely forgets its copy may open it again, too.
  void abandon() noexcept;

 private:
  friend class StoreTransaction;
  explicit SoftStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Several changes, all or none. Holds the store, and other processes off, as long as it lives: keep it
/// short. Ends without effect where commit() was not called.
class StoreTransaction {
 public:
  explicit StoreTransaction(SoftStore& store);
  StoreTransaction(const StoreTransaction&) = delete;
  StoreTransaction& operator=(const StoreTransaction&) = delete;
  ~StoreTransaction();

  [[nodiscard]] StoredObject load(std::uint64_t id);
  std::uint64_t insert(const core::AttributeMap& attributes, std::span<const CK_ATTRIBUTE_TYPE> secret = {});
  void replace(std::uint64_t id, const core::AttributeMap& attributes,
               std::span<const CK_ATTRIBUTE_TYPE> secret = {});
  void erase(std::uint64_t id);
  /// Puts it on the disk. The generation afterwards: one more than before, where nobody else changed anything
  /// between, so that a caller who knows the one before need not list again.
  std::uint64_t commit();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace jpki::token
