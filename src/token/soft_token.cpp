#include "token/soft_token.hpp"

#include <algorithm>
#include <array>

#include "token/card_objects.hpp"

namespace jpki::token {
namespace {

using core::AttributeMap;
using core::LoginState;
using core::PinOutcome;
using core::require;

bool has_pin_length(ByteView pin) { return pin.size() >= min_soft_pin && pin.size() <= max_soft_pin; }

/// scrypt begins with HMAC, which fills a short key up with zero bytes (RFC 2104, 2): a PIN and the same with
/// a zero byte behind it would be one.
bool has_zero(ByteView pin) { return std::ranges::find(pin, std::uint8_t{0}) != pin.end(); }

bool can_be_pin(ByteView pin) { return has_pin_length(pin) && !has_zero(pin); }

/// The try that locks a PIN says so.
PinOutcome outcome(const PinCheck& check) {
  return check.outcome == PinOutcome::wrong && check.left == 0 ? PinOutcome::locked : check.outcome;
}

/// Flags of CK_TOKEN_INFO for one of the two PINs.
struct CounterFlags {
  CK_FLAGS low, final_try, locked;
};
constexpr CounterFlags user_flags{CKF_USER_PIN_COUNT_LOW, CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED};
constexpr CounterFlags officer_flags{CKF_SO_PIN_COUNT_LOW, CKF_SO_PIN_FINAL_TRY, CKF_SO_PIN_LOCKED};

CK_FLAGS flags_of(const PinState& pin, const CounterFlags& flags) {
  CK_FLAGS all = 0;
  if (pin.left < pin.limit) all |= flags.low;
  if (pin.left == 1) all |= flags.final_try;
  if (pin.left == 0) all |= flags.locked;
  return all;
}

CK_ULONG tries_of(const TokenFacts& facts) {
  return facts.user.set ? facts.user.left : CK_UNAVAILABLE_INFORMATION;
}

SoftObject& soft(core::Object& object) { return dynamic_cast<SoftObject&>(object); }

bool holds_secrets(const AttributeMap& object) {
  return !object.flag(CKA_PRIVATE) && !secret_attributes(object).empty();
}

/// What a card's half of this kind offers, as far as software does it, and what makes its key.
std::vector<core::OfferedMechanism> as_card(std::vector<core::OfferedMechanism> offered, card::Role role) {
  const auto of_card = card_mechanisms(card::profiles().front().half(role)->key);
  std::vector<core::OfferedMechanism> common;
  for (auto& row : offered) {
    const auto same =
        std::find_if(of_card.begin(), of_card.end(), [&](const auto& card) { return card.type == row.type; });
    if (same != of_card.end()) row.info.flags &= same->info.flags;
    if (same != of_card.end() || row.type == CKM_RSA_PKCS_KEY_PAIR_GEN) common.push_back(row);
  }
  return common;
}

}  // namespace

void check_new_soft_pin(ByteView pin) {
  require(has_pin_length(pin), CKR_PIN_LEN_RANGE);
  require(!has_zero(pin), CKR_PIN_INVALID);
}

std::optional<card::Role> half_of(std::string_view label) {
  for (const auto& [role, ending] : std::array<std::pair<card::Role, std::string_view>, 2>{
           {{card::Role::authentication, " (authentication)"}, {card::Role::signature, " (signature)"}}})
    if (label.size() > ending.size() && label.substr(label.size() - ending.size()) == ending) return role;
  return std::nullopt;
}

SoftToken::SoftToken(std::unique_ptr<SoftStore> store, const core::MechanismTable& mechanisms)
    : store_(std::move(store)),
      table_(mechanisms),
      half_(half_of(store_->label())),
      tries_(objects(), [this] { return in_standard_words([this] { return tries_of(store_->facts()); }); }) {
  add_profiles();
}

SoftToken::~SoftToken() { store_->forget_key(); }

/// 4.14: what clients may rely on. A card's half claims what that half of a card does.
void SoftToken::add_profiles() {
  const auto add = [this](CK_PROFILE_ID id, const char* unique) {
    AttributeMap map;
    map.put(CKA_CLASS, CKO_PROFILE).put(CKA_TOKEN, true).put(CKA_PRIVATE, false).put(CKA_MODIFIABLE, false);
    map.put(CKA_COPYABLE, false).put(CKA_DESTROYABLE, false).put(CKA_LABEL, "").put(CKA_UNIQUE_ID, unique);
    map.put(CKA_PROFILE_ID, id);
    objects().add(std::make_shared<core::Object>(std::move(map)));
  };
  add(CKP_BASELINE_PROVIDER, "profile-baseline-provider");
  if (!half_) add(CKP_EXTENDED_PROVIDER, "profile-extended-provider");
  add(CKP_AUTHENTICATION_TOKEN, "profile-authentication-token");
  if (half_ == card::Role::authentication) add(CKP_PUBLIC_CERTIFICATES_TOKEN, "profile-public-certificates");
}

core::TokenInfo SoftToken::info() {
  return in_standard_words([this] {
    const TokenFacts facts = store_->facts();
    core::TokenInfo info;
    info.label = facts.label;
    info.manufacturer = "JPKI";
    info.model = "software token";
    info.serial = facts.serial;
    info.min_pin = min_soft_pin;
    info.max_pin = max_soft_pin;
    info.flags = CKF_RNG | CKF_LOGIN_REQUIRED | CKF_TOKEN_INITIALIZED;
    if (facts.user.set) info.flags |= CKF_USER_PIN_INITIALIZED | flags_of(facts.user, user_flags);
    info.flags |= flags_of(facts.officer, officer_flags);
    if (!store_->writable()) info.flags |= CKF_WRITE_PROTECTED;
    tries_.refresh(tries_of(facts));
    return info;
  });
}

std::span<const core::OfferedMechanism> SoftToken::mechanisms() const {
  std::call_once(offered_once_, [this] {
    offered_ = soft_mechanisms(table_);
    if (half_) offered_ = as_card(std::move(offered_), *half_);
  });
  return offered_;
}

// --- Login
// -------------------------------------------------------------------------------------------------------

PinOutcome SoftToken::login(CK_USER_TYPE user, ByteView pin) {
  if (!can_be_pin(pin)) return PinOutcome::wrong;
  const std::lock_guard lock(login_mutex_);
  require(login_state() == LoginState::none, CKR_USER_ALREADY_LOGGED_IN);
  const bool as_officer = user == CKU_SO;
  require(!as_officer || sessions() == read_write_sessions(), CKR_SESSION_READ_ONLY_EXISTS);
  const auto check = in_standard_words(
      [&] { return as_officer ? store_->check_officer_pin(pin) : store_->check_user_pin(pin); });
  if (check.outcome != PinOutcome::accepted) return outcome(check);
  if (!as_officer) open_private();
  enter(as_officer ? LoginState::security_officer : LoginState::user);
  return PinOutcome::accepted;
}

void SoftToken::open_private() {
  const std::lock_guard lock(mutex_);
  try {
    static_cast<void>(outdate_secrets());
    take_up();
  } catch (...) {
    forget_login();
    throw;
  }
}

PinOutcome SoftToken::authenticate(ByteView pin, std::shared_ptr<void>&) {
  if (!can_be_pin(pin)) return PinOutcome::wrong;
  const std::lock_guard lock(login_mutex_);
  require(login_state() == LoginState::user, CKR_OPERATION_NOT_INITIALIZED);
  return outcome(in_standard_words([&] { return store_->check_user_pin(pin); }));
}

void SoftToken::logout() {
  const std::lock_guard login(login_mutex_);
  const std::lock_guard lock(mutex_);
  forget_login();
  if (!outdate_secrets()) return;
  try {
    take_up();
  } catch (const core::Error&) {  // then they are gone until the file can be read again
    std::erase_if(known_, [this](const Known& known) {
      if (known.has_secrets) objects().remove(known.handle);
      return known.has_secrets;
    });
    generation_.store(never, std::memory_order_relaxed);
  }
}

/// `mutex_` is held.
void SoftToken::forget_login() noexcept {
  store_->forget_key();
  std::erase_if(known_, [](const Known& known) { return known.is_private; });
  leave();
}

/// Private keys that are public objects: their values come with the login and go with it. The next listing
/// renews them. False: there are none.
bool SoftToken::outdate_secrets() {
  bool any = false;
  for (Known& known : known_) {
    if (!known.has_secrets) continue;
    known.version = 0;
    any = true;
  }
  return any;
}

PinOutcome SoftToken::set_pin(ByteView old_pin, ByteView new_pin) {
  check_new_soft_pin(new_pin);
  if (!can_be_pin(old_pin)) return PinOutcome::wrong;
  return outcome(in_standard_words([&] {
    return officer() ? store_->change_officer_pin(old_pin, new_pin)
                     : store_->change_user_pin(old_pin, new_pin);
  }));
}

void SoftToken::init_pin(ByteView pin) {
  check_new_soft_pin(pin);
  in_standard_words([&] { store_->init_user_pin(pin); });
}

PinOutcome SoftToken::reinitialize(ByteView officer_pin, std::string_view label) {
  if (!can_be_pin(officer_pin)) return PinOutcome::wrong;
  const auto check = in_standard_words([&] { return store_->reinitialize(officer_pin, label); });
  if (check.outcome == PinOutcome::accepted) vanish();
  return outcome(check);
}

void SoftToken::vanish() {
  died();
  const std::lock_guard lock(mutex_);
  forget_login();
}

void SoftToken::first_session_opened() {
  write_protected_.store(!in_standard_words([this] { return store_->writable(); }),
                         std::memory_order_relaxed);
}

void SoftToken::last_session_closed() {
  if (login_state() != LoginState::none) logout();
}

// --- Objects
// -----------------------------------------------------------------------------------------------------

std::shared_ptr<core::Object> SoftToken::make(Composed made) {
  made.attributes.trim();
  return std::make_shared<SoftObject>(store_, std::move(made.attributes), std::move(made.keys));
}

std::shared_ptr<core::Object> SoftToken::compose(const core::Template& wanted) {
  return make(compose_created(wanted, officer()));
}

core::Token::Pair SoftToken::compose_pair(const core::MechanismView& mechanism, CK_KEY_TYPE key_type,
                                          const core::Template& public_wanted,
                                          const core::Template& private_wanted) {
  auto made = compose_generated(mechanism, key_type, public_wanted, private_wanted, officer());
  return {make(std::move(made.public_key)), make(std::move(made.private_key))};
}

std::shared_ptr<core::Object> SoftToken::compose_copy(const AttributeMap& original,
                                                      const core::Template& wanted) {
  return make(compose_copied(original, wanted));
}

void SoftToken::keep(std::span<const std::shared_ptr<core::Object>> kept) {
  const std::lock_guard lock(mutex_);
  in_standard_words([&] {
    StoreTransaction transaction(*store_);
    for (const auto& object : kept)
      soft(*object).stored_as(
          transaction.insert(object->attributes(), secret_attributes(object->attributes())));
    const auto generation = transaction.commit();
    for (const auto& object : kept)  // ids grow
      known_.push_back({soft(*object).id(), CK_INVALID_HANDLE, generation, object->is_private(),
                        holds_secrets(object->attributes())});
    committed(generation);
  });
}

void SoftToken::adopted(CK_OBJECT_HANDLE handle, core::Object& object) {
  if (!object.is_token()) return;
  const std::lock_guard lock(mutex_);
  if (Known* known = find(soft(object).id())) {
    known->handle = handle;
  } else {
    objects().remove(handle);  // destroyed by another process, or hidden by a logout, in this very moment
  }
}

void SoftToken::change(core::Object& object, const AttributeMap& changes) {
  const std::uint64_t id = soft(object).id();
  const std::lock_guard lock(mutex_);
  in_standard_words([&] {
    StoreTransaction transaction(*store_);
    auto stored = transaction.load(id);
    stored.attributes.put_all(changes);
    transaction.replace(id, stored.attributes, secret_attributes(stored.attributes));
    const auto generation = transaction.commit();
    // What another process changed in the meantime is taken up by the next listing.
    if (Known* known = find(id); known != nullptr && known->version == stored.version)
      known->version = generation;
    committed(generation);
  });
}

void SoftToken::erase(core::Object& object) {
  const std::uint64_t id = soft(object).id();
  const std::lock_guard lock(mutex_);
  in_standard_words([&] {
    StoreTransaction transaction(*store_);
    transaction.erase(id);
    const auto generation = transaction.commit();
    std::erase_if(known_, [id](const Known& known) { return known.id == id; });
    committed(generation);
  });
}

/// After a change of our own: if nobody else changed anything since the last listing, it still holds.
void SoftToken::committed(std::uint64_t generation) {
  auto before = generation - 1;
  generation_.compare_exchange_strong(before, generation, std::memory_order_relaxed);
}

void SoftToken::refresh() {
  if (store_->generation() == generation_.load(std::memory_order_relaxed)) return;
  const std::lock_guard lock(mutex_);
  take_up();
}

/// `mutex_` is held.
void SoftToken::take_up() {
  Listing listing = in_standard_words([this] { return store_->list(); });
  // Another process may have made the token anew: its key, and with it the login, is then gone.
  if (login_state() != LoginState::none && store_->holder() == SoftStore::Holder::nobody) forget_login();
  if (known_.empty()) objects().reserve(listing.objects.size());
  std::vector<Known> now;
  now.reserve(listing.objects.size() + known_.size());
  auto before = known_.cbegin();  // both are sorted by id
  try {
    for (Listed& listed : listing.objects) {
      for (; before != known_.cend() && before->id < listed.id; ++before) objects().remove(before->handle);
      const bool was_known = before != known_.cend() && before->id == listed.id;
      Known known = was_known ? *before : Known{.id = listed.id};
      take_up(listed, known, !was_known);
      if (was_known) ++before;
      now.push_back(known);
    }
  } catch (...) {  // no memory: the rest is as it was
    now.insert(now.end(), before, known_.cend());
    known_ = std::move(now);
    throw;
  }
  for (; before != known_.cend(); ++before) objects().remove(before->handle);
  now.shrink_to_fit();
  known_ = std::move(now);
  generation_.store(listing.generation, std::memory_order_relaxed);
}

void SoftToken::take_up(Listed& listed, Known& known, bool fresh) {
  if (!fresh && known.version == listed.version) return;
  known.version = listed.version;
  known.is_private = listed.brief.flag(CKA_PRIVATE);
  known.has_secrets = holds_secrets(listed.brief);
  auto object = std::make_shared<SoftObject>(store_, std::move(listed));
  if (fresh) {
    known.handle = objects().add(std::move(object));
  } else if (known.handle != CK_INVALID_HANDLE) {
    objects().replace(known.handle, std::move(object));
  }
}

SoftToken::Known* SoftToken::find(std::uint64_t id) {
  const auto at =
      std::lower_bound(known_.begin(), known_.end(), id,
                       [](const Known& known, std::uint64_t wanted) { return known.id < wanted; });
  return at != known_.end() && at->id == id ? &*at : nullptr;
}

}  // namespace jpki::token
