// A certificate for a web server on this machine, made for tests: by a CA of its own, whose key is not kept.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "jpki/date.hpp"

namespace jpki::counter {

struct ServerIdentity {
  std::filesystem::path ca, certificate, key;  // PEM
};

/// Made, whole or not at all, where the folder is not there; otherwise what is in it. `names`: what the
/// server is called beside localhost, 127.0.0.1 and ::1; they count when it is made.
ServerIdentity server_identity(const std::filesystem::path& folder, const std::vector<std::string>& names,
                               service::Instant now);

}  // namespace jpki::counter
