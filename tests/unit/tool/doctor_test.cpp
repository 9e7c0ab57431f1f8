// What the doctor reads: p11-kit's module files (pkcs11.conf(5)), NSS's pkcs11.txt, readers' names and ATRs.
#include <fstream>
#include <sstream>

#include "base/hex.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "tool/messages.hpp"
#include "tool/readers.hpp"
#include "tool/registrations.hpp"

using namespace jpki;
using tool::Finding, tool::Findings;

namespace {

/// A machine's files, in a folder.
class Machine {
 public:
  void write(const std::string& path, const std::string& text) const {
    const auto file = folder_.path() / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  [[nodiscard]] tool::Places places() const { return {folder_.path(), folder_.path() / "home/hanako"}; }
  [[nodiscard]] std::vector<Finding> registrations() const {
    std::vector<Finding> found;
    for (const auto& one : tool::see_registrations(places())) found.push_back(one.finding);
    return found;
  }

 private:
  test::TempFolder folder_;
};

using Seen = std::vector<Finding>;
constexpr const char* chromium = "home/hanako/.pki/nssdb/pkcs11.txt";
constexpr const char* firefox = "home/hanako/.mozilla/firefox/hanako.default/pkcs11.txt";

}  // namespace

TEST_CASE("a machine without any registration") {
  const Machine machine;
  CHECK(machine.registrations() == Seen{Finding::not_registered});
  CHECK(tool::see_sandboxes(machine.places()).empty());
}

TEST_CASE("p11-kit: once, twice, beside OpenSC, and a user's file in place of the system's") {
  const Machine machine;
  machine.write("usr/share/p11-kit/modules/jpki.module", "# comment\nmodule: jpki-pkcs11-auth.so\n");
  CHECK(machine.registrations() == Seen{Finding::registered});
  machine.write("home/hanako/.config/pkcs11/modules/jpki.module", "module:/opt/lib/jpki-pkcs11.so\n");
  CHECK(machine.registrations() == Seen{Finding::registered});
  machine.write("etc/pkcs11/modules/more.module", "module : /usr/lib/jpki-pkcs11.so\ncritical: no\n");
  CHECK(machine.registrations() == Seen{Finding::registered_twice});
  machine.write("etc/pkcs11/modules/opensc.module", "module: opensc-pkcs11.so\n");
  CHECK(machine.registrations() == Seen{Finding::registered_twice, Finding::other_module});
  machine.write("etc/pkcs11/modules/notes.txt", "module: jpki-pkcs11.so\n");
  CHECK(machine.registrations() == Seen{Finding::registered_twice, Finding::other_module});
}

TEST_CASE("NSS: by itself, and with what p11-kit's proxy brings") {
  const Machine machine;
  machine.write(chromium,
                "library=\nname=NSS Internal PKCS #11 Module\n\nlibrary=/x/jpki-pkcs11-auth.so\nname=jpki\n");
  CHECK(machine.registrations() == Seen{Finding::registered});
  machine.write(firefox, "library=/usr/lib/p11-kit-proxy.so\nname=proxy\n");
  CHECK(machine.registrations() == Seen{Finding::registered});
  machine.write("usr/share/p11-kit/modules/jpki.module", "module: jpki-pkcs11-auth.so\n");
  CHECK(machine.registrations() == Seen{Finding::registered, Finding::registered, Finding::registered});
  machine.write(
      firefox,
      "library=/usr/lib/p11-kit-proxy.so\nname=proxy\n\nlibrary=/x/jpki-pkcs11-auth.so\nname=jpki\n");
  CHECK(machine.registrations() == Seen{Finding::registered, Finding::registered, Finding::registered_twice});
}

TEST_CASE("neither the user's name nor a profile's is in a finding") {
  const Machine machine;
  machine.write(firefox, "library=/home/hanako/jpki-pkcs11-auth.so\n");
  std::ostringstream text, json;
  const Findings findings = tool::see_registrations(machine.places());
  tool::print(findings, false, text);
  tool::print(findings, true, json);
  CHECK(text.str().find("Firefox") != std::string::npos);
  for (const auto& said : {text.str(), json.str()}) CHECK(said.find("hanako") == std::string::npos);
}

TEST_CASE("browsers in sandboxes") {
  const Machine machine;
  machine.write("snap/bin/firefox", "");
  machine.write("home/hanako/.local/share/flatpak/app/org.chromium.Chromium/x", "");
  const auto found = tool::see_sandboxes(machine.places());
  REQUIRE(found.size() == 2);
  CHECK(found[0].subject == "Firefox (snap)");
  CHECK(found[1].subject == "Chromium (flatpak)");
  CHECK(tool::worst(found) == tool::Level::hint);
}

TEST_CASE("other sandboxes, and snapd's other folder") {
  const Machine machine;
  machine.write("var/lib/snapd/snap/bin/thunderbird", "");
  machine.write("var/lib/flatpak/app/com.google.Chrome/x", "");
  const auto found = tool::see_sandboxes(machine.places());
  REQUIRE(found.size() == 2);
  CHECK(found[0].subject == "Thunderbird (snap)");
  CHECK(found[1].subject == "Chrome (flatpak)");
}

TEST_CASE("a reader's serial number is left out of its name") {
  // Names as pcsc-lite's list of readers has them.
  CHECK(tool::without_serial("Sony FeliCa Port/PaSoRi 3.0 [RC-S380] (0123456) 00 00") ==
        "Sony FeliCa Port/PaSoRi 3.0 [RC-S380] 00 00");
  CHECK(tool::without_serial("SCM Microsystems Inc. SCR 3310 [CCID Interface] (53311234567890) 00 00") ==
        "SCM Microsystems Inc. SCR 3310 [CCID Interface] 00 00");
  CHECK(tool::without_serial("Virtual PCD 00 00") == "Virtual PCD 00 00");
  CHECK(tool::without_serial("Gemalto PC Twin Reader (USB) 00 00") == "Gemalto PC Twin Reader (USB) 00 00");
}

TEST_CASE("contactless cards have the ATR that PC/SC part 3 makes up") {
  CHECK(tool::is_contactless({}) == std::nullopt);
  CHECK(tool::is_contactless(*from_hex("3BE000FF8131FE4514")) == false);
  // PC/SC part 3, 3.1.3.2.3.1: an ISO 14443 card with no historical bytes
  CHECK(tool::is_contactless(*from_hex("3B80800101")) == true);
}
