// jpki cert check
#include <nlohmann/json.hpp>

#include "tool/cards.hpp"
#include "tool/messages.hpp"
#include "tool/page.hpp"
#include "tool/pins.hpp"
#include "tool/verbs.hpp"
#include "tool/verdict.hpp"

namespace jpki::tool {
namespace {

using service::Certificate, service::Tier;

struct Checked {
  Certificate certificate;
  std::vector<Certificate> more;
};

// The card's CA certificate helps to build the chain; it is no reason to trust.
Checked of_card(Tier tier, const Options& options) {
  const Cards cards(options);
  const Token& token = cards.the_token(tier);
  auto found = cards.certificate(token, Which::holder);
  if (!found) {
    require_tries(token, options);
    found = cards.certificate_with_pin(token, obtain_pin(tier, options));
  }
  Checked checked{*found, {}};
  if (const auto ca = cards.certificate(token, Which::ca)) checked.more.push_back(*ca);
  return checked;
}

Checked of_file(const std::string& path) {
  auto found = service::read_certificates(path);
  if (found.empty()) throw Failure(Exit::failed, tr("%1 is not a file with one certificate", {path}));
  Checked checked{found[0], {}};
  checked.more.assign(found.begin() + 1, found.end());
  return checked;
}

Checked chosen(const Options& options) {
  const std::string word = options.words.empty() ? "auth" : options.words[0];
  if (word == "sign") return of_card(Tier::sign, options);
  if (word == "auth") return of_card(Tier::auth, options);
  return of_file(word);
}

}  // namespace

int check_certificate(const Context& context) {
  const Checked checked = chosen(context.options);
  const auto validity = check_by(checked.certificate, checked.more, context);
  if (context.options.json) {
    context.out << json_of(validity).dump(2) << '\n';
    return exit_of(validity);
  }
  // Of an official, say; the service's own certificates do not name their holder.
  if (!checked.certificate.tier())
    context.out << tr("holder: %1", {holder_text(checked.certificate)}) << '\n';
  print(validity, context.out);
  return exit_of(validity);
}

}  // namespace jpki::tool
