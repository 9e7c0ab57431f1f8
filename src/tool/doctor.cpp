// jpki doctor
#include <algorithm>
#include <nlohmann/json.hpp>

#include "tool/cards.hpp"
#include "tool/exits.hpp"
#include "tool/findings.hpp"
#include "tool/messages.hpp"
#include "tool/readers.hpp"
#include "tool/registrations.hpp"
#include "tool/term_days.hpp"
#include "tool/verbs.hpp"

namespace jpki::tool {
namespace {

using service::Tier;

Finding finding_of(ServiceState state) {
  switch (state) {
    case ServiceState::missing:
      return Finding::service_missing;
    case ServiceState::stopped:
      return Finding::service_stopped;
    case ServiceState::forbidden:
      return Finding::service_forbidden;
    case ServiceState::mute:
      return Finding::service_mute;
    case ServiceState::answers:
      break;
  }
  return Finding::service_answers;
}

Finding finding_of_pin(const Token& token) {
  if (token.is_locked()) return Finding::pin_locked;
  if (token.is_last_try()) return Finding::pin_last_try;
  if (token.was_tried_wrongly()) return Finding::pin_low;
  return token.tries ? Finding::pin_fine : Finding::pin_unknown;
}

Finding finding_of_days(const std::optional<service::Certificate>& certificate, service::Instant now) {
  if (!certificate) return Finding::certificate_missing;
  switch (days_of(*certificate, now)) {
    case Days::expired:
      return Finding::certificate_expired;
    case Days::ends_soon:
      return Finding::certificate_ends_soon;
    case Days::fine:
      break;
  }
  return Finding::certificate_fine;
}

std::string half_of(const std::string& reader, Tier tier) {
  return without_serial(reader) + ", " +
         (tier == Tier::sign ? tr("Digital signature") : tr("User authentication"));
}

void see_token(const Cards& cards, const Token& token, const Context& context, Findings& findings) {
  const std::string half = half_of(token.reader, token.tier);
  findings.push_back({finding_of_pin(token), half});
  const auto certificate = cards.certificate(token, Which::holder);
  if (!certificate && token.tier == Tier::sign) return;  // the PIN is before it
  findings.push_back({finding_of_days(certificate, context.now), half});
}

bool has_half(const Cards& cards, const std::string& reader, Tier tier) {
  return std::any_of(cards.tokens().begin(), cards.tokens().end(),
                     [&](const Token& token) { return token.reader == reader && token.tier == tier; });
}

// A Juki card never had an authentication half.
bool lacks(const Cards& cards, const Token& token, Tier tier) {
  return token.model.find("Juki") == token.model.npos && !has_half(cards, token.reader, tier);
}

void see_cards(const Cards& cards, const Context& context, Findings& findings) {
  std::string reader;
  for (const auto& token : cards.tokens()) {
    if (token.reader != reader) {
      reader = token.reader;
      findings.push_back({Finding::card_found, without_serial(reader) + ", " + token.model});
      for (const Tier tier : service::all_tiers)
        if (lacks(cards, token, tier)) findings.push_back({Finding::half_missing, half_of(reader, tier)});
    }
    see_token(cards, token, context, findings);
  }
}

// What the service sees in a reader and the module does not take for a card of its own.
void see_reader(const ReaderFacts& reader, const Cards* cards, Findings& findings) {
  const std::string name = without_serial(reader.name);
  switch (reader.seat) {
    case Seat::empty:
      findings.push_back({Finding::reader_empty, name});
      return;
    case Seat::mute:
      findings.push_back({Finding::card_mute, name});
      return;
    case Seat::held:
      findings.push_back({Finding::card_held, name});
      return;
    case Seat::seated:
      break;
  }
  const bool ours = cards != nullptr &&
                    (has_half(*cards, reader.name, Tier::sign) || has_half(*cards, reader.name, Tier::auth));
  if (cards != nullptr && !ours) findings.push_back({Finding::card_foreign, name});
}

std::unique_ptr<Cards> open_cards(const Context& context, Findings& findings) {
  try {
    return std::make_unique<Cards>(context.options);
  } catch (const std::runtime_error&) {  // its text may hold a path of the user's
    findings.push_back({Finding::module_missing, ""});
    return nullptr;
  }
}

const char* yes_no(std::optional<bool> known) {
  if (!known) return "unknown";
  return *known ? "yes" : "no";
}

std::string kind_of(const Cards* cards, const std::string& reader) {
  if (cards == nullptr) return "unknown";
  for (const auto& token : cards->tokens())
    if (token.reader == reader) return token.model;
  return "none";
}

// Not translated: the list is one for all.
void print_reader_report(const ServiceFacts& service, const Cards* cards, const Context& context) {
  nlohmann::json all = nlohmann::json::array();
  for (const auto& reader : service.readers) {
    const auto contactless = is_contactless(reader.atr);
    const std::string name = without_serial(reader.name),
                      way = contactless ? (*contactless ? "contactless" : "contact") : "unknown",
                      extended = yes_no(reader.extended), kind = kind_of(cards, reader.name);
    if (context.options.json)
      all.push_back({{"reader", name}, {"interface", way}, {"extended_apdu", extended}, {"card", kind}});
    else
      context.out << "| " << name << " | " << way << " | " << extended << " | " << kind << " |\n";
  }
  if (context.options.json) context.out << all.dump(2) << '\n';
}

}  // namespace

int see_doctor(const Context& context) {
  const ServiceFacts service = ask_service();
  Findings findings{{finding_of(service.state), ""}};
  const auto cards = open_cards(context, findings);
  if (context.options.reader_report) {
    print_reader_report(service, cards.get(), context);
    if (service.readers.empty()) throw Failure(Exit::no_card, tr("no reader: plug one in"));
    return Exit::done;
  }
  if (service.state == ServiceState::answers && service.readers.empty())
    findings.push_back({Finding::no_reader, ""});
  for (const auto& reader : service.readers) see_reader(reader, cards.get(), findings);
  if (cards) see_cards(*cards, context, findings);
  for (const auto& more : {see_registrations(places()), see_sandboxes(places())})
    findings.insert(findings.end(), more.begin(), more.end());
  print(findings, context.options.json, context.out);
  return worst(findings) == Level::problem ? Exit::negative : Exit::done;
}

}  // namespace jpki::tool
