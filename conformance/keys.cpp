#include "keys.hpp"

#include <algorithm>
#include <cstring>

namespace conformance {
namespace {

Bytes number_bytes(CK_ULONG value) {
  Bytes bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

Template key(CK_OBJECT_CLASS object_class, CK_KEY_TYPE type, Uses uses) {
  Template object;
  object.number(CKA_CLASS, object_class).number(CKA_KEY_TYPE, type).flag(CKA_TOKEN, false);
  object.text(CKA_LABEL, "conformance").bytes(CKA_ID, {0xc0, 0xde});
  for (const auto use : uses) object.flag(use, true);
  return object;
}

Template secret(CK_KEY_TYPE type, const Bytes& value, Uses uses) {
  Template object = key(CKO_SECRET_KEY, type, uses);
  object.bytes(CKA_VALUE, value).flag(CKA_SENSITIVE, false).flag(CKA_EXTRACTABLE, true);
  return object;
}

/// A DER Name: CN=conformance.
Bytes name() {
  return {0x30, 0x16, 0x31, 0x14, 0x30, 0x12, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c,
          0x0b, 'c',  'o',  'n',  'f',  'o',  'r',  'm',  'a',  'n',  'c',  'e'};
}

}  // namespace

Template& Template::bytes(CK_ATTRIBUTE_TYPE type, Bytes value) {
  without(type).entries_.push_back({type, std::move(value)});
  return *this;
}
Template& Template::flag(CK_ATTRIBUTE_TYPE type, bool value) {
  return bytes(type, {static_cast<unsigned char>(value ? CK_TRUE : CK_FALSE)});
}
Template& Template::number(CK_ATTRIBUTE_TYPE type, CK_ULONG value) {
  return bytes(type, number_bytes(value));
}
Template& Template::text(CK_ATTRIBUTE_TYPE type, std::string_view value) {
  return bytes(type, Bytes(value.begin(), value.end()));
}
Template& Template::without(CK_ATTRIBUTE_TYPE type) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.type == type; });
  return *this;
}

CK_ATTRIBUTE* Template::data() {
  attributes_.clear();
  for (auto& entry : entries_) attributes_.push_back({entry.type, entry.value.data(), entry.value.size()});
  return attributes_.data();
}

Template rsa_private_template(Uses uses) {
  Template object = key(CKO_PRIVATE_KEY, CKK_RSA, uses);
  object.flag(CKA_SENSITIVE, true).flag(CKA_EXTRACTABLE, false);
  object.bytes(CKA_MODULUS, vectors::rsa_modulus).bytes(CKA_PUBLIC_EXPONENT, vectors::rsa_public_exponent);
  object.bytes(CKA_PRIVATE_EXPONENT, vectors::rsa_private_exponent).bytes(CKA_PRIME_1, vectors::rsa_prime_1);
  object.bytes(CKA_PRIME_2, vectors::rsa_prime_2).bytes(CKA_EXPONENT_1, vectors::rsa_exponent_1);
  return object.bytes(CKA_EXPONENT_2, vectors::rsa_exponent_2)
      .bytes(CKA_COEFFICIENT, vectors::rsa_coefficient);
}

Template rsa_public_template(Uses uses) {
  Template object = key(CKO_PUBLIC_KEY, CKK_RSA, uses);
  return object.bytes(CKA_MODULUS, vectors::rsa_modulus)
      .bytes(CKA_PUBLIC_EXPONENT, vectors::rsa_public_exponent);
}

Template ec_private_template(Uses uses) {
  Template object = key(CKO_PRIVATE_KEY, CKK_EC, uses);
  object.flag(CKA_SENSITIVE, true).flag(CKA_EXTRACTABLE, false);
  return object.bytes(CKA_EC_PARAMS, vectors::ec_params).bytes(CKA_VALUE, vectors::ec_value);
}

Template ec_public_template(Uses uses) {
  Template object = key(CKO_PUBLIC_KEY, CKK_EC, uses);
  return object.bytes(CKA_EC_PARAMS, vectors::ec_params).bytes(CKA_EC_POINT, vectors::ec_point);
}

Template aes_template(Uses uses) { return secret(CKK_AES, vectors::aes_key, uses); }
Template secret_template(Uses uses) { return secret(CKK_GENERIC_SECRET, vectors::hmac_key, uses); }

Template data_template() {
  Template object;
  object.number(CKA_CLASS, CKO_DATA).flag(CKA_TOKEN, false).flag(CKA_PRIVATE, false);
  return object.text(CKA_LABEL, "conformance").text(CKA_APPLICATION, "conformance").text(CKA_VALUE, "datum");
}

Template certificate_template() {
  Template object;
  object.number(CKA_CLASS, CKO_CERTIFICATE).number(CKA_CERTIFICATE_TYPE, CKC_X_509).flag(CKA_TOKEN, false);
  object.flag(CKA_PRIVATE, false).text(CKA_LABEL, "conformance").bytes(CKA_ID, {0xc0, 0xde});
  return object.bytes(CKA_SUBJECT, name())
      .bytes(CKA_ISSUER, name())
      .bytes(CKA_SERIAL_NUMBER, {2, 1, 1})
      .bytes(CKA_VALUE, {0x30, 0x03, 0x02, 0x01, 0x01});
}

