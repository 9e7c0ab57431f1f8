// The one row of a software token's table `token`: what the token is, its PINs, its key.
#pragma once

#include <optional>

#include "base/secret.hpp"
#include "token/soft_database.hpp"
#include "token/soft_rows.hpp"

namespace jpki::token {

enum class PinRole : std::uint8_t { user, officer };

/// scrypt's cost as it is stored.
struct StoredCost {
  std::int64_t n = 0, r = 0, p = 0;
  StoredCost() = default;
  explicit StoredCost(const crypto::ScryptCost& cost) : n(cost.n), r(cost.r), p(cost.p) {}
  [[nodiscard]] crypto::ScryptCost cost() const;
};

struct StoredPin {
  std::int64_t limit = 0, left = 0;
  StoredCost cost;
  Bytes salt;
  Bytes key;  // the token key, sealed under what scrypt makes of the PIN; empty: no PIN is set
  [[nodiscard]] bool set() const { return !key.empty(); }
};

struct TokenRow {
  std::int64_t machine = 0;  // how this kind of machine writes the standard's numbers
  std::string label, serial;
  std::int64_t flags = 0;
  StoredCost cost;  // for new PINs
  Bytes key_id;     // of the token key
  std::int64_t generation = 1, next_id = 1, objects = 0;
  Checksum listing_sum{};
  StoredPin user, officer;

  [[nodiscard]] StoredPin& pin(PinRole role) { return role == PinRole::user ? user : officer; }
  [[nodiscard]] const StoredPin& pin(PinRole role) const { return role == PinRole::user ? user : officer; }

  /// A token that has no PIN yet.
  static TokenRow fresh(std::string_view label, std::int64_t user_tries, std::int64_t officer_tries);
  /// Throws StoreError (corrupt) unless it is as it was written and makes sense.
  static TokenRow read(Database& database);
  void write(Database& database) const;

  /// Gives the token key a new id, because it is a new key.
  void name_key();
  /// Sets a PIN and puts its tries back.
  void wrap(PinRole role, StoredPin wrapped);
  /// What `wrap` needs; slow.
  [[nodiscard]] StoredPin make_pin(PinRole role, ByteView pin, ByteView token_key) const;
  /// The token key, if the PIN is right; slow.
  [[nodiscard]] std::optional<Secret> open(PinRole role, ByteView pin) const;

 private:
  [[nodiscard]] Bytes pin_binding(PinRole role, const StoredPin& pin) const;
  [[nodiscard]] Checksum sum() const;
  void require_sense() const;
};

}  // namespace jpki::token
