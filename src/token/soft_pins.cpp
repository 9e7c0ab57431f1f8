// PINs of a software token. A try is taken off its counter, durably, before the PIN is looked at: whoever
// kills the process, or the power, gains nothing.
#include "crypto/random.hpp"
#include "token/soft_store_impl.hpp"

namespace jpki::token {
namespace {

using core::PinOutcome;
using Reason = StoreError::Reason;
using Store = SoftStore::Impl;

SoftStore::Holder holder_of(PinRole role) {
  return role == PinRole::user ? SoftStore::Holder::user : SoftStore::Holder::officer;
}

unsigned tries_left(const TokenRow& token, PinRole role) {
  return static_cast<unsigned>(token.pin(role).left);
}

/// The token as it was when the try was taken off; empty: it is locked.
std::optional<TokenRow> spend_try(Store& store, PinRole role) {
  const std::lock_guard lock(store.mutex);
  ChangeScope change(store);
  store.database.require_room();  // for putting the try back as well
  StoredPin& pin = change.token.pin(role);
  if (!pin.set()) throw StoreError(Reason::no_pin, "the PIN is not initialized");
  if (pin.left == 0) return std::nullopt;
  --pin.left;
  change.commit();
  return change.token;
}

/// Whether the PIN is still the one that was tried: another process may have changed it meanwhile.
bool same_pin(const TokenRow& tried, const TokenRow& now, PinRole role) {
  return tried.key_id == now.key_id && tried.pin(role).salt == now.pin(role).salt &&
         tried.pin(role).key == now.pin(role).key;
}

/// What follows a right PIN: `prepare` gets the token and its key and may be slow; `apply` changes the row
/// with what came of it.
struct Login {
  static constexpr auto durability = ChangeScope::Durability::crash;  // at worst the counter stays one lower
  PinRole role;
  bool pin_was_full = false;
  void prepare(const TokenRow& tried, const Secret&) {
    pin_was_full = tried.pin(role).left + 1 == tried.pin(role).limit;
  }
  void apply(ChangeScope&) {}
  void finish(Store& store, Secret key, const TokenRow& token) {
    store.hold_key(holder_of(role), std::move(key), token.key_id);
    if (pin_was_full) store.unsettled -= 2;  // a try less, a try more
  }
};

struct NewPin {
  static constexpr auto durability = ChangeScope::Durability::power_loss;
  PinRole role;
  ByteView new_pin;
  StoredPin made{};
  void prepare(const TokenRow& token, const Secret& key) { made = token.make_pin(role, new_pin, key.view()); }
  void apply(ChangeScope& change) { change.token.wrap(role, made); }
  void finish(Store&, Secret, const TokenRow&) {}
};

struct NewToken {
  static constexpr auto durability = ChangeScope::Durability::power_loss;
  ByteView officer_pin;
  std::string_view label;
  TokenRow made{};
  void prepare(const TokenRow& token, const Secret&) {
    made = token;
    made.name_key();
    Secret key(crypto::seal_key_size);
    crypto::random_bytes(key.span());
    made.wrap(PinRole::officer, made.make_pin(PinRole::officer, officer_pin, key.view()));
  }
  void apply(ChangeScope& change) {
    TokenRow& token = change.token;
    erase_all_objects(change);
    token.label = label;
    token.key_id = made.key_id;
    token.officer = made.officer;
    token.user = {token.user.limit, token.user.limit, token.cost, {}, {}};
  }
  void finish(Store& store, const Secret&, const TokenRow&) { store.forget_key(); }
};

template <class Then>
PinCheck check(Store& store, PinRole role, ByteView pin, Then then) {
  const auto tried = spend_try(store, role);
  if (!tried) return {PinOutcome::locked, 0};
  auto key = tried->open(role, pin);
  if (!key) return {PinOutcome::wrong, tries_left(*tried, role)};
  then.prepare(*tried, *key);
  const std::lock_guard lock(store.mutex);
  ChangeScope change(store, Then::durability);
  if (!same_pin(*tried, change.token, role)) return {PinOutcome::wrong, tries_left(change.token, role)};
  change.token.pin(role).left = change.token.pin(role).limit;
  then.apply(change);
  change.commit();
  then.finish(store, std::move(*key), change.token);
  return {PinOutcome::accepted, tries_left(change.token, role)};
}

}  // namespace

PinCheck SoftStore::check_user_pin(ByteView pin) {
  return check(*impl_, PinRole::user, pin, Login{PinRole::user});
}

PinCheck SoftStore::check_officer_pin(ByteView pin) {
  return check(*impl_, PinRole::officer, pin, Login{PinRole::officer});
}

PinCheck SoftStore::change_user_pin(ByteView old_pin, ByteView new_pin) {
  return check(*impl_, PinRole::user, old_pin, NewPin{PinRole::user, new_pin});
}

PinCheck SoftStore::change_officer_pin(ByteView old_pin, ByteView new_pin) {
  return check(*impl_, PinRole::officer, old_pin, NewPin{PinRole::officer, new_pin});
}

PinCheck SoftStore::reinitialize(ByteView officer_pin, std::string_view label) {
  if (label.size() > 32) throw StoreError(Reason::too_large, "a label has at most 32 bytes");
  return check(*impl_, PinRole::officer, officer_pin, NewToken{officer_pin, label});
}

void SoftStore::init_user_pin(ByteView new_pin) {
  std::unique_lock lock(impl_->mutex);
  const auto require_officer = [this] {
    if (impl_->holder != Holder::officer)
      throw StoreError(Reason::no_key, "this needs the security officer's login");
  };
  TokenRow token = ReadScope(*impl_).token;
  require_officer();
  const Secret key(impl_->key.view());
  lock.unlock();
  const StoredPin made = token.make_pin(PinRole::user, new_pin, key.view());
  lock.lock();
  ChangeScope change(*impl_);
  require_officer();  // of the same token key, or else it would be nobody's by now
  if (change.token.key_id != token.key_id) throw StoreError(Reason::no_key, "the token was initialized anew");
  change.token.wrap(PinRole::user, made);
  change.commit();
}

}  // namespace jpki::token
