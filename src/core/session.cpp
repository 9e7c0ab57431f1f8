#include "core/session.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/schema.hpp"

namespace jpki::core {
namespace {

MechanismView view(const CK_MECHANISM& mechanism) {
  require(mechanism.pParameter != nullptr || mechanism.ulParameterLen == 0, CKR_MECHANISM_PARAM_INVALID);
  return {mechanism.mechanism, input(mechanism.pParameter, mechanism.ulParameterLen)};
}

/// CKA_ALLOWED_MECHANISMS; absent or empty: all.
bool allows(ByteView allowed, CK_MECHANISM_TYPE wanted) {
  for (std::size_t at = 0; at + sizeof wanted <= allowed.size(); at += sizeof wanted)
    if (std::memcmp(allowed.data() + at, &wanted, sizeof wanted) == 0) return true;
  return allowed.empty();
}

/// NULL ends what is under way (PKCS#11 3.2, C_SignInit and its siblings). True: it did, there is nothing
/// more to do.
template <class Work>
bool cancelled(Operation<Work>& operation, const CK_MECHANISM* mechanism) {
  if (mechanism != nullptr) {
    require(!operation.active(), CKR_OPERATION_ACTIVE);
    return false;
  }
  require(operation.active(), CKR_ARGUMENTS_BAD, "no mechanism");
  operation.cancel();
  return true;
}

std::unique_ptr<Signer> make_signer(const MechanismRow& row, const MechanismView& mechanism, Object& key) {
  return row.signer(mechanism, key.private_key());
}

std::unique_ptr<Verifier> make_verifier(const MechanismRow& row, const MechanismView& mechanism,
                                        Object& key) {
  return row.verifier(mechanism, key.public_key());
}

/// Room for what an RSA cipher brings, overwritten at the end.
class Passing {
 public:
  Passing() = default;
  Passing(const Passing&) = delete;
  Passing& operator=(const Passing&) = delete;
  ~Passing() { wipe(bytes_.data(), used_); }
  /// Of the longest modulus (16384 bits) at most.
  [[nodiscard]] std::span<std::uint8_t> space(std::size_t size) {
    used_ = std::min(size, bytes_.size());
    return std::span(bytes_).first(used_);
  }

