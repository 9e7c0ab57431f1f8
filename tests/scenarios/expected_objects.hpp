// The attributes that a card's objects must have, from the issued certificate as OpenSSL reads it.
#pragma once

#include <cryptoki/pkcs11.h>

#include <map>
#include <string>

#include "base/bytes.hpp"

namespace scenario {

using jpki::Bytes;
using jpki::ByteView;
using Attributes = std::map<CK_ATTRIBUTE_TYPE, Bytes>;

/// "1" authentication, "2" signature
struct Half {
  char id, ca_id;
  std::string certificate, ca_certificate, public_key, private_key;
  bool certificate_is_private;
};
extern const Half authentication, signature;

Attributes expected_certificate(const Half& half, ByteView der);
Attributes expected_ca_certificate(const Half& half, ByteView der);
Attributes expected_public_key(const Half& half, ByteView der);
Attributes expected_private_key(const Half& half, ByteView der, bool always_authenticate = false);
Attributes expected_profile(CK_PROFILE_ID id);

}  // namespace scenario
