// Every field and extension of a certificate by name, for the viewer's second tab.
#pragma once

#include <string>
#include <vector>

#include "jpki/certificate.hpp"

namespace jpki::service {

/// One row. `name` and the words in `lines` that are this program's own are English; whoever shows them may
/// translate `name`. What comes from the certificate is made fit to be shown.
struct Field {
  std::string name;
  std::string oid;  // extensions only
  bool critical = false;
  std::vector<std::string> lines;
};

/// The fields of RFC 5280, 4.1 in their order, then the extensions in the certificate's order, then the
/// signature.
std::vector<Field> fields_of(const Certificate& certificate);

/// The names that fields_of() may use for fields and for extensions that it knows, for catalogues of
/// messages.
std::vector<std::string> field_names();

}  // namespace jpki::service
