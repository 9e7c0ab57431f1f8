// Ready cards and software tokens for other people's tests.
#include <CLI/CLI.hpp>
#include <memory>

#include "counter/applicant.hpp"
#include "counter/fixture.hpp"
#include "counter/form_options.hpp"
#include "counter/verbs.hpp"

namespace jpki::counter {
namespace {

struct Options {
  std::string kind, folder, today;
  bool soft = false;
  SoftOptions module;
};

// Noon in Japan.
service::Instant today_for(const Options& options, service::Instant now) {
  if (options.today.empty()) return now;
  return service::first_second(read_date(options.today, "--today")) + std::chrono::hours(12);
}

void fixture(const Options& options, const Scene& scene) {
  FixtureOrder order{options.kind, options.folder, today_for(options, scene.now), {}};
  if (options.soft) order.soft_module = module_for(options.module);
  make_fixture(order);
  scene.out << (options.soft ? "JPKI_SOFT_TOKENS=" : "JPKI_VIRTUAL_CARDS=") << options.folder
            << (options.soft ? "/tokens\n" : "/card\n") << "lists: " << options.folder
            << "/ca/crl\nPINs: 1234 for authentication, ABC123 for signature\n";
}

}  // namespace

void add_fixture_verbs(CLI::App& app, const Scene& scene) {
  auto& verb = *app.add_subcommand(
      "fixture", "a ready card, or software tokens, with a CA of its own, for other people's tests");
  const auto options = std::make_shared<Options>();
  verb.add_option("KIND", options->kind, "what the card is like")
      ->check(CLI::IsMember(fixture_kinds()))
      ->required();
  verb.add_option("FOLDER", options->folder, "the fixture's folder; must not be there yet")->required();
  verb.add_flag("--soft", options->soft, "software tokens in place of a card");
  verb.add_option("--today", options->today, "the day of issue, of events and of the lists (default: now)");
  verb.add_option(
      "--module", options->module.module,
      "the library that makes the tokens (default: the jpki-pkcs11.so that belongs to this program)");
  verb.callback([=] { fixture(*options, scene); });
}

}  // namespace jpki::counter
