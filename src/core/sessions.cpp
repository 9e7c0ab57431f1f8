// Sessions: all of the module.
#include "core/session.hpp"

namespace jpki::core {

CK_SESSION_HANDLE Sessions::open(CK_SLOT_ID slot, std::shared_ptr<Token> token, CK_FLAGS flags) {
  require((flags & CKF_SERIAL_SESSION) != 0, CKR_SESSION_PARALLEL_NOT_SUPPORTED);
  require(token->initialized(), CKR_TOKEN_NOT_RECOGNIZED);
  const bool read_write = (flags & CKF_RW_SESSION) != 0;
  require(read_write || token->login_state() != LoginState::security_officer,
          CKR_SESSION_READ_WRITE_SO_EXISTS);
  auto opened = std::make_unique<Session>(slot, std::move(token), read_write, mechanisms_);
  require(!read_write || !opened->token().write_protected(), CKR_TOKEN_WRITE_PROTECTED);
  return table_.insert(std::move(opened),
                       [](Session& session, CK_SESSION_HANDLE handle) { session.set_handle(handle); });
}

Sessions::Locked Sessions::lock(CK_SESSION_HANDLE handle) {
  {
    auto locked = table_.lock(handle);
    if (locked->token().alive()) return locked;
  }
  try {
    close(handle);
  } catch (const Error&) {  // another thread closed it first
  }
  throw Error(CKR_SESSION_HANDLE_INVALID, "the token is gone");
}

void Sessions::close(CK_SESSION_HANDLE handle) {
  const auto session = table_.remove(handle);
  require(session->token().alive(), CKR_SESSION_HANDLE_INVALID);
}

template <class Predicate>
void Sessions::close_if(Predicate predicate) {
  for (const CK_SESSION_HANDLE handle : table_.handles(predicate)) {
    try {
      close(handle);
    } catch (const Error&) {  // another thread closed it first
    }
  }
}

void Sessions::close_all(CK_SLOT_ID slot) {
  close_if([slot](Session& session) { return session.slot() == slot; });
}

void Sessions::close_all() {
  close_if([](Session&) { return true; });
}

}  // namespace jpki::core
