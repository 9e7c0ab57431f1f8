// Keys for cases: the fixed test keys as session objects, or what a token has.
#pragma once

#include <initializer_list>

#include "run.hpp"

namespace conformance {

/// A template that owns its values.
class Template {
 public:
  Template& flag(CK_ATTRIBUTE_TYPE type, bool value);
  Template& number(CK_ATTRIBUTE_TYPE type, CK_ULONG value);
  Template& bytes(CK_ATTRIBUTE_TYPE type, Bytes value);
  Template& text(CK_ATTRIBUTE_TYPE type, std::string_view value);
  /// Puts a value in the place of the one that is there.
  Template& without(CK_ATTRIBUTE_TYPE type);

  [[nodiscard]] CK_ATTRIBUTE* data();
  [[nodiscard]] CK_ULONG size() const { return entries_.size(); }

 private:
  struct Entry {
    CK_ATTRIBUTE_TYPE type;
    Bytes value;
  };
  std::vector<Entry> entries_;
  std::vector<CK_ATTRIBUTE> attributes_;
};

// The test keys, as session objects with the uses given by their attributes (CKA_SIGN, CKA_DECRYPT ...).
using Uses = std::initializer_list<CK_ATTRIBUTE_TYPE>;
Template rsa_private_template(Uses uses);
Template rsa_public_template(Uses uses);
Template ec_private_template(Uses uses);
Template ec_public_template(Uses uses);
Template aes_template(Uses uses);
Template secret_template(Uses uses);
Template data_template();
Template certificate_template();

CK_RV try_create(Run& run, Template object, CK_OBJECT_HANDLE* handle);
/// C_CreateObject; a refusal makes the case not applicable: a token need not import keys.
CK_OBJECT_HANDLE import_key(Run& run, Template object);

/// A session data object; a token that takes none makes the case not applicable.
CK_OBJECT_HANDLE datum(Run& run);

/// An object that is no key.
CK_OBJECT_HANDLE no_key(Run& run);

/// A key that is not the token's own, with these attributes beside the usual ones, and its secret part.
struct SecretKey {
  CK_OBJECT_HANDLE handle;
  CK_ATTRIBUTE_TYPE secret;
};
/// AES or, where the token takes no secret key, RSA.
SecretKey import_secret(Run& run, bool sensitive, bool extractable);

CK_RV change(Run& run, CK_OBJECT_HANDLE object, Template values);
CK_RV copy(Run& run, CK_OBJECT_HANDLE object, Template values, CK_OBJECT_HANDLE* handle);
/// The handle names no object any more.
void gone(Run& run, CK_OBJECT_HANDLE object);

/// All objects that match.
std::vector<CK_OBJECT_HANDLE> find(Run& run, CK_SESSION_HANDLE session, Template wanted);
/// A search that would have found an object gives none any more.
void search_ended(Run& run);

Bytes read(Run& run, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);
bool is_set(Run& run, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);

/// The token's own private keys with this use, without context-specific login first.
std::vector<CK_OBJECT_HANDLE> own_keys(Run& run, CK_KEY_TYPE type, CK_ATTRIBUTE_TYPE use);
/// The public key object of the token with the private key's modulus, or CK_INVALID_HANDLE.
CK_OBJECT_HANDLE public_half(Run& run, CK_OBJECT_HANDLE rsa_private_key);

}  // namespace conformance
