// jpki-vcard: virtual JPKI cards, for tests and demonstrations.
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <mutex>
#include <thread>

#include "base/file.hpp"
#include "base/hex.hpp"
#include "vcard/card.hpp"
#include "vcard/create.hpp"
#include "vcard/faults.hpp"
#include "vcard/folder.hpp"
#include "vcard/presence.hpp"
#include "vcard/switches.hpp"
#include "vcard/vpcd.hpp"

namespace {

using namespace jpki;
using namespace jpki::vcard;
namespace fs = std::filesystem;

struct Options {
  std::string card;                // of the commands for one card
  std::vector<std::string> cards;  // of serve
  std::string host = "127.0.0.1";
  std::uint16_t port = 35963;
  std::string log;
  std::string faults;
  unsigned latency_ms = 0;
  std::string kind = "mynumber";
  std::string issuer_key;
  bool no_pins = false;
  std::string name, value;
};

// SIGTERM and SIGINT as something that a thread can wait for; blocked before any thread starts.
class StopSignals {
 public:
  StopSignals() : fd_(eventfd(0, EFD_CLOEXEC)) {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    signal(SIGPIPE, SIG_IGN);  // whoever read our output may have heard enough
  }
  [[nodiscard]] int fd() const { return fd_; }
  void wait() {
    int signal = 0;
    sigwait(&set_, &signal);
    stop();
  }
  void stop() const {
    const std::uint64_t one = 1;
    const ssize_t ignored = write(fd_, &one, sizeof one);
    static_cast<void>(ignored);
  }

 private:
  sigset_t set_{};
  int fd_;
};

void serve_cards(const Options& options) {
  if (options.port + options.cards.size() - 1 > 65535) throw FolderError("no port is left for the last card");
  std::vector<std::unique_ptr<Card>> cards;
  for (const auto& path : options.cards) {
    cards.push_back(Card::open(path));
    if (!options.log.empty()) cards.back()->log_to(fs::path(options.log));
    if (!options.faults.empty()) cards.back()->faults_from(options.faults);
  }
  StopSignals signals;
  std::mutex output;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < cards.size(); ++i) {
    const auto port = static_cast<std::uint16_t>(options.port + i);
    const auto say = [&output, port, path = options.cards[i]](std::string_view event) {
      const std::lock_guard hold(output);
      std::cout << event << ' ' << path << " port " << port << std::endl;
    };
    Reader reader{options.host, port, std::chrono::milliseconds(options.latency_ms), signals.fd(), say};
    threads.emplace_back([&card = *cards[i], reader] { serve(card, reader); });
  }
  signals.wait();
  for (auto& thread : threads) thread.join();
}

std::string_view yes(bool value) { return value ? "yes" : "no"; }

void print_half(Folder& folder, Role role) {
  const auto pin = folder.pin(role);
  std::cout << name_of(role) << ": key " << yes(folder.has(file::key(role))) << ", certificate "
            << yes(folder.certificate(file::certificate(role)) != nullptr) << ", CA certificate "
            << yes(folder.certificate(file::ca_certificate(role)) != nullptr) << ", PIN "
            << (pin && !pin->empty() ? "set" : "not set") << ", tries left " << folder.tries_left(role)
            << " of " << max_tries(role) << '\n';
}

void info(const Options& options) {
  Folder folder(options.card);
  const Kind kind = folder.settings().kind;
  std::cout << "kind: " << row_of(kind).name << '\n';
  std::cout << "inserted: " << yes(presence(folder.path()).present) << '\n';
  for (const Role role : all_roles) {
    if (has_role(kind, role)) print_half(folder, role);
  }
}

Bytes issuer_key_of(const std::string& path) {
  if (path.empty()) return new_issuer_key();
  const auto text = read_file(path, 4096);
  const auto key = text ? from_hex(text_of(*text)) : std::nullopt;
  if (!key) throw FolderError("no issuer key (64 hexadecimal digits) in " + path);
  return *key;
}

void create(const Options& options) {
  Blank blank;
  if (options.no_pins) blank.auth_pin = blank.sign_pin = std::nullopt;
  const Kind kind = options.kind == "juki" ? Kind::juki : Kind::mynumber;
  create_card(options.card, kind, issuer_key_of(options.issuer_key), blank);
}

