#include "token/soft_store.hpp"

#include "crypto/random.hpp"
#include "token/soft_folder.hpp"
#include "token/soft_store_impl.hpp"

namespace jpki::token {
namespace {

using Reason = StoreError::Reason;

void require_sense(std::string_view label, const StoreOptions& options) {
  const auto good = [](unsigned tries) { return tries >= 1 && tries <= 15; };
  if (label.size() > 32) throw StoreError(Reason::too_large, "a label has at most 32 bytes");
  if (!good(options.user_tries) || !good(options.officer_tries) || !crypto::reasonable(options.cost)) {
    throw StoreError(Reason::failed, "a token cannot be made with these options");
  }
}

TokenRow new_token(std::string_view label, ByteView officer_pin, const StoreOptions& options) {
  TokenRow token = TokenRow::fresh(label, options.user_tries, options.officer_tries);
  token.flags = static_cast<std::int64_t>(options.flags);
  token.cost = token.user.cost = StoredCost(options.cost);
  Secret key(crypto::seal_key_size);
  crypto::random_bytes(key.span());
  token.wrap(PinRole::officer, token.make_pin(PinRole::officer, officer_pin, key.view()));
  return token;
}

/// Under a name that is no token's until it is whole.
void write_new(const std::filesystem::path& file, const TokenRow& token) {
  std::mutex mutex;  // a Database wants one held; nobody else knows this file
  // cppcheck-suppress localMutex
  const std::lock_guard lock(mutex);
  Database database(Database::New{}, file, mutex);
  token.write(database);
  database.finish_new();
}

void remove_new(const std::filesystem::path& file) noexcept {
  std::error_code ignored;
  for (const char* ending : {"", "-journal", "-wal", "-shm"}) {
    std::filesystem::remove(file.string() + ending, ignored);
  }
}

PinState state_of(const StoredPin& pin) {
  return {pin.set(), static_cast<unsigned>(pin.left), static_cast<unsigned>(pin.limit)};
}

}  // namespace

void SoftStore::Impl::hold_key(Holder who, Secret opened, const Bytes& id) {
  sealer.emplace(opened.view());
  key = std::move(opened);
  key_id = id;
  holder = who;
}

void SoftStore::Impl::forget_key() noexcept {
  holder = Holder::nobody;
  sealer.reset();
  key = Secret();
  key_id.clear();
}

crypto::Sealer& SoftStore::Impl::user_sealer() {
  if (!user_holds_key()) throw StoreError(Reason::no_key, "this needs the user's login");
  return *sealer;
}

void SoftStore::Impl::check_key(const TokenRow& token) {
  if (token.serial != serial) throw StoreError(Reason::not_found, "another token took the place of this one");
  if (holder != Holder::nobody && key_id != token.key_id) forget_key();
}

ReadScope::ReadScope(SoftStore::Impl& from) : store(from) {
  store.database.prepare_to_read();
  store.database.execute(Sql::begin);
  try {
    token = TokenRow::read(store.database);
    if (store.serial.empty()) store.serial = token.serial;
    store.check_key(token);
  } catch (...) {
    store.database.end_quietly();
    throw;
  }
}

ReadScope::~ReadScope() { store.database.end_quietly(); }

ChangeScope::ChangeScope(SoftStore::Impl& to, Durability durability) : store(to), durability_(durability) {
  store.database.prepare_to_change();
  if (durability_ == Durability::crash) store.database.wait_for_disk(false);
  try {
    store.database.execute(Sql::begin_change);
    token = TokenRow::read(store.database);
    store.check_key(token);
  } catch (...) {
    roll_back();
    throw;
  }
}

ChangeScope::~ChangeScope() { roll_back(); }

void ChangeScope::roll_back() noexcept {
  store.database.end_quietly();
  if (durability_ == Durability::crash) store.database.wait_for_disk(true);
}

void ChangeScope::commit() {
  ++token.generation;
  token.write(store.database);
  store.word.write(static_cast<std::uint64_t>(token.generation));
  store.database.execute(Sql::commit);
  ++store.unsettled;
}

SoftStore::SoftStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SoftStore::~SoftStore() = default;

std::unique_ptr<SoftStore> SoftStore::create(const std::filesystem::path& folder, std::string_view label,
                                             ByteView officer_pin, const StoreOptions& options) {
  require_sense(label, options);
  make_folder(folder);
  const TokenRow token = new_token(label, officer_pin, options);
  const std::filesystem::path file = folder / (token.serial + soft_token_suffix),
                              unfinished = folder / ("." + token.serial + ".new");
  try {
    write_new(unfinished, token);
    move_file(unfinished, file);
  } catch (...) {
    remove_new(unfinished);
    throw;
  }
  return open(file);
}

std::unique_ptr<SoftStore> SoftStore::open(const std::filesystem::path& file) {
  auto impl = std::make_unique<Impl>(file);
  {
    const std::lock_guard lock(impl->mutex);
    impl->label = ReadScope(*impl).token.label;
  }
  return std::unique_ptr<SoftStore>(new SoftStore(std::move(impl)));
}

const std::filesystem::path& SoftStore::path() const { return impl_->file; }
const std::string& SoftStore::serial() const { return impl_->serial; }
const std::string& SoftStore::label() const { return impl_->label; }

TokenFacts SoftStore::facts() {
  const std::lock_guard lock(impl_->mutex);
  const ReadScope scope(*impl_);
  const TokenRow& token = scope.token;
  return {token.label, token.serial, static_cast<std::uint64_t>(token.flags), state_of(token.user),
          state_of(token.officer)};
}

bool SoftStore::writable() {
  const std::lock_guard lock(impl_->mutex);
  return impl_->database.access() == Database::Access::writable;
}

SoftStore::Holder SoftStore::holder() const { return impl_->holder; }

void SoftStore::forget_key() {
  const std::lock_guard lock(impl_->mutex);
  impl_->forget_key();
}

Listing SoftStore::list() {
  const std::lock_guard lock(impl_->mutex);
  const std::uint64_t look = impl_->word.look();
  Listing listing;
  {
    ReadScope scope(*impl_);
    listing.generation = static_cast<std::uint64_t>(scope.token.generation);
    listing.objects = list_objects(scope);
  }
  impl_->word.saw(look, listing.generation);
  if (impl_->word.read() != listing.generation) impl_->correct_word();
  return listing;
}

// The word is ahead of the file while a change is being committed, and stays so where that failed; only
// without a change under way can it be told which.
void SoftStore::Impl::correct_word() noexcept {
  try {
    if (database.access() != Database::Access::writable) return;
    database.wait_for_others(false);
    const ChangeScope scope(*this);
    word.write(static_cast<std::uint64_t>(scope.token.generation));
  } catch (const StoreError&) {  // somebody is at it
  }
  database.wait_for_others(true);
}

StoredObject SoftStore::load(std::uint64_t id) {
  const std::lock_guard lock(impl_->mutex);
  const ReadScope scope(*impl_);
  return load_object(*impl_, scope.token, id);
}

std::uint64_t SoftStore::insert(const core::AttributeMap& attributes,
                                std::span<const CK_ATTRIBUTE_TYPE> secret) {
  StoreTransaction transaction(*this);
  const std::uint64_t id = transaction.insert(attributes, secret);
  transaction.commit();
  return id;
}

void SoftStore::replace(std::uint64_t id, const core::AttributeMap& attributes,
                        std::span<const CK_ATTRIBUTE_TYPE> secret) {
  StoreTransaction transaction(*this);
  transaction.replace(id, attributes, secret);
  transaction.commit();
}

void SoftStore::erase(std::uint64_t id) {
  StoreTransaction transaction(*this);
  transaction.erase(id);
  transaction.commit();
}

std::uint64_t SoftStore::generation() noexcept { return impl_->word.read(); }

// Without the mutex: a thread of the parent may have held it.
void SoftStore::abandon() noexcept {
  impl_->database.abandon();
  impl_->forget_key();
}

struct StoreTransaction::State {
  explicit State(SoftStore::Impl& store) : lock(store.mutex), scope(store) {}
  std::unique_lock<std::mutex> lock;
  ChangeScope scope;
};

StoreTransaction::StoreTransaction(SoftStore& store) : state_(std::make_unique<State>(*store.impl_)) {}
StoreTransaction::~StoreTransaction() = default;

StoredObject StoreTransaction::load(std::uint64_t id) {
  return load_object(state_->scope.store, state_->scope.token, id);
}

std::uint64_t StoreTransaction::insert(const core::AttributeMap& attributes,
                                       std::span<const CK_ATTRIBUTE_TYPE> secret) {
  return insert_object(state_->scope, attributes, secret);
}

void StoreTransaction::replace(std::uint64_t id, const core::AttributeMap& attributes,
                               std::span<const CK_ATTRIBUTE_TYPE> secret) {
  replace_object(state_->scope, id, attributes, secret);
}

void StoreTransaction::erase(std::uint64_t id) { erase_object(state_->scope, id); }

std::uint64_t StoreTransaction::commit() {
  state_->scope.commit();
  return static_cast<std::uint64_t>(state_->scope.token.generation);
}

}  // namespace jpki::token