 private:
  std::array<std::uint8_t, 2048> bytes_;  // not initialised: it is long, and all that is read was written
  std::size_t used_ = 0;
};

}  // namespace

Session::Session(CK_SLOT_ID slot, std::shared_ptr<Token> token, bool read_write,
                 const MechanismTable& mechanisms)
    : slot_(slot), token_(std::move(token)), read_write_(read_write), mechanisms_(mechanisms) {
  token_->session_opened(read_write_);
}

Session::~Session() {
  // The destructor of a session never fails: what the card says to a power-off is logged below.
  if (handle_ != CK_INVALID_HANDLE) token_->objects().remove_owned_by(handle_);
  token_->session_closed(read_write_);
}

CK_SESSION_INFO Session::info() const {
  CK_STATE state = read_write_ ? CKS_RW_PUBLIC_SESSION : CKS_RO_PUBLIC_SESSION;
  switch (token_->login_state()) {
    case LoginState::none:
      break;
    case LoginState::user:
      state = read_write_ ? CKS_RW_USER_FUNCTIONS : CKS_RO_USER_FUNCTIONS;
      break;
    case LoginState::security_officer:
      state = CKS_RW_SO_FUNCTIONS;
      break;
  }
  return {slot_, state, CKF_SERIAL_SESSION | (read_write_ ? CKF_RW_SESSION : 0UL), 0};
}

// --- Login
// -------------------------------------------------------------------------------------------------------

void Session::login(CK_USER_TYPE user, ByteView pin) {
  if (user == CKU_CONTEXT_SPECIFIC) return authenticate(pin);
  require(user == CKU_USER || user == CKU_SO, CKR_USER_TYPE_INVALID);
  const auto wanted = user == CKU_USER ? LoginState::user : LoginState::security_officer;
  const auto state = token_->login_state();
  require(state != wanted, CKR_USER_ALREADY_LOGGED_IN);
  require(state == LoginState::none, CKR_USER_ANOTHER_ALREADY_LOGGED_IN);
  switch (token_->login(user, pin)) {
    case PinOutcome::accepted:
      return;
    case PinOutcome::wrong:
      throw Error(CKR_PIN_INCORRECT);
    case PinOutcome::locked:
      throw Error(CKR_PIN_LOCKED);
  }
}

void Session::authenticate(ByteView pin) {
  std::vector<Permit*> waiting;
  for (auto* operation : {&signing, &sign_recovering})
    if (operation->active() && operation->work()->key().always_authenticate())
      waiting.push_back(&operation->permit);
  if (decrypting.active() && decrypting.work()->always_authenticate()) waiting.push_back(&decrypting.permit);
  require(!waiting.empty(), CKR_OPERATION_NOT_INITIALIZED, "no operation waits for a login");
  // C_Login has no CKR_USER_NOT_LOGGED_IN: the operation's login is over, and so is what waited for this one.
  require(token_->login_state() == LoginState::user, CKR_OPERATION_NOT_INITIALIZED);
  Permit permit;
  const auto outcome = token_->authenticate(pin, permit);
  // A failed login leaves the operation as it is; a locked PIN ends the login (PKCS#11 3.2, C_Login).
  if (outcome == PinOutcome::locked) token_->logout();
  require(outcome != PinOutcome::locked, CKR_PIN_LOCKED);
  require(outcome == PinOutcome::accepted, CKR_PIN_INCORRECT);
  // Also of a token that has nothing to keep.
  if (permit == nullptr) permit = Permit(Permit(), this);
  for (Permit* each : waiting) *each = permit;
}

void Session::logout() {
  require(token_->login_state() != LoginState::none, CKR_USER_NOT_LOGGED_IN);
  token_->logout();
}

void Session::set_pin(ByteView old_pin, ByteView new_pin) {
  require(read_write_, CKR_SESSION_READ_ONLY);
  const auto outcome = token_->set_pin(old_pin, new_pin);
  require(outcome != PinOutcome::locked, CKR_PIN_LOCKED);
  require(outcome == PinOutcome::accepted, CKR_PIN_INCORRECT);
}

void Session::init_pin(ByteView pin) {
  require(token_->login_state() == LoginState::security_officer, CKR_USER_NOT_LOGGED_IN);
  token_->init_pin(pin);
}

// --- Objects
// -----------------------------------------------------------------------------------------------------

std::shared_ptr<Object> Session::object(CK_OBJECT_HANDLE handle, CK_RV unknown) {
  auto found = token_->objects().find(handle);
  require(found != nullptr, unknown);
  return found;
}

/// 5.7: token objects need a read/write session, private ones the user.
void Session::check_access(const Object& wanted) const {
  require(!wanted.is_token() || read_write_, CKR_SESSION_READ_ONLY);
  require(!wanted.is_private() || token_->login_state() == LoginState::user, CKR_USER_NOT_LOGGED_IN);
}

CK_OBJECT_HANDLE Session::adopt(const std::shared_ptr<Object>& object) {
  const CK_OBJECT_HANDLE handle = token_->objects().add(object, object->is_token() ? 0 : handle_);
  token_->adopted(handle, *object);
  return handle;
}

CK_OBJECT_HANDLE Session::create_object(const Template& wanted) {
  const auto created = token_->compose(wanted);
  check_access(*created);
  if (created->is_token()) token_->keep(std::array{created});
  return adopt(created);
}

CK_OBJECT_HANDLE Session::copy_object(CK_OBJECT_HANDLE handle, const Template& wanted) {
  require(token_->takes_objects(), CKR_FUNCTION_NOT_SUPPORTED);
  const auto original = token_->objects().snapshot(handle);
  require(original.flag(CKA_COPYABLE), CKR_ACTION_PROHIBITED);
  const auto copy = token_->compose_copy(original, wanted);
  check_access(*copy);
  if (copy->is_token()) token_->keep(std::array{copy});
  return adopt(copy);
}

std::pair<CK_OBJECT_HANDLE, CK_OBJECT_HANDLE> Session::generate_pair(const CK_MECHANISM* mechanism,
                                                                     const Template& public_wanted,
                                                                     const Template& private_wanted) {
  const auto wanted = view(load(mechanism));
  require(token_->takes_objects(), CKR_FUNCTION_NOT_SUPPORTED);
  const auto& row = resolve(wanted, CKF_GENERATE_KEY_PAIR);
  auto pair = token_->compose_pair(wanted, row.key_type, public_wanted, private_wanted);
  check_access(*pair.public_key);
  check_access(*pair.private_key);
  std::vector<std::shared_ptr<Object>> kept;
  for (const auto& key : {pair.public_key, pair.private_key})
    if (key->is_token()) kept.push_back(key);
  if (!kept.empty()) token_->keep(kept);
  const auto public_handle = adopt(pair.public_key);
  return {public_handle, adopt(pair.private_key)};
}

void Session::destroy_object(CK_OBJECT_HANDLE handle) {
  const auto doomed = object(handle);
  check_access(*doomed);
  require(token_->objects().flag(handle, CKA_DESTROYABLE), CKR_ACTION_PROHIBITED);
  if (doomed->is_token()) token_->erase(*doomed);
  token_->objects().remove(handle);
}

void Session::set_attributes(CK_OBJECT_HANDLE handle, const Template& wanted) {
  const auto changed = object(handle);
  check_access(*changed);
  require(token_->objects().flag(handle, CKA_MODIFIABLE), CKR_ACTION_PROHIBITED);
  check_change(token_->objects().snapshot(handle), wanted,
               token_->login_state() == LoginState::security_officer);
  const auto changes = wanted.to_map();
  if (changed->is_token()) token_->change(*changed, changes);
  token_->objects().change(handle, changes);
}

CK_ULONG Session::object_size(CK_OBJECT_HANDLE handle) {
  return static_cast<CK_ULONG>(token_->objects().snapshot(handle).bytes());
}

void Session::find_init(const Template& wanted) {
  require(!search_, CKR_OPERATION_ACTIVE);
  token_->refresh();
  const auto removals = token_->objects().removals();
  search_.emplace(Search{token_->objects().search(wanted), 0, removals});
}

std::span<const CK_OBJECT_HANDLE> Session::find(CK_ULONG at_most) {
  require(search_.has_value(), CKR_OPERATION_NOT_INITIALIZED);
  // What died since the search began (private objects after a logout) is left out.
  auto& found = search_->found;
  if (const auto removals = token_->objects().removals(); removals != search_->removals) {
    const auto begin = found.begin() + static_cast<std::ptrdiff_t>(search_->next);
    found.erase(
        std::remove_if(begin, found.end(), [this](auto handle) { return !token_->objects().find(handle); }),
        found.end());
    search_->removals = removals;
  }
  const std::size_t count = std::min<std::size_t>(at_most, found.size() - search_->next);
  const auto piece = std::span<const CK_OBJECT_HANDLE>(found).subspan(search_->next, count);
  search_->next += count;
  return piece;
}

void Session::find_final() {
  require(search_.has_value(), CKR_OPERATION_NOT_INITIALIZED);
  search_.reset();
}

// --- Operations
// --------------------------------------------------------------------------------------------------

const MechanismRow& Session::resolve(const MechanismView& mechanism, CK_FLAGS function) const {
  const auto offered = token_->mechanisms();
  const auto found = std::find_if(offered.begin(), offered.end(),
                                  [&](const OfferedMechanism& row) { return row.type == mechanism.type; });
  require(found != offered.end() && (found->info.flags & function) != 0, CKR_MECHANISM_INVALID);
  const MechanismRow* row = mechanisms_.find(mechanism.type);
  require(row != nullptr && (row->functions & function) != 0, CKR_MECHANISM_INVALID);
  return *row;
}

std::shared_ptr<Object> Session::key_for(CK_OBJECT_HANDLE handle, const KeyUse& use,
                                         const MechanismRow& row) {
  auto key = object(handle, CKR_KEY_HANDLE_INVALID);
  const auto key_class = key->object_class();
  require(key_class == CKO_PRIVATE_KEY || key_class == CKO_PUBLIC_KEY || key_class == CKO_SECRET_KEY,
          CKR_KEY_HANDLE_INVALID);
  require(key_class == use.object_class && key->key_type() == row.key_type, CKR_KEY_TYPE_INCONSISTENT);
  // Another thread may log out meanwhile, and the key is gone.
  auto& objects = token_->objects();
  require(objects.flag(handle, use.permission, CKR_KEY_HANDLE_INVALID), CKR_KEY_FUNCTION_NOT_PERMITTED);
  require(allows(objects.value(handle, CKA_ALLOWED_MECHANISMS, CKR_KEY_HANDLE_INVALID), row.type),
          CKR_MECHANISM_INVALID);
  return key;
}

template <class Work, class Make>
void Session::begin(Operation<Work>& operation, const CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key,
                    const KeyUse& use, Make make) {
  if (cancelled(operation, mechanism)) return;
  const auto wanted = view(load(mechanism));
  token_->refresh();
  // Taken before the key is looked at: what changes from here on makes another source.
  const Source source{wanted.type, key, token_->objects().epoch()};
  if (operation.resume(source, wanted)) return;
  const auto& row = resolve(wanted, use.function);
  const auto found = key_for(key, use, row);
  if (use.object_class == CKO_PUBLIC_KEY)
    require(token_->objects().complete(key, found), CKR_KEY_HANDLE_INVALID);
  operation.begin(make(row, wanted, *found), source);
}

void Session::encrypt_init(const CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
  begin(encrypting, mechanism, key, {CKF_ENCRYPT, CKO_PUBLIC_KEY, CKA_ENCRYPT},
        [](const MechanismRow& row, const MechanismView& wanted, Object& found) {
          return row.encrypter(wanted, found.public_key());
        });
}

void Session::decrypt_init(const CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
  begin(decrypting, mechanism, key, {CKF_DECRYPT, CKO_PRIVATE_KEY, CKA_DECRYPT},
        [](const MechanismRow& row, const MechanismView& wanted, Object& found) {
          return row.decrypter(wanted, found.private_key());
        });
}

void Session::digest_init(const CK_MECHANISM* mechanism) {
  if (cancelled(digesting, mechanism)) return;
  const auto wanted = view(load(mechanism));
  const Source source{wanted.type, CK_INVALID_HANDLE, 0};
  if (digesting.resume(source, wanted)) return;
  digesting.begin(resolve(wanted, CKF_DIGEST).digestion(wanted), source);
}

void Session::sign_init(const CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
  begin(signing, mechanism, key, {CKF_SIGN, CKO_PRIVATE_KEY, CKA_SIGN}, make_signer);
}

void Session::sign_recover_init(const CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
  begin(sign_recovering, mechanism, key, {CKF_SIGN_RECOVER, CKO_PRIVATE_KEY, CKA_SIGN_RECOVER}, make_signer);
}

void Session::verify_init(const CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
  begin(verifying, mechanism, key, {CKF_VERIFY, CKO_PUBLIC_KEY, CKA_VERIFY}, make_verifier);
}

void Session::verify_recover_init(const CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key) {
  begin(verify_recovering, mechanism, key, {CKF_VERIFY_RECOVER, CKO_PUBLIC_KEY, CKA_VERIFY_RECOVER},
        make_verifier);
}

bool Session::produce(Operation<Signer>& operation, Signer& signer, std::optional<ByteView> data,
                      Output& out) {
  if (!out.wants(signer.signature_size())) return false;
  require(!signer.key().always_authenticate() || operation.permit != nullptr, CKR_USER_NOT_LOGGED_IN,
          "the key wants a context-specific login");
  out.produced(data ? signer.sign(*data, out.space()) : signer.finish(out.space()));
  return true;
}

bool Session::produce(Operation<Cipher>& operation, Cipher& cipher, std::optional<ByteView> data,
                      Output& out) {
  if (out.asks(cipher.longest()) || !out.wants(cipher.shortest())) return false;
  require(!cipher.always_authenticate() || operation.permit != nullptr, CKR_USER_NOT_LOGGED_IN,
          "the key wants a context-specific login");
  // What comes of a decryption may fit where the longest would not.
  Passing passing;
  const auto block = passing.space(cipher.block_size());
  const std::size_t size = data ? cipher.process(*data, block) : cipher.finish(block);
  static_cast<void>(out.wants(size));
  out.write(block.first(size));
  return true;
}

void Session::cancel(CK_FLAGS flags) {
  const std::array<std::pair<CK_FLAGS, void (*)(Session&)>, 8> kinds{{
      {CKF_FIND_OBJECTS, [](Session& session) { session.search_.reset(); }},
      {CKF_ENCRYPT, [](Session& session) { session.encrypting.cancel(); }},
      {CKF_DECRYPT, [](Session& session) { session.decrypting.cancel(); }},
      {CKF_DIGEST, [](Session& session) { session.digesting.cancel(); }},
      {CKF_SIGN, [](Session& session) { session.signing.cancel(); }},
      {CKF_SIGN_RECOVER, [](Session& session) { session.sign_recovering.cancel(); }},
      {CKF_VERIFY, [](Session& session) { session.verifying.cancel(); }},
      {CKF_VERIFY_RECOVER, [](Session& session) { session.verify_recovering.cancel(); }},
  }};
  for (const auto& [flag, end] : kinds)
    if ((flags & flag) != 0) end(*this);
}

}  // namespace jpki::core
