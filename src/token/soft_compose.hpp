// What applications make on a software token: templates into objects, by the rules of the standard and of
// this token.
#pragma once

#include "core/mechanism.hpp"
#include "core/template.hpp"
#include "token/soft_object.hpp"

namespace jpki::token {

struct Composed {
  core::AttributeMap attributes;
  SoftKeys keys;
};

struct ComposedPair {
  Composed public_key, private_key;
};

// All throw the errors of core's schema and of soft_keys. On this token a stored private key is sensitive:
// CKR_TEMPLATE_INCONSISTENT where the template says otherwise. `officer`: the security officer is logged in.

/// C_CreateObject (5.7.1): data, X.509 certificates, public and private keys. CKR_ATTRIBUTE_VALUE_INVALID for
/// other classes and types.
[[nodiscard]] Composed compose_created(const core::Template& wanted, bool officer);
/// C_CopyObject (5.7.2).
[[nodiscard]] Composed compose_copied(const core::AttributeMap& original, const core::Template& wanted);
/// C_GenerateKeyPair (5.18.4).
[[nodiscard]] ComposedPair compose_generated(const core::MechanismView& mechanism, CK_KEY_TYPE key_type,
                                             const core::Template& public_wanted,
                                             const core::Template& private_wanted, bool officer);

}  // namespace jpki::token
