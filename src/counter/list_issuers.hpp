// A folder's CAs as they write lists and answer about certificates.
#pragma once

#include "counter/ca_folder.hpp"
#include "counter/crl.hpp"

namespace jpki::counter {

/// They refer to `ca`.
std::vector<ListIssuer> list_issuers(CaFolder& ca);

}  // namespace jpki::counter
