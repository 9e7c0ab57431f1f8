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

CK_OBJECT_HANDLE create(Run& run, Template& object);
/// C_CreateObject; a refusal makes the case not applicable: a token need not import keys.
CK_OBJECT_HANDLE import_key(Run& run, Template object);

/// All objects that match.
std::vector<CK_OBJECT_HANDLE> find(Run& run, CK_SESSION_HANDLE session, Template wanted);
Bytes read(Run& run, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);
bool is_set(Run& run, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);

/// A private key of the token itself that may sign, without context-specific login unless asked for.
std::vector<CK_OBJECT_HANDLE> signing_keys(Run& run, CK_KEY_TYPE type);

}  // namespace conformance
