// A page in the browser, from a file that lasts no longer than it has to.
#pragma once

#include <chrono>
#include <string>

namespace jpki::tool {

/// Hands the page to xdg-open in a file of the owner's alone, in a folder of the owner's alone. Both are gone
/// when this returns or throws: `keep` after xdg-open has ended well, at once when it has not (Failure), and
/// at once where this program is told to end (SIGINT, SIGTERM, SIGHUP).
void show_in_browser(const std::string& html, std::chrono::seconds keep);

}  // namespace jpki::tool
