#include "options.hpp"

#include <cstdlib>
#include <fstream>
#include <functional>
#include <string_view>
#include <vector>

namespace conformance {
namespace {

struct Option {
  std::string_view name, value, help;
  std::function<void(Options&, const std::string&)> set;
};

unsigned long number(const std::string& text) {
  char* end = nullptr;
  const unsigned long value = std::strtoul(text.c_str(), &end, 0);
  if (text.empty() || *end != 0 || text[0] == '-') throw Usage{"not a number: " + text};
  return value;
}

/// The first line of a file: a PIN must not stand on a command line, where other users read it.
std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!file) throw Usage{"cannot read " + path};
  if (!std::getline(file, line)) throw Usage{path + " has no first line"};
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

void bind(Options& options, const std::string& text) {
  const auto at = text.find('=');
  if (at == std::string::npos || at == 0) throw Usage{"--bind takes NAME=VALUE"};
  options.bindings[text.substr(0, at)] = text.substr(at + 1);
}

const std::vector<Option>& table() {
  using O = Options;
  using S = const std::string&;
  static const std::vector<Option> rows = {
      {"--module", "FILE", "the module to judge", [](O& o, S v) { o.module = v; }},
      {"--init-args", "STRING", "pReserved of C_Initialize, for modules that read a string there",
       [](O& o, S v) { o.init_args = v; }},
      {"--slot", "ID", "the slot, decimal or 0x...", [](O& o, S v) { o.slot = number(v); }},
      {"--token", "LABEL", "the slot whose token has this label", [](O& o, S v) { o.token = v; }},
      {"--pin-file", "FILE", "its first line is the user's PIN", [](O& o, S v) { o.pin = first_line(v); }},
      {"--so-pin-file", "FILE", "its first line is the SO's PIN",
       [](O& o, S v) { o.so_pin = first_line(v); }},
      {"--profiles", "DIR", "replay the OASIS profile test cases (*.xml) of this folder",
       [](O& o, S v) { o.profiles = v; }},
      {"--bind", "NAME=VALUE", "a variable or a literal text of those files; may be repeated", bind},
      {"--read-only", "", "make no token objects, change nothing", [](O& o, S) { o.read_only = true; }},
      {"--may-lock", "", "allow cases that send wrong PINs", [](O& o, S) { o.may_lock = true; }},
      {"--only", "PATTERN", "only cases whose id matches (* and ?)", [](O& o, S v) { o.only = v; }},
      {"--list", "", "list the cases and end", [](O& o, S) { o.list = true; }},
      {"--json", "", "results as JSON on standard output", [](O& o, S) { o.json = true; }},
      {"--junit", "FILE", "results as JUnit too", [](O& o, S v) { o.junit = v; }},
      {"--jobs", "N", "cases at a time (1: a login may write to a token)",
       [](O& o, S v) { o.jobs = static_cast<unsigned>(number(v)); }},
      {"--timeout", "SECONDS", "after which a case has hung (20)",
       [](O& o, S v) { o.timeout = static_cast<unsigned>(number(v)); }},
  };
  return rows;
}

const Option& find(std::string_view name) {
  for (const auto& row : table()) {
    if (row.name == name) return row;
  }
  throw Usage{"unknown option " + std::string(name)};
}

void check(const Options& options) {
  if (options.module.empty() && !options.list) throw Usage{"--module is needed"};
  if (options.slot && options.token) throw Usage{"--slot and --token exclude each other"};
  if (options.jobs == 0) throw Usage{"--jobs must be at least 1"};
  if (options.timeout == 0) throw Usage{"--timeout must be at least 1"};
}

}  // namespace

Options parse(int argc, char** argv) {
  Options options;
  for (int at = 1; at < argc; ++at) {
    std::string name = argv[at], value;
    if (name == "--help" || name == "-h") throw Help{};
    const auto equals = name.find('=');
    const bool joined = equals != std::string::npos;
    if (joined) {
      value = name.substr(equals + 1);
      name.resize(equals);
    }
    const Option& option = find(name);
    if (option.value.empty() && joined) throw Usage{name + " takes no value"};
    if (!option.value.empty() && !joined) {
      if (++at == argc) throw Usage{name + " needs a value"};
      value = argv[at];
    }
    option.set(options, value);
  }
  check(options);
  return options;
}

std::string usage() {
  std::string text = "usage: jpki-conformance --module FILE [OPTION...]\n\n";
  for (const auto& row : table()) {
    std::string left = "  " + std::string(row.name) + (row.value.empty() ? "" : " ") + std::string(row.value);
    left.resize(std::max<std::size_t>(left.size() + 2, 26), ' ');
    text += left + std::string(row.help) + "\n";
  }
  return text +
         "\nexit status: 0 all cases passed (or were not applicable), 1 some failed, 2 could not run\n";
}

}  // namespace conformance
