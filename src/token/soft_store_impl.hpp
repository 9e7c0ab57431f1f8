// Inside SoftStore: the file, the key, and the scopes in which a token is read or changed.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>

#include "token/soft_database.hpp"
#include "token/soft_generation.hpp"
#include "token/soft_store.hpp"
#include "token/soft_token_row.hpp"

namespace jpki::token {

/// All of it is guarded by `mutex`, but for `holder` and `word`.
struct SoftStore::Impl {
  explicit Impl(const std::filesystem::path& path) : file(path), database(path, mutex), word(path) {}
  ~Impl() {
    if (unsettled == 0) database.leave_log();
  }

  const std::filesystem::path file;
  std::mutex mutex;
  Database database;
  GenerationWord word;
  std::string serial, label;  // of the opening
  Summer summer;
  /// Changes that this process made, without those that a login undid: with none there is nothing to save at
  /// the end.
  int unsettled = 0;

  std::atomic<Holder> holder{Holder::nobody};
  Secret key;
  Bytes key_id;
  std::optional<crypto::Sealer> sealer;

  void hold_key(Holder who, Secret opened, const Bytes& id);
  void forget_key() noexcept;
  /// The user's, otherwise StoreError (no_key).
  [[nodiscard]] crypto::Sealer& user_sealer();
  [[nodiscard]] bool user_holds_key() const { return holder == Holder::user; }
  /// Another process may have made the token anew: the key that is held is then worth nothing.
  void check_key(const TokenRow& token);
  void correct_word() noexcept;
};

/// One consistent view of the file. The store's mutex is held by the caller.
class ReadScope {
 public:
  explicit ReadScope(SoftStore::Impl& store);
  ReadScope(const ReadScope&) = delete;
  ReadScope& operator=(const ReadScope&) = delete;
  ~ReadScope();

  SoftStore::Impl& store;
  TokenRow token;
};

/// A change of the file: all or nothing. The store's mutex is held by the caller.
class ChangeScope {
 public:
  enum class Durability : std::uint8_t { power_loss, crash };
  explicit ChangeScope(SoftStore::Impl& store, Durability durability = Durability::power_loss);
  ChangeScope(const ChangeScope&) = delete;
  ChangeScope& operator=(const ChangeScope&) = delete;
  ~ChangeScope();

  void commit();

  SoftStore::Impl& store;
  TokenRow token;
  /// What the generation will be: the version of what this change writes.
  [[nodiscard]] std::int64_t next_generation() const { return token.generation + 1; }

 private:
  void roll_back() noexcept;
  const Durability durability_;
};

// Objects, within a scope (soft_objects.cpp).
[[nodiscard]] std::vector<Listed> list_objects(ReadScope& scope);
[[nodiscard]] StoredObject load_object(SoftStore::Impl& store, const TokenRow& token, std::uint64_t id);
std::uint64_t insert_object(ChangeScope& scope, const core::AttributeMap& attributes, AttributeTypes secret);
void replace_object(ChangeScope& scope, std::uint64_t id, const core::AttributeMap& attributes,
                    AttributeTypes secret);
void erase_object(ChangeScope& scope, std::uint64_t id);
void erase_all_objects(ChangeScope& scope);

}  // namespace jpki::token
