// The CAs that the user trusts: a folder of PEM files, named by their SHA-256 fingerprints.
#pragma once

#include <filesystem>

#include "jpki/trust.hpp"

namespace jpki::tool {

/// $XDG_DATA_HOME/jpki/trust, or ~/.local/share/jpki/trust.
std::filesystem::path trust_folder();

/// The CA certificate of a file, if its fingerprint is the one that a person typed; throws Failure otherwise.
service::Certificate compared_ca(const std::string& file, const std::string& expect);

/// What a check goes by: the registered CAs, and what --chain and --crl name.
service::Trust trust_of(const std::string& chain, const std::string& crl);

}  // namespace jpki::tool
