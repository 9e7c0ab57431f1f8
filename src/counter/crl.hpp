// Revocation lists (RFC 5280, 5), a part for each municipality: the holders' certificates name the part that
// tells of them by a directory name, and the part says so itself (issuingDistributionPoint).
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "counter/names.hpp"
#include "counter/register.hpp"

namespace jpki::counter {

/// A CA as it writes lists and answers: its name in the register, certificate, key.
struct ListIssuer {
  std::string name;
  X509& certificate;
  EVP_PKEY& key;
  const char* digest;
  /// Distribution point of a municipality's part (five digits); null where there are no parts.
  std::function<NameParts(const std::string& municipality)> part;
};

/// A list's file: ISSUER-MUNICIPALITY.crl, or ISSUER-ca.crl for what is no holder's certificate (the CA's
/// own, cross certificates, responders'), whose distribution point is the CA's own name.
struct WrittenList {
  std::filesystem::path file;
  std::size_t entries = 0;
};

struct ListOrder {
  std::filesystem::path folder;  // the CA's
  std::filesystem::path to;      // made if it is not there
  service::Instant now, next;    // thisUpdate, nextUpdate
};

/// Every list of these CAs (DER), and all of them in crls.pem; each file whole or as it was. Under the
/// folder's lock: a list with a higher number tells of nothing less.
std::vector<WrittenList> write_lists(const ListOrder& order, const std::vector<ListIssuer>& issuers);

}  // namespace jpki::counter
