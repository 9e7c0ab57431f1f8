#include "core/token.hpp"

#include "core/error.hpp"

namespace jpki::core {

void Token::init_pin(ByteView) { throw Error(CKR_FUNCTION_NOT_SUPPORTED); }
Token::Pair Token::compose_pair(const MechanismView&, CK_KEY_TYPE, const Template&, const Template&) {
  throw Error(CKR_FUNCTION_NOT_SUPPORTED);
}
std::shared_ptr<Object> Token::compose_copy(const AttributeMap&, const Template&) {
  throw Error(CKR_FUNCTION_NOT_SUPPORTED);
}
void Token::keep(std::span<const std::shared_ptr<Object>>) { throw Error(CKR_FUNCTION_NOT_SUPPORTED); }
void Token::change(Object&, const AttributeMap&) { throw Error(CKR_FUNCTION_NOT_SUPPORTED); }
void Token::erase(Object&) { throw Error(CKR_FUNCTION_NOT_SUPPORTED); }

void Token::session_opened(bool read_write) {
  if (sessions_.fetch_add(1, std::memory_order_acq_rel) == 0) {
    try {
      first_session_opened();
    } catch (...) {
      sessions_.fetch_sub(1, std::memory_order_acq_rel);
      throw;
    }
  }
  if (read_write) read_write_.fetch_add(1, std::memory_order_relaxed);
}

void Token::session_closed(bool read_write) {
  if (read_write) read_write_.fetch_sub(1, std::memory_order_relaxed);
  if (sessions_.fetch_sub(1, std::memory_order_acq_rel) == 1) last_session_closed();
}

void Token::leave() {
  login_.store(LoginState::none, std::memory_order_release);
  objects_.remove_private();
}

}  // namespace jpki::core
