#include "bench/soft_token.hpp"

#include <algorithm>

namespace jpki::bench {
namespace {

using client::Access;
using client::check;
using client::Session;
using client::Template;

constexpr std::string_view security_pin = "7654321";

CK_BYTE_PTR in(std::string_view text) { return const_cast<CK_BYTE_PTR>(view(text).data()); }

std::optional<CK_SLOT_ID> slot_with(const client::Module& module, CK_FLAGS set, CK_FLAGS clear) {
  for (const auto slot : module.slots()) {
    const auto flags = module.token_info(slot).flags;
    if ((flags & set) == set && (flags & clear) == 0) return slot;
  }
  return std::nullopt;
}

/// NSS does not keep the PIN that C_InitToken gets: its security officer then has an empty one.
void login_officer(const client::Module& module, const Session& session) {
  for (const std::string_view pin : {security_pin, std::string_view("")}) {
    const CK_RV rv = module.calls().C_Login(session.handle(), CKU_SO, in(pin), pin.size());
    if (rv == CKR_PIN_INCORRECT && !pin.empty()) continue;
    return check("C_Login", rv);
  }
}

CK_SLOT_ID slot_of_token(const client::Module& module) {
  const auto slot = made_token(module);
  if (!slot) throw client::Error("the token that was made is not shown");
  return *slot;
}

}  // namespace

const client::Bytes p256{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
const client::Bytes p384{0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};

std::optional<CK_SLOT_ID> made_token(const client::Module& module) {
  return slot_with(module, CKF_USER_PIN_INITIALIZED | CKF_LOGIN_REQUIRED, 0);
}

void make_token(const client::Module& module) {
  CK_UTF8CHAR label[32];
  std::fill(std::begin(label), std::end(label), ' ');
  std::copy_n("jpki-bench", 10, label);
  const auto slot = slot_with(module, 0, CKF_TOKEN_INITIALIZED);
  if (!slot) throw client::Error("the module shows no slot to make a token in");
  check("C_InitToken", module.calls().C_InitToken(*slot, in(security_pin), security_pin.size(), label));
  const Session session(module, *slot, Access::read_write);
  login_officer(module, session);
  check("C_InitPIN", module.calls().C_InitPIN(session.handle(), in(soft_pin), soft_pin.size()));
}

SoftSession::SoftSession(const client::Module& module)
    : module_(module), slot_(slot_of_token(module)), session_(module, slot_, Access::read_write) {
  session_.login(view(soft_pin));
}

SoftSession::KeyPair SoftSession::generate(CK_MECHANISM_TYPE type, Template public_key, Kind kind,
                                           std::string_view label) {
  public_key.flag(CKA_TOKEN, kind == Kind::token).flag(CKA_VERIFY, true).text(CKA_LABEL, label);
  Template private_key;
  private_key.flag(CKA_TOKEN, kind == Kind::token)
      .flag(CKA_PRIVATE, true)
      .flag(CKA_SENSITIVE, true)
      .flag(CKA_SIGN, true)
      .text(CKA_LABEL, label)
      .text(CKA_ID, label);
  if (type == CKM_RSA_PKCS_KEY_PAIR_GEN) {
    public_key.flag(CKA_ENCRYPT, true);
    private_key.flag(CKA_DECRYPT, true);
  }
  const auto pair = session_.generate_key_pair(type, public_key, private_key);
  return {pair.first, pair.second};
}

SoftSession::KeyPair SoftSession::rsa(CK_ULONG bits, Kind kind, std::string_view label) {
  const client::Bytes exponent{1, 0, 1};
  return generate(CKM_RSA_PKCS_KEY_PAIR_GEN,
                  Template().number(CKA_MODULUS_BITS, bits).bytes(CKA_PUBLIC_EXPONENT, exponent), kind,
                  label);
}

SoftSession::KeyPair SoftSession::ec(client::ByteView curve, Kind kind) {
  return generate(CKM_EC_KEY_PAIR_GEN, Template().bytes(CKA_EC_PARAMS, curve), kind, "key");
}

SoftSession::KeyPair SoftSession::ed25519(Kind kind) {
  const client::Bytes curve{0x06, 0x03, 0x2b, 0x65, 0x70};
  try {
    return generate(CKM_EC_EDWARDS_KEY_PAIR_GEN, Template().bytes(CKA_EC_PARAMS, curve), kind, "key");
  } catch (const client::Error&) {
    // Before 3.0 the name, a PrintableString, was meant.
    client::Bytes name{0x13, 12};
    for (const char letter : std::string_view("edwards25519"))
      name.push_back(static_cast<std::uint8_t>(letter));
    return generate(CKM_EC_EDWARDS_KEY_PAIR_GEN, Template().bytes(CKA_EC_PARAMS, name), kind, "key");
  }
}

}  // namespace jpki::bench