CK_RV try_create(Run& run, Template object, CK_OBJECT_HANDLE* handle) {
  return run->C_CreateObject(run.session, object.data(), object.size(), handle);
}

CK_OBJECT_HANDLE import_key(Run& run, Template object) {
  CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
  const CK_RV rv = try_create(run, std::move(object), &handle);
  if (rv != CKR_OK) not_applicable("the token takes no such object: C_CreateObject gives " + rv_text(rv));
  return handle;
}

CK_OBJECT_HANDLE datum(Run& run) { return import_key(run, data_template()); }

CK_OBJECT_HANDLE no_key(Run& run) {
  const auto certificates = find(run, run.session, Template().number(CKA_CLASS, CKO_CERTIFICATE));
  return certificates.empty() ? datum(run) : certificates.front();
}

SecretKey import_secret(Run& run, bool sensitive, bool extractable) {
  const auto with = [&](Template key) {
    return key.flag(CKA_SENSITIVE, sensitive).flag(CKA_EXTRACTABLE, extractable);
  };
  CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
  if (try_create(run, with(aes_template({CKA_ENCRYPT})), &handle) == CKR_OK) return {handle, CKA_VALUE};
  return {import_key(run, with(rsa_private_template({CKA_SIGN}))), CKA_PRIVATE_EXPONENT};
}

CK_RV change(Run& run, CK_OBJECT_HANDLE object, Template values) {
  return run->C_SetAttributeValue(run.session, object, values.data(), values.size());
}

CK_RV copy(Run& run, CK_OBJECT_HANDLE object, Template values, CK_OBJECT_HANDLE* handle) {
  return run->C_CopyObject(run.session, object, values.data(), values.size(), handle);
}

void gone(Run& run, CK_OBJECT_HANDLE object) {
  CK_ULONG number = 0;
  CK_ATTRIBUTE attribute{CKA_CLASS, &number, sizeof number};
  expect("C_GetAttributeValue of an object that is gone",
         run->C_GetAttributeValue(run.session, object, &attribute, 1), {CKR_OBJECT_HANDLE_INVALID});
}

std::vector<CK_OBJECT_HANDLE> find(Run& run, CK_SESSION_HANDLE session, Template wanted) {
  std::vector<CK_OBJECT_HANDLE> found;
  ok("C_FindObjectsInit", run->C_FindObjectsInit(session, wanted.data(), wanted.size()));
  CK_OBJECT_HANDLE some[16];
  CK_ULONG count = 0;
  do {
    ok("C_FindObjects", run->C_FindObjects(session, some, 16, &count));
    require(count <= 16, "at most 16 objects", std::to_string(count));
    found.insert(found.end(), some, some + count);
  } while (count != 0);
  ok("C_FindObjectsFinal", run->C_FindObjectsFinal(session));
  return found;
}

void search_ended(Run& run) {
  CK_OBJECT_HANDLE handle = 0;
  CK_ULONG count = 0;
  const CK_RV rv = run->C_FindObjects(run.session, &handle, 1, &count);
  if (rv == CKR_OK) return equal("objects that C_FindObjects gives", count, 0);
  expect("C_FindObjects", rv, {CKR_OPERATION_NOT_INITIALIZED});
}

Bytes read(Run& run, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  CK_ATTRIBUTE attribute{type, nullptr, 0};
  ok("C_GetAttributeValue of " + attribute_text(type),
     run->C_GetAttributeValue(run.session, object, &attribute, 1));
  Bytes value(attribute.ulValueLen);
  attribute.pValue = value.data();
  if (!value.empty()) {
    ok("C_GetAttributeValue of " + attribute_text(type),
       run->C_GetAttributeValue(run.session, object, &attribute, 1));
  }
  return value;
}

bool is_set(Run& run, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
  CK_BBOOL value = CK_FALSE;
  CK_ATTRIBUTE attribute{type, &value, sizeof value};
  return run->C_GetAttributeValue(run.session, object, &attribute, 1) == CKR_OK && value != CK_FALSE;
}

std::vector<CK_OBJECT_HANDLE> own_keys(Run& run, CK_KEY_TYPE type, CK_ATTRIBUTE_TYPE use) {
  Template wanted;
  wanted.number(CKA_CLASS, CKO_PRIVATE_KEY).number(CKA_KEY_TYPE, type);
  auto keys = find(run, run.session, wanted.flag(use, true).flag(CKA_TOKEN, true));
  std::stable_partition(keys.begin(), keys.end(),
                        [&](const auto key) { return !is_set(run, key, CKA_ALWAYS_AUTHENTICATE); });
  return keys;
}

CK_OBJECT_HANDLE public_half(Run& run, CK_OBJECT_HANDLE rsa_private_key) {
  Template wanted;
  wanted.number(CKA_CLASS, CKO_PUBLIC_KEY).bytes(CKA_MODULUS, read(run, rsa_private_key, CKA_MODULUS));
  const auto found = find(run, run.session, wanted);
  return found.empty() ? CK_INVALID_HANDLE : found.front();
}

}  // namespace conformance
