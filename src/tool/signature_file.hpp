// A signature as the command line names it: detached, with its content in it, or bare.
#pragma once

#include "jpki/signed_data.hpp"
#include "tool/command_line.hpp"

namespace jpki::tool {

/// Reads and verifies jpki verify's words. Throws Failure for what is no signature.
service::SignedData read_signature(const Context& context);

}  // namespace jpki::tool
