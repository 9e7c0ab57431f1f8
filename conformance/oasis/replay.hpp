// The OASIS profile test cases: sequences of calls with their outcomes, as XML.
#pragma once

#include <string>

#include "case.hpp"

namespace conformance::oasis {

/// One case for each *.xml file of the folder. Throws std::runtime_error for a folder that cannot be read.
void add_files(Cases& cases, const std::string& folder);

}  // namespace conformance::oasis
