// Where programs look for PKCS #11 modules, and what they find there.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tool/findings.hpp"

namespace jpki::tool {

struct Places {
  std::filesystem::path system = "/";  // "/" but for tests
  std::filesystem::path home;
};
/// With $HOME, where that is set.
Places places();

/// p11-kit's module files and the lists of NSS: Chromium's and Firefox's profiles. A path in a finding begins
/// with ~ in place of the user's folder, and a profile of Firefox is not named.
Findings see_registrations(const Places& places);
/// Firefox and Chromium as snap or flatpak.
Findings see_sandboxes(const Places& places);

}  // namespace jpki::tool
