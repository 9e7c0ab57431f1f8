#include "counter/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "counter/verbs.hpp"

namespace jpki::counter {
namespace {

constexpr const char* help_end =
    "Options may stand before or after the command. Certificates of these hierarchies are for tests: every "
    "name in\n"
    "them says TEST.\n\n"
    "Exit status: 0 done, 1 failed (files, card), 2 wrong usage (nothing was done).";

void add_new_ca(CLI::App& app, Options& options) {
  auto& verb =
      *app.add_subcommand("new-ca", "make a hierarchy: one CA for signature, one for authentication");
  verb.add_option("DIR", options.ca, "the hierarchy's folder; must not be there yet")->required();
  verb.add_option("--governor", options.governor,
                  "Juki era: one CA, a governor's; name of the prefecture (Iwate)");
  verb.add_option("--from", options.from, "first day of the CAs (default 2016-01-01; Juki 2004-01-29)");
  verb.add_option("--until", options.until, "last day of the CAs (default: ten years from today)");
}

void add_form(CLI::App& verb, Form& form) {
  verb.add_option("--name", form.name, "family name, full-width blank, given name")->capture_default_str();
  verb.add_option("--birth", form.birth,
                  "YYYY-MM-DD; zeros for what is unknown, then perhaps heisei:0000-00-00")
      ->capture_default_str();
  verb.add_option("--sex", form.sex, "male, female or unknown")->capture_default_str();
  verb.add_option("--address", form.address, "from the prefecture on")->capture_default_str();
  verb.add_option("--substituted-name", form.substituted_name,
                  "a digit per character: 1 where a substitute stands (default: none)");
  verb.add_option("--substituted-address", form.substituted_address, "the same for the address");
  verb.add_option("--municipality", form.municipality, "five-digit code (default: by the address)");
  verb.add_option("--issued", form.issued, "day of issue (default: now; Juki 2004-04-01)");
  verb.add_option("--expires", form.expires,
                  "last day (default: the fifth birthday after issue; Juki three years less a day)");
  verb.add_flag("--renewal", form.renewal,
                "renewed within three months before a birthday: the sixth birthday");
}

void add_soft(CLI::App& verb, Options& options, CLI::Option& card, CLI::Option& replace) {
  auto* soft = verb.add_option("--soft", options.soft_label,
                               "in place of a card make software tokens: \"LABEL (authentication)\" and "
                               "\"LABEL (signature)\"")
                   ->excludes(&card)
                   ->excludes(&replace)
                   ->type_name("LABEL");
  verb.add_option("--folder", options.soft_folder,
                  "their folder, made if not there (default: what JPKI_SOFT_TOKENS says)")
      ->needs(soft);
  verb.add_option("--so-pin-file", options.so_pin_file,
                  "their security officer's PIN, read from this file (default: a random one, told to nobody)")
      ->needs(soft);
  verb.add_option("--module", options.module,
                  "the library that makes them (default: the jpki-pkcs11.so that belongs to this program)")
      ->needs(soft);
}

void add_issue(CLI::App& app, Options& options) {
  auto& verb = *app.add_subcommand(
      "issue", "issue certificates into a virtual card, which is made if not there, or into software tokens");
  verb.add_option("CA", options.ca, "the hierarchy's folder")->required();
  auto* card = verb.add_option("CARD", options.card, "the card's folder (not with --soft)");
  verb.add_option("--kind", options.kind, "mynumber or juki (default: what the hierarchy issues)")
      ->check(CLI::IsMember({"mynumber", "juki"}));
  add_form(verb, options.form);
  verb.add_option("--bits", options.key_bits, "Juki: size of the RSA key (default 1024; --soft: 2048)")
      ->check(CLI::IsMember({1024, 2048}));
  auto* replace =
      verb.add_flag("--replace", options.replace, "new keys and certificates for a card that has some");
  add_soft(verb, options, *card, *replace);
  auto* test = verb.add_flag("--test-pins", options.test_pins, "set the PINs 1234 and ABC123");
  verb.add_option("--auth-pin-file", options.auth_pin_file, "set the authentication PIN, read from this file")
      ->excludes(test);
  verb.add_option("--sign-pin-file", options.sign_pin_file, "set the signature PIN, read from this file")
      ->excludes(test);
}

// A word that nothing expects may be part of a name, or a PIN: it is not repeated.
int complain(const CLI::App& app, const CLI::ParseError& error, std::ostream& out, std::ostream& err) {
  if (dynamic_cast<const CLI::ExtrasError*>(&error) == nullptr)
    return app.exit(error, out, err) == 0 ? Exit::done : Exit::usage;
  err << "jpki-counter: unknown option or too many words (quote words that contain blanks)\n"
      << "Run with --help for more information.\n";
  return Exit::usage;
}

}  // namespace

std::vector<std::string> verb_first(const CLI::App& app, std::vector<std::string> words) {
  const auto verbs = app.get_subcommands([](const CLI::App*) { return true; });
  const auto takes_value = [&](const std::string& word) {
    return std::any_of(verbs.begin(), verbs.end(), [&](const CLI::App* verb) {
      const CLI::Option* option = verb->get_option_no_throw(word);
      return option != nullptr && option->get_items_expected_max() > 0;
    });
  };
  for (auto word = words.begin(); word != words.end() && *word != "--"; ++word) {
    if (!word->starts_with('-')) {
      std::rotate(words.begin(), word, word + 1);
      break;
    }
    if (takes_value(*word) && word + 1 != words.end()) ++word;
  }
  return words;
}

int run(const std::vector<std::string>& words, service::Instant now, std::ostream& out, std::ostream& err) {
  CLI::App app(
      "The municipal counter and the CAs of test hierarchies, for virtual cards and software tokens.",
      "jpki-counter");
  app.footer(help_end);
  app.require_subcommand(1);
  Options options;
  add_new_ca(app, options);
  add_issue(app, options);
  for (auto* verb : app.get_subcommands([](const CLI::App*) { return true; })) verb->footer(help_end);
  try {
    auto ordered = verb_first(app, words);
    std::reverse(ordered.begin(), ordered.end());  // CLI11 takes them from the back
    app.parse(std::move(ordered));
    options.verb = app.get_subcommands().front()->get_name();
  } catch (const CLI::ParseError& error) {
    return complain(app, error, out, err);
  }
  try {
    options.verb == "new-ca" ? new_ca(options, now, out) : issue(options, now, out);
    return Exit::done;
  } catch (const UsageError& error) {
    err << "jpki-counter: " << error.what() << '\n';
    return Exit::usage;
  } catch (const std::exception& error) {
    err << "jpki-counter: " << error.what() << '\n';
    return Exit::failed;
  }
}

}  // namespace jpki::counter
