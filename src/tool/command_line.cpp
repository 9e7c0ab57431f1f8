#include "tool/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "client/error.hpp"
#include "tool/exits.hpp"
#include "tool/messages.hpp"
#include "tool/verbs.hpp"

namespace jpki::tool {
namespace {

constexpr std::array verb_rows{
    VerbRow{"status", "", mark("readers, cards, PINs and how long certificates last"), "--reader --watch", 0,
            0, show_status},
    VerbRow{"cert show", "[sign|auth|sign-ca|auth-ca]", mark("show a certificate of the card"),
            "--html --out --open --keep --reader --pin-file --pin-fd --last-try", 0, 1, show_certificate},
    VerbRow{"cert fingerprint", "[sign-ca|auth-ca|bridge-ca|FILE]",
            mark("fingerprints of a CA certificate, for comparison"), "--expect --chain --reader", 0, 1,
            show_fingerprint},
    VerbRow{"cert check", "[sign|auth|FILE]", mark("is a certificate valid?"),
            "--at --crl --chain --ocsp --online --reader --pin-file --pin-fd --last-try", 0, 1,
            check_certificate},
    VerbRow{"sign", "FILE", mark("sign a file with the signature key"),
            "--format --out --reader --pin-file --pin-fd --last-try", 1, 1, sign_file},
    VerbRow{"verify", "FILE [SIGNATURE]", mark("who signed a file, and does the signature hold?"),
            "--signer --show-personal --at --crl --chain --ocsp --online", 1, 2, verify_file},
    VerbRow{"revoke", "ADDRESS", mark("have own certificates revoked at the online window"),
            "--online --tls-ca --out --yes --reader --pin-file --pin-fd --last-try", 0, 1, revoke_online},
    VerbRow{"pin status", "", mark("how it stands with the PINs; costs no try"), "--reader", 0, 0, show_pins},
    VerbRow{"pin change", "sign|auth", mark("change a PIN"),
            "--pin-file --new-pin-file --yes --last-try --reader", 1, 1, change_pin},
    VerbRow{"pin help", "", mark("what to do about a forgotten or locked PIN"), "", 0, 0, explain_pins},
    VerbRow{"doctor", "", mark("what is wrong with service, readers, cards and programs, and what helps"),
            "--reader-report", 0, 0, see_doctor},
    VerbRow{"setup", "firefox|chromium|nss|p11-kit|openssl|java|ssh|git",
            mark("make a program find the card; say what was changed, and undo it with --undo"),
            "--user --system --undo --dry-run --view --trust --expect --root", 1, 1, set_up},
    VerbRow{"trust add", "FILE", mark("register a CA whose fingerprint you have compared"), "--expect", 1, 1,
            add_trust},
    VerbRow{"trust list", "", mark("the registered CAs"), "", 0, 0, list_trust},
    VerbRow{"trust remove", "FINGERPRINT", mark("trust a CA no longer"), "", 1, 1, remove_trust},
};

struct OptionRow {
  std::string_view name, value;
  const char* summary;
};

constexpr std::array option_rows{
    OptionRow{"--module", "FILE", mark("the PKCS #11 module to use")},
    OptionRow{"--lang", "LANGUAGE", mark("language of the messages: ja, en, zh_CN")},
    OptionRow{"--json", "", mark("answer for programs")},
    OptionRow{"--help", "", mark("show this text")},
    OptionRow{"--version", "", mark("show the version")},
    OptionRow{"--reader", "TEXT", mark("the reader whose name has this text, where there are several cards")},
    OptionRow{"--pin-file", "FILE", mark("read the PIN from a file (one newline at the end is dropped)")},
    OptionRow{"--pin-fd", "NUMBER", mark("read the PIN from an open file descriptor")},
    OptionRow{"--last-try", "", mark("go on even if only one PIN try is left")},
    OptionRow{"--watch", "", mark("go on, and tell when a card comes or goes")},
    OptionRow{"--reader-report", "", mark("a row for the list of readers (docs/readers.md)")},
    OptionRow{"--html", "FILE", mark("write the certificate as a page for a browser or printer")},
    OptionRow{"--out", "FILE", mark("write the certificate: PEM if the name ends with .pem, otherwise DER")},
    OptionRow{"--open", "", mark("show the page in the browser, from a file that is removed afterwards")},
    OptionRow{"--keep", "SECONDS", mark("with --open: remove the page so long after (default 60)")},
    OptionRow{"--signer", "FILE",
              mark("the signature is bare (FILE.sig), and this is its signer's certificate")},
    OptionRow{"--at", "DATE", mark("valid on that day (YYYY-MM-DD), not now")},
    OptionRow{"--crl", "PATH", mark("revocation lists: a file, or a folder of files")},
    OptionRow{"--chain", "PATH",
              mark("more certificates for the way to a trusted CA: a file, or a folder of files")},
    OptionRow{"--online", "", mark("ask the responder that the certificate names")},
    OptionRow{"--tls-ca", "FILE", mark("CAs that vouch for the window's server (default: the system's)")},
    OptionRow{"--ocsp", "URL", mark("ask this responder")},
    OptionRow{"--format", "FORMAT", mark("detached (default), embedded or raw")},
    OptionRow{"--show-personal", "", mark("show name, birth date, sex and address of the signer")},
    OptionRow{"--new-pin-file", "FILE", mark("read the new PIN from a file")},
    OptionRow{"--user", "", mark("for you alone (default where there is a choice)")},
    OptionRow{"--system", "", mark("for all users of this computer; as root")},
    OptionRow{"--undo", "", mark("take back what jpki setup has changed")},
    OptionRow{"--dry-run", "", mark("only say what would be changed")},
    OptionRow{"--view", "VIEW", mark("which half the program gets: auth (default), sign or both")},
    OptionRow{"--trust", "FILE",
              mark("register this CA in the browser, if its fingerprint is the one of --expect")},
    OptionRow{"--root", "FOLDER", mark("with --system: the system is below this folder (default /)")},
    OptionRow{"--yes", "", mark("do not ask whether to go on")},
    OptionRow{"--expect", "HEX", mark("the fingerprint to compare with, as printed in the leaflet")},
};
constexpr std::string_view common_options = "--module --lang --json --help --version";

bool has_word(std::string_view words, std::string_view word) {
  for (std::size_t at = 0; (at = words.find(word, at)) != words.npos; at += word.size()) {
    const auto end = at + word.size();
    if ((at == 0 || words[at - 1] == ' ') && (end == words.size() || words[end] == ' ')) return true;
  }
  return false;
}

void add_options(CLI::App& app, Options& options) {
  app.set_help_flag();
  app.add_option("words", options.words);
  app.add_flag("--json", options.json);
  app.add_flag("--help,-h", options.help);
  app.add_flag("--version", options.version);
  app.add_option("--lang", options.language);
  app.add_option("--module", options.module);
  app.add_option("--reader", options.reader);
  app.add_option("--pin-file", options.pin_file);
  app.add_option("--pin-fd", options.pin_fd)->check(CLI::NonNegativeNumber);
  app.add_flag("--last-try", options.last_try);
  app.add_flag("--watch", options.watch);
  app.add_flag("--reader-report", options.reader_report);
  app.add_option("--html", options.html);
  app.add_option("--out", options.out);
  app.add_flag("--open", options.open);
  app.add_option("--keep", options.keep_seconds)->check(CLI::Range(0, 86400));
  app.add_option("--expect", options.expect);
  app.add_option("--at", options.at);
  app.add_option("--crl", options.crl);
  app.add_option("--chain", options.chain);
  app.add_option("--ocsp", options.ocsp);
  app.add_option("--signer", options.signer);
  app.add_flag("--online", options.online);
  app.add_option("--tls-ca", options.tls_ca);
  app.add_flag("--show-personal", options.show_personal);
  app.add_option("--format", options.format);
  app.add_option("--new-pin-file", options.new_pin_file);
  app.add_flag("--yes", options.yes);
  app.add_flag("--user", options.for_user);
  app.add_flag("--system", options.for_system);
  app.add_flag("--undo", options.undo);
  app.add_flag("--dry-run", options.dry_run);
  app.add_option("--view", options.view);
  app.add_option("--trust", options.trust);
  app.add_option("--root", options.root);
}

[[noreturn]] void wrong_usage(const std::string& text) { throw Failure(Exit::usage, text); }

// The verb's words are taken off.
const VerbRow& take_verb(std::vector<std::string>& words) {
  for (const auto& row : verb_rows) {
    const auto size = static_cast<std::size_t>(std::count(row.name.begin(), row.name.end(), ' ')) + 1;
    if (words.size() < size) continue;
    const std::string first = size == 1 ? words[0] : words[0] + " " + words[1];
    if (first != row.name) continue;
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(size));
    return row;
  }
  wrong_usage(tr("no such command (jpki --help lists them)"));
}

void require_options_of(const VerbRow& row, const CLI::App& app) {
  for (const auto* option : app.get_options()) {
    if (option->count() == 0 || option->get_positional()) continue;
    const std::string name = option->get_name();
    if (!has_word(common_options, name) && !has_word(row.options, name))
      wrong_usage(tr("%1 is not for this command", {name}));
  }
}

void print_option(std::ostream& out, const OptionRow& row) {
  const std::string name = std::string(row.name) + (row.value.empty() ? "" : " ") + std::string(row.value);
  out << "  " << name << std::string(name.size() < 20 ? 20 - name.size() : 1, ' ') << tr(row.summary) << '\n';
}

void print_options(std::ostream& out, std::string_view names) {
  for (const auto& row : option_rows) {
    if (has_word(names, row.name)) print_option(out, row);
  }
}

void print_help(std::ostream& out) {
  out << tr("jpki: see, compare and check the certificates of your card") << "\n\n";
  for (const auto& row : verb_rows)
    out << "jpki " << row.name << (row.words.empty() ? "" : " ") << row.words << "\n    " << tr(row.summary)
        << '\n';
  out << '\n';
  for (const auto& row : option_rows) print_option(out, row);
  out << '\n'
      << tr("Exit status: 0 done, 1 failed, 2 wrong usage, 3 no card, 4 PIN, 5 the answer is no, 6 could not "
            "be "
            "checked.")
      << '\n';
}

void print_help(std::ostream& out, const VerbRow& row) {
  out << "jpki " << row.name << (row.words.empty() ? "" : " ") << row.words << "\n    " << tr(row.summary)
      << "\n\n";
  print_options(out, row.options);
  print_options(out, common_options);
}

int dispatch(CLI::App& app, Options& options, service::Instant now, std::ostream& out, std::ostream& err) {
  if (options.version) {
    out << "jpki " JPKI_VERSION "\n";
    return Exit::done;
  }
  if (options.words.empty()) {
    if (!options.help) wrong_usage(tr("no such command (jpki --help lists them)"));
    print_help(out);
    return Exit::done;
  }
  const VerbRow& row = take_verb(options.words);
  if (options.help) {
    print_help(out, row);
    return Exit::done;
  }
  require_options_of(row, app);
  if (options.words.size() > row.most_words) wrong_usage(tr("too many words"));
  if (options.words.size() < row.least_words)
    wrong_usage(tr("something is missing: jpki %1", {std::string(row.name) + " " + std::string(row.words)}));
  return row.run({options, now, out, err});
}

// The language counts for complaints about the command line, too.
std::string language_in(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--lang" && i + 1 < words.size()) return words[i + 1];
    if (words[i].starts_with("--lang=")) return words[i].substr(7);
  }
  return "";
}

}  // namespace

std::span<const VerbRow> verbs() { return verb_rows; }

int run(const std::vector<std::string>& words, service::Instant now, std::ostream& out, std::ostream& err) {
  set_language(language_in(words));
  CLI::App app;
  Options options;
  add_options(app, options);
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));  // CLI11 takes them from the back
    return dispatch(app, options, now, out, err);
  } catch (const CLI::ParseError&) {
    // What nothing expects may be a PIN: it is not repeated.
    err << "jpki: " << tr("unknown option, or an option without its value (jpki --help lists them)") << '\n';
    return Exit::usage;
  } catch (const Failure& failure) {
    err << "jpki: " << failure.what() << '\n';
    return failure.status();
  } catch (const client::Error& error) {
    err << "jpki: " << tr("the module answered: %1", {error.what()}) << '\n';
    return Exit::failed;
  } catch (const std::exception& error) {
    err << "jpki: " << error.what() << '\n';
    return Exit::failed;
  }
}

}  // namespace jpki::tool
