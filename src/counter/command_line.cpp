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
  const Scene scene{now, out};
  for (const auto add : {add_ca_verbs, add_issue_verbs, add_pin_verbs, add_revocation_verbs, add_trust_verbs,
                         add_window_verb, add_fixture_verbs})
    add(app, scene);
  for (auto* verb : app.get_subcommands([](const CLI::App*) { return true; })) verb->footer(help_end);
  try {
    auto ordered = verb_first(app, words);
    std::reverse(ordered.begin(), ordered.end());  // CLI11 takes them from the back
    app.parse(std::move(ordered));
    return Exit::done;
  } catch (const CLI::ParseError& error) {
    return complain(app, error, out, err);
  } catch (const UsageError& error) {
    err << "jpki-counter: " << error.what() << '\n';
    return Exit::usage;
  } catch (const std::exception& error) {
    err << "jpki-counter: " << error.what() << '\n';
    return Exit::failed;
  }
}

}  // namespace jpki::counter