using Action = std::function<void(const Options&)>;

void add_card(CLI::App& command, Options& options) {
  command.add_option("CARD", options.card, "card folder")->required();
}

std::string fault_help() {
  std::string rows = "Fault scripts, a line each: at N [of BYTES] [before|after] FAULT. Faults:\n";
  for (const auto& kind : fault_kinds()) {
    rows += "  " + std::string(kind.name) + (kind.argument.empty() ? "" : " ") + std::string(kind.argument) +
            ": " + std::string(kind.meaning) + '\n';
  }
  return rows;
}

void add_serve(CLI::App& app, Options& options, Action& chosen) {
  auto& command =
      *app.add_subcommand("serve", "put cards into the virtual readers of a running pcscd with vpcd");
  command.footer(
      "The first card goes to PORT, the next to PORT+1, and so on. Runs until SIGTERM or SIGINT; waits for a "
      "pcscd\n"
      "that is not there, also after it went away. Says on standard output what happens, a line each:\n"
      "connected, disconnected (pcscd went away) or removed, then the card and its port.\n\n" +
      fault_help());
  command.add_option("CARD", options.cards, "card folders")->required();
  command.add_option("--host", options.host, "host of vpcd")->capture_default_str();
  command.add_option("--port", options.port, "port of vpcd's first slot")->capture_default_str();
  command.add_option("--apdu-log", options.log, "append a line per command to this file");
  command.add_option("--latency-ms", options.latency_ms, "wait so long before each answer")
      ->capture_default_str();
  command.add_option("--faults", options.faults, "a fault script, in place of the cards' own");
  command.callback([&chosen] { chosen = serve_cards; });
}

void add_others(CLI::App& app, Options& options, Action& chosen) {
  auto& in = *app.add_subcommand("insert", "put a card (back) into its reader");
  add_card(in, options);
  in.callback([&chosen] { chosen = [](const Options& o) { insert(o.card); }; });
  auto& out = *app.add_subcommand("remove", "take a card out of its reader");
  add_card(out, options);
  out.callback([&chosen] { chosen = [](const Options& o) { vcard::remove(o.card); }; });
  auto& about = *app.add_subcommand("info", "kind, tries left, and which keys and certificates are there");
  add_card(about, options);
  about.callback([&chosen] { chosen = info; });
}

void add_makers(CLI::App& app, Options& options, Action& chosen) {
  auto& make =
      *app.add_subcommand("create", "make a blank card: no keys, no certificates, test PINs 1234 and ABC123");
  add_card(make, options);
  make.add_option("--kind", options.kind, "mynumber or juki")
      ->check(CLI::IsMember({"mynumber", "juki"}))
      ->capture_default_str();
  make.add_option("--issuer-key", options.issuer_key,
                  "file with the issuer key, 64 hexadecimal digits; random if absent");
  make.add_flag("--no-pins", options.no_pins, "leave the PINs unset");
  make.callback([&chosen] { chosen = create; });
  auto& change = *app.add_subcommand("set", "set a switch of a card; a running card notices");
  add_card(change, options);
  change.add_option("SWITCH", options.name, "its name")->required();
  change.add_option("VALUE", options.value, "its value")->required();
  std::string rows = "Switches:\n";
  for (const auto& row : switch_rows()) {
    rows += "  " + std::string(row.name) + ": " + std::string(row.values) + "\n      " +
            std::string(row.meaning) + '\n';
  }
  change.footer(rows);
  change.callback([&chosen] { chosen = [](const Options& o) { set_switch(o.card, o.name, o.value); }; });
}

constexpr int failure = 1, usage = 2;

int run(int argc, char** argv) {
  CLI::App app("Virtual JPKI cards, for tests and demonstrations: a card is a folder.", "jpki-vcard");
  app.footer("Exit status: 0 done, 1 failed, 2 wrong usage.");
  app.require_subcommand(1);
  Options options;
  Action chosen;
  add_serve(app, options, chosen);
  add_others(app, options, chosen);
  add_makers(app, options, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : usage;
  }
  chosen(options);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "jpki-vcard: " << error.what() << '\n';
    return failure;
  }
}
