// The commands, by chapter. Each function adds its commands with their options; a command's callback does the
// work, and throws UsageError or whatever went wrong.
#pragma once

#include <ostream>

#include "counter/ca_folder.hpp"

namespace CLI {
class App;
}

namespace jpki::counter {

/// What the work is done with. `now` is the instant of issue unless an option says otherwise.
struct Scene {
  service::Instant now;
  std::ostream& out;
};

void add_ca_verbs(CLI::App& app, const Scene& scene);  // new-ca, crl
// issue, keygen, certify, renew, card-without-signature
void add_issue_verbs(CLI::App& app, const Scene& scene);
void add_pin_verbs(CLI::App& app, const Scene& scene);         // unlock, reset-pin, change-pin
void add_revocation_verbs(CLI::App& app, const Scene& scene);  // revoke, register-event

void add_trust_verbs(CLI::App& app, const Scene& scene);    // ocsp, bridge, official
void add_window_verb(CLI::App& app, const Scene& scene);    // window
void add_fixture_verbs(CLI::App& app, const Scene& scene);  // fixture

/// Where the CAs' certificates are, and their fingerprints.
void print_authorities(CaFolder& ca, std::ostream& out);

}  // namespace jpki::counter
