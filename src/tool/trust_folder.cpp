#include "tool/trust_folder.hpp"

#include <cstdlib>

#include "tool/exits.hpp"
#include "tool/messages.hpp"

namespace jpki::tool {

std::filesystem::path trust_folder() {
  const char* data = std::getenv("XDG_DATA_HOME");
  if (data != nullptr && *data == '/') return std::filesystem::path(data) / "jpki" / "trust";
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home != nullptr ? home : "/nonexistent") / ".local" / "share" / "jpki" /
         "trust";
}

service::Trust trust_of(const std::string& chain, const std::string& crl) {
  service::Trust trust;
  trust.anchors = service::read_certificates(trust_folder());
  if (!chain.empty()) trust.helpers = service::read_certificates(chain);
  if (!crl.empty()) trust.crls = service::read_crls(crl);
  // Whoever names a file means to have named something.
  if (!chain.empty() && trust.helpers.empty())
    throw Failure(Exit::failed, tr("there is no certificate in %1", {chain}));
  if (!crl.empty() && trust.crls.empty())
    throw Failure(Exit::failed, tr("there is no revocation list in %1", {crl}));
  return trust;
}

}  // namespace jpki::tool
