// Distinguished names, part by part.
#pragma once

#include <string>
#include <vector>

#include "counter/openssl.hpp"

namespace jpki::counter {

struct NamePart {
  int nid;
  std::string text;
};
using NameParts = std::vector<NamePart>;

/// The country is a PrintableString, all else UTF8String.
Name make_name(const NameParts& parts);

/// GeneralNames with one directoryName.
GeneralNames directory_names(const NameParts& parts);
GeneralNames directory_names(const X509_NAME* name);

}  // namespace jpki::counter
