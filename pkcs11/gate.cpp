#include "gate.hpp"

#include <cryptoki/names.hpp>

#include <new>
#include <string>

#include "base/log.hpp"
#include "core/error.hpp"

namespace jpki::pkcs11 {
constinit thread_local module::Module* running = nullptr;

CK_RV rv_of_current_exception() noexcept {
  try {
    throw;
  } catch (const core::Error& error) {
    if (*error.what() != '\0') log::debug(error.what());
    return error.rv();
  } catch (const std::bad_alloc&) {
    return CKR_HOST_MEMORY;
  } catch (const std::exception& error) {
    log::error(error.what());
    return CKR_GENERAL_ERROR;
  } catch (...) {
    return CKR_GENERAL_ERROR;
  }
}

void trace(std::string_view name, CK_RV rv) noexcept {
  const auto level = rv == CKR_OK ? log::Level::trace : log::Level::debug;
  try {
    const auto text = cryptoki::rv_name(rv);
    log::write(level, std::string(name) + " = " + (text.empty() ? std::to_string(rv) : std::string(text)));
  } catch (...) {  // a trace line is not worth an error
  }
}

}  // namespace jpki::pkcs11
