// What the tests of certificates share: a test CA in memory, certificates of any applicant, the openssl
// command.
#pragma once

#include <array>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>

#include "base/file.hpp"
#include "base/hex.hpp"
#include "counter/certificate.hpp"
#include "jpki/certificate.hpp"
#include "support/temp_folder.hpp"

namespace jpki_test {

using namespace jpki;

inline constexpr service::Instant noon =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + std::chrono::hours(3);

/// A folder that goes with the test.
class Folder : public test::TempFolder {
 public:
  std::string operator/(const std::string& name) const { return (path() / name).string(); }
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(*this / name, std::ios::binary) << content;
    return *this / name;
  }
};

/// What a shell command prints; throws unless it succeeds.
inline std::string shell(const std::string& command) {
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("popen");
  std::string out;
  std::array<char, 4096> some{};
  for (std::size_t got; (got = fread(some.data(), 1, some.size(), pipe)) > 0;) out.append(some.data(), got);
  if (pclose(pipe) != 0) throw std::runtime_error(command + ": " + out);
  return out;
}

inline service::Certificate read(const std::string& path) {
  const auto found = service::Certificate::from_file(read_file(path).value());
  return found.at(0);
}

/// A hierarchy with its CAs, and a holder's key for all: making keys is what takes the time.
struct World {
  counter::Hierarchy hierarchy;
  counter::Authority sign, auth;
  Bytes spki;

  explicit World(counter::Hierarchy of) : hierarchy(std::move(of)) {
    const counter::Period period{service::first_second(*service::parse_date("2004-01-01")),
                                 service::last_second(*service::parse_date("2050-12-31"))};
    sign = counter::make_authority(hierarchy, service::Tier::sign, period, 1);
    auth = counter::make_authority(hierarchy, service::Tier::auth, period, 2);
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(sign.key.get(), &der);
    spki.assign(der, der + size);
    OPENSSL_free(der);
  }

  [[nodiscard]] service::Certificate issue(service::Tier tier, const counter::Form& form = {}) const {
    const counter::Applicant applicant = counter::read_applicant(form);
    const counter::Period period = counter::read_period(form, applicant, hierarchy.kind, noon);
    const auto& authority = tier == service::Tier::sign ? sign : auth;
    const auto made =
        counter::make_certificate(hierarchy, tier, authority, applicant, period, 0x0705D990, spki);
    return service::Certificate::from_der(counter::certificate_der(*made)).value();
  }
  [[nodiscard]] service::Certificate ca(service::Tier tier) const {
    const auto& authority = tier == service::Tier::sign ? sign : auth;
    return service::Certificate::from_der(counter::certificate_der(*authority.certificate)).value();
  }
};

inline const World& mynumber() {
  static const World made(counter::mynumber_hierarchy());
  return made;
}
inline const World& juki() {
  static const World made(counter::juki_hierarchy(*service::find_prefecture("Tokyo")));
  return made;
}

}  // namespace jpki_test
