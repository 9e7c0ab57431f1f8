// The command line: one table of verbs, one of options. Options may stand before or after the verb.
#pragma once

#include <functional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "jpki/date.hpp"

namespace jpki::tool {

struct Options {
  std::vector<std::string> words;  // after the verb
  bool json = false, help = false, version = false;
  std::string language, module, reader;
  // PIN
  std::string pin_file;
  int pin_fd = -1;
  bool last_try = false;
  // setup
  bool for_user = false, for_system = false, undo = false, dry_run = false;
  std::string view, trust, root;
  // status
  bool watch = false;
  // doctor
  bool reader_report = false;
  // cert show
  std::string html, out;
  bool open = false;
  unsigned keep_seconds = 60;
  // cert fingerprint
  std::string expect;
  // cert check, verify
  std::string at, crl, chain, ocsp;
  std::string signer;
  bool online = false, show_personal = false;
  // revoke
  std::string tls_ca;
  // sign
  std::string format;
  // pin change
  std::string new_pin_file;
  bool yes = false;
};

/// What a verb works with. `out` gets the answer, `err` what is said beside it.
struct Context {
  const Options& options;
  service::Instant now;
  std::ostream &out, &err;
};

struct VerbRow {
  std::string_view name;     // "cert show"
  std::string_view words;    // what may follow
  const char* summary;       // in English, translated where it is shown
  std::string_view options;  // names of its own options, beside those of every verb
  std::size_t least_words, most_words;
  int (*run)(const Context& context);
};

std::span<const VerbRow> verbs();

/// The whole program but for main(): returns the exit status (exits.hpp).
int run(const std::vector<std::string>& words, service::Instant now, std::ostream& out, std::ostream& err);

}  // namespace jpki::tool
