// What programs do with a card's token, module by module alike. Tokens are known by the length of their PIN
// and objects by their class, not by labels: each module has its own.
#pragma once

#include <optional>
#include <string>

#include "client/session.hpp"

namespace jpki::bench {

enum class Half { authentication, signature };

struct HalfRow {
  Half half;
  const char* name;  // in row ids and arguments
  const char* what;  // in the table
};
inline constexpr HalfRow halves[] = {{Half::authentication, "auth", "authentication"},
                                     {Half::signature, "sign", "signature"}};

/// The slot of a half's token, if the module shows one.
std::optional<CK_SLOT_ID> find_token(const client::Module& module, Half half);

/// As pkcs11-tool -O does, call by call: the slots, a session, every object and what it prints of it.
void list_objects(const client::Module& module, CK_SLOT_ID slot);

/// A logged-in session with the one private key of its token.
class Signer {
 public:
  Signer(const client::Module& module, CK_SLOT_ID slot, std::string pin)
      : calls_(module.calls()), session_(module, slot), pin_(std::move(pin)) {}

  void login() { session_.login(view(pin_)); }
  void logout() { session_.logout(); }
  void find_key();
  /// SHA256-RSA-PKCS of a fixed text; with the second login where the key wants one for each signature.
  client::Bytes sign();
  /// The certificate of the private key: found by the key's id.
  client::Bytes certificate();

 private:
  static client::ByteView view(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  }

  const CK_FUNCTION_LIST& calls_;
  client::Session session_;
  std::string pin_;
  CK_OBJECT_HANDLE key_ = CK_INVALID_HANDLE;
  bool login_each_time_ = false;
};

/// As pkcs11-tool --login --sign does, call by call.
client::Bytes sign_once(const client::Module& module, CK_SLOT_ID slot, const std::string& pin);

}  // namespace jpki::bench
