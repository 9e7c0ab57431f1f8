#include "client/error.hpp"

#include <sstream>

namespace jpki::client {

std::string rv_text(CK_RV rv) {
  if (const auto name = cryptoki::rv_name(rv); !name.empty()) return std::string(name);
  std::ostringstream text;
  text << "0x" << std::hex << rv;
  return text.str();
}

Error::Error(std::string_view function, CK_RV rv)
    : std::runtime_error(std::string(function) + ": " + rv_text(rv)), rv_(rv), function_(function) {}

void check(std::string_view function, CK_RV rv) {
  if (rv != CKR_OK) throw Error(function, rv);
}

}  // namespace jpki::client
