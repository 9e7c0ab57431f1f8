#include "run.hpp"

#include <algorithm>

namespace conformance {

const CK_FUNCTION_LIST_3_0& Run::v3_0() const {
  if (module.calls_3_0() == nullptr) not_applicable("the module has no interface of version 3.0");
  return *module.calls_3_0();
}

const CK_FUNCTION_LIST_3_2& Run::v3_2() const {
  if (module.calls_3_2() == nullptr) not_applicable("the module has no interface of version 3.2");
  return *module.calls_3_2();
}

void Run::prepare(Setup setup) {
  if (setup == Setup::loaded) return;
  initialize();
  if (setup == Setup::initialized) return;
  const bool rw = setup == Setup::rw_session || setup == Setup::rw_user;
  if (rw && !writable()) not_applicable("the token is write-protected");
  session = open(rw ? CKF_RW_SESSION : 0);
  if (setup == Setup::user || setup == Setup::rw_user) login(session);
}

CK_RV Run::try_initialize(CK_FLAGS flags) {
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = flags;
  // Some modules read a string there, against 5.4.1; who judges one names it with --init-args.
  if (options.init_args) arguments.pReserved = const_cast<char*>(options.init_args->c_str());
  const CK_RV rv = module.calls().C_Initialize(&arguments);
  if (rv == CKR_OK) initialized_ = true;
  return rv;
}

void Run::initialize() {
  ok("C_Initialize", try_initialize());
  find_slot();
}

void Run::finalize() {
  if (!initialized_) return;
  initialized_ = false;
  ok("C_Finalize", module.calls().C_Finalize(nullptr));
}

std::vector<CK_SLOT_ID> Run::slots(bool with_token) {
  CK_ULONG count = 0;
  ok("C_GetSlotList for the number", module.calls().C_GetSlotList(with_token, nullptr, &count));
  std::vector<CK_SLOT_ID> ids(count);
  if (count != 0) ok("C_GetSlotList", module.calls().C_GetSlotList(with_token, ids.data(), &count));
  ids.resize(count);
  return ids;
}

void Run::find_slot() {
  std::string seen;
  for (const CK_SLOT_ID id : slots(true)) {
    CK_TOKEN_INFO info{};
    if (module.calls().C_GetTokenInfo(id, &info) != CKR_OK) continue;
    const bool wanted = options.slot    ? id == *options.slot
                        : options.token ? text_of(info.label) == *options.token
                                        : (info.flags & CKF_TOKEN_INITIALIZED) != 0;
    if (wanted) {
      slot = id;
      return;
    }
    seen += ", slot " + std::to_string(id) + " with \"" + text_of(info.label) + "\"";
  }
  throw Failed{options.slot    ? "a token in slot " + std::to_string(*options.slot)
               : options.token ? "a token with the label \"" + *options.token + "\""
                               : "an initialized token (--slot and --token choose another)",
               seen.empty() ? "no token at all" : seen.substr(2)};
}

CK_TOKEN_INFO Run::token_info() {
  CK_TOKEN_INFO info{};
  ok("C_GetTokenInfo", module.calls().C_GetTokenInfo(slot, &info));
  return info;
}

bool Run::writable() { return (token_info().flags & CKF_WRITE_PROTECTED) == 0; }

CK_SESSION_HANDLE Run::open(CK_FLAGS flags) {
  CK_SESSION_HANDLE handle = CK_INVALID_HANDLE;
  ok("C_OpenSession",
     module.calls().C_OpenSession(slot, flags | CKF_SERIAL_SESSION, nullptr, nullptr, &handle));
  return handle;
}

CK_STATE Run::state(CK_SESSION_HANDLE handle) {
  CK_SESSION_INFO info{};
  ok("C_GetSessionInfo", module.calls().C_GetSessionInfo(handle, &info));
  return info.state;
}

const std::string& Run::pin() const {
  if (!options.pin) not_applicable("no --pin-file");
  return *options.pin;
}

const std::string& Run::so_pin() const {
  if (!options.so_pin) not_applicable("no --so-pin-file");
  return *options.so_pin;
}

void Run::login(CK_SESSION_HANDLE handle) {
  if (!wants_login()) return;
  const CK_RV rv = module.calls().C_Login(handle, CKU_USER, utf8(pin()), pin().size());
  if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LOCKED) throw Stop{"the PIN was refused: " + rv_text(rv)};
  ok("C_Login", rv);
}

void Run::login_officer(CK_SESSION_HANDLE handle) {
  const CK_RV rv = module.calls().C_Login(handle, CKU_SO, utf8(so_pin()), so_pin().size());
  if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LOCKED) throw Stop{"the SO's PIN was refused: " + rv_text(rv)};
  ok("C_Login of the SO", rv);
}

const std::vector<CK_MECHANISM_TYPE>& Run::mechanisms() {
  if (!mechanisms_) {
    CK_ULONG count = 0;
    ok("C_GetMechanismList for the number", module.calls().C_GetMechanismList(slot, nullptr, &count));
    mechanisms_.emplace(count);
    if (count != 0)
      ok("C_GetMechanismList", module.calls().C_GetMechanismList(slot, mechanisms_->data(), &count));
    mechanisms_->resize(count);
  }
  return *mechanisms_;
}

bool Run::offers(CK_MECHANISM_TYPE type, CK_FLAGS flags) {
  if (std::ranges::find(mechanisms(), type) == mechanisms().end()) return false;
  CK_MECHANISM_INFO info{};
  return module.calls().C_GetMechanismInfo(slot, type, &info) == CKR_OK && (info.flags & flags) == flags;
}

void Run::need(CK_MECHANISM_TYPE type, CK_FLAGS flags) {
  if (!offers(type, flags)) not_applicable("the token does not offer " + mechanism_text(type) + " for this");
}

}  // namespace conformance
