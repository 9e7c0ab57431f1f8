// What a card's half shows, as templates for a software token: the same objects, labels, ids and flags.
#pragma once

#include <vector>

#include "client/template.hpp"
#include "counter/openssl.hpp"
#include "vcard/kind.hpp"

namespace jpki::counter {

/// The pair as it is generated: a session's objects, so that nothing is kept before there is a certificate.
/// `allowed`: what the token signs with.
client::Template public_key_template(vcard::Role role, CK_ULONG bits);
client::Template private_key_template(vcard::Role role, const std::vector<CK_MECHANISM_TYPE>& allowed);
/// What is different in the pair that is kept: a card's objects cannot be changed, copied or destroyed.
client::Template kept_key_template(const X509& certificate);

client::Template user_certificate_template(vcard::Role role, const X509& certificate);
client::Template ca_certificate_template(vcard::Role role, const X509& certificate);

}  // namespace jpki::counter
