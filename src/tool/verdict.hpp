// A validity in words: what it means, and what to do.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "jpki/validity.hpp"
#include "tool/command_line.hpp"
#include "tool/exits.hpp"

namespace jpki::tool {

/// Checks by the options --at, --crl, --chain, --ocsp, --online. `more` helps to build the chain.
service::Validity check_by(const service::Certificate& certificate,
                           const std::vector<service::Certificate>& more, const Context& context);

void print(const service::Validity& validity, std::ostream& out);
nlohmann::json json_of(const service::Validity& validity);
/// done, negative, unchecked
Exit exit_of(const service::Validity& validity);

}  // namespace jpki::tool
