#include "bench/card_steps.hpp"

#include <algorithm>
#include <vector>

namespace jpki::bench {
namespace {

using client::check;

struct ListedClass {
  CK_OBJECT_CLASS type;
  std::vector<CK_ATTRIBUTE_TYPE> attributes;
};

/// What pkcs11-tool 0.23 reads to print an object, one attribute a call: as pkcs11-spy saw it.
const std::vector<ListedClass>& listed_classes() {
  static const std::vector<ListedClass> rows = {
      {CKO_CERTIFICATE,
       {CKA_CERTIFICATE_TYPE, CKA_LABEL, CKA_SUBJECT, CKA_SERIAL_NUMBER, CKA_ID, CKA_UNIQUE_ID}},
      {CKO_PUBLIC_KEY,
       {CKA_KEY_TYPE, CKA_CLASS, CKA_MODULUS_BITS, CKA_LABEL, CKA_ID, CKA_ENCRYPT, CKA_VERIFY, CKA_WRAP,
        CKA_DERIVE, CKA_LOCAL, CKA_UNIQUE_ID}},
      {CKO_PROFILE, {CKA_PROFILE_ID}},
  };
  return rows;
}

/// As pkcs11-tool, which warns and goes on where a module answers with an error. OpenSC does for what is read
/// from the signature certificate before login.
void read_object(const client::Session& session, CK_OBJECT_HANDLE object) {
  const auto type = session.number(object, CKA_CLASS);
  for (const auto& row : listed_classes()) {
    if (row.type != type) continue;
    for (const auto attribute : row.attributes) {
      try {
        static_cast<void>(session.bytes(object, attribute));
      } catch (const client::Error&) {
        continue;
      }
    }
  }
}

constexpr std::string_view text = "The text that every signature of the benchmark is of.\n";

}  // namespace

std::optional<CK_SLOT_ID> find_token(const client::Module& module, Half half) {
  // The authentication PIN has four digits, the signature PIN may have up to sixteen characters.
  for (const auto slot : module.slots()) {
    const bool short_pin = module.token_info(slot).ulMaxPinLen <= 4;
    if (short_pin == (half == Half::authentication)) return slot;
  }
  return std::nullopt;
}

void list_objects(const client::Module& module, CK_SLOT_ID slot) {
  static_cast<void>(module.slots(false));
  const client::Session session(module, slot);
  const auto objects = session.find({});
  if (objects.empty()) throw client::Error("the listing is empty");
  for (const auto object : objects) read_object(session, object);
}

client::Bytes sign_once(const client::Module& module, CK_SLOT_ID slot, const std::string& pin) {
  static_cast<void>(module.slots(false));
  static_cast<void>(module.token_info(slot));
  Signer signer(module, slot, pin);
  static_cast<void>(module.token_info(slot));
  signer.login();
  signer.find_key();
  return signer.sign();
}

void Signer::find_key() {
  const auto keys = session_.find(client::Template().number(CKA_CLASS, CKO_PRIVATE_KEY));
  if (keys.size() != 1)
    throw client::Error("the token shows " + std::to_string(keys.size()) + " private keys");
  key_ = keys.front();
  login_each_time_ = session_.flag(key_, CKA_ALWAYS_AUTHENTICATE).value_or(false);
}

client::Bytes Signer::sign() {
  CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
  check("C_SignInit", calls_.C_SignInit(session_.handle(), &mechanism, key_));
  if (login_each_time_) session_.login(view(pin_), CKU_CONTEXT_SPECIFIC);
  client::Bytes signature(1024);
  CK_ULONG size = signature.size();
  const client::ByteView data(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  check("C_Sign", calls_.C_Sign(session_.handle(), const_cast<CK_BYTE_PTR>(data.data()), data.size(),
                                signature.data(), &size));
  signature.resize(size);
  return signature;
}

client::Bytes Signer::certificate() {
  find_key();
  const auto id = session_.bytes(key_, CKA_ID);
  if (!id) throw client::Error("the private key has no CKA_ID");
  const auto found =
      session_.find_one(client::Template().number(CKA_CLASS, CKO_CERTIFICATE).bytes(CKA_ID, *id));
  const auto value = found ? session_.bytes(*found, CKA_VALUE) : std::nullopt;
  if (!value || value->empty()) throw client::Error("the private key's certificate is not shown");
  return *value;
}

}  // namespace jpki::bench
