// jpki status
#include <array>
#include <nlohmann/json.hpp>

#include "jpki/era.hpp"
#include "tool/cards.hpp"
#include "tool/exits.hpp"
#include "tool/messages.hpp"
#include "tool/verbs.hpp"

namespace jpki::tool {
namespace {

using nlohmann::json;
using service::Tier;

constexpr int months_of_warning = 3;  // renewal is possible from then on

std::string_view pin_word(const Token& token) {
  if (token.is_locked()) return "locked";
  if (token.is_last_try()) return "last_try";
  return token.was_tried_wrongly() ? "tried_wrongly" : "untouched";
}

std::string pin_text(const Token& token) {
  if (token.is_locked()) return tr("locked: the municipal office resets it");
  if (token.is_last_try()) return tr("ONE try left");
  return token.was_tried_wrongly() ? tr("some tries are spent") : tr("all tries left");
}

std::string half_text(Tier tier) {
  return tier == Tier::sign ? tr("Digital signature") : tr("User authentication");
}

enum class Days : std::uint8_t { fine, ends_soon, expired };

Days days_of(const service::Certificate& certificate, service::Instant now) {
  if (now > certificate.last()) return Days::expired;
  const auto last = service::day_in_japan(certificate.last());
  return service::day_in_japan(now) >= service::plus_months(last, -months_of_warning) ? Days::ends_soon
                                                                                      : Days::fine;
}

const char* advice(Days days) {
  switch (days) {
    case Days::fine:
      return nullptr;
    case Days::ends_soon:
      return tr("It ends within three months: the municipal office renews it; bring the card and the PINs.");
    case Days::expired:
      return tr("It has expired: the municipal office issues a new one; bring the card.");
  }
  return nullptr;
}

void print_token(const Cards& cards, const Token& token, const Context& context) {
  auto& out = context.out;
  out << "  " << half_text(token.tier) << '\n' << "    PIN: " << pin_text(token) << '\n';
  const auto certificate = cards.certificate(token, Which::holder);
  if (!certificate) {
    out << "    " << tr("Certificate: readable with the PIN (jpki cert show sign)") << '\n';
    return;
  }
  const auto last = service::day_in_japan(certificate->last());
  out << "    "
      << tr("Certificate: last day %1",
            {service::japanese_text(last) + " (" + service::date_text(last) + ")"})
      << '\n';
  if (const char* text = advice(days_of(*certificate, context.now))) out << "    ! " << text << '\n';
}

json token_json(const Cards& cards, const Token& token, const Context& context) {
  json out{{"tier", service::row_of(token.tier).name}, {"serial", token.serial}, {"pin", pin_word(token)}};
  if (const auto certificate = cards.certificate(token, Which::holder)) {
    out["last_day"] = service::date_text(service::day_in_japan(certificate->last()));
    out["days"] = std::array{"fine", "ends_soon",
                             "expired"}[static_cast<std::size_t>(days_of(*certificate, context.now))];
  }
  return out;
}

void print_text(const Cards& cards, const std::vector<std::string>& readers, const Context& context) {
  for (const auto& reader : readers) {
    context.out << reader << '\n';
    const Token* first = nullptr;
    for (const auto& token : cards.tokens()) {
      if (token.reader != reader) continue;
      if (first == nullptr) context.out << "  " << tr("card: %1", {token.model}) << '\n';
      first = &token;
      print_token(cards, token, context);
    }
    if (first == nullptr) context.out << "  " << tr("no card, or no card of this service") << '\n';
  }
}

void print_json(const Cards& cards, const std::vector<std::string>& readers, const Context& context) {
  json out = json::array();
  for (const auto& reader : readers) {
    json row{{"reader", reader}, {"tokens", json::array()}};
    for (const auto& token : cards.tokens()) {
      if (token.reader != reader) continue;
      row["card"] = token.model;
      row["tokens"].push_back(token_json(cards, token, context));
    }
    out.push_back(row);
  }
  context.out << out.dump(2) << '\n';
}

}  // namespace

int show_status(const Context& context) {
  const Cards cards(context.options);
  auto readers = cards.readers();
  std::erase_if(readers, [&](const auto& name) { return name.find(context.options.reader) == name.npos; });
  context.options.json ? print_json(cards, readers, context) : print_text(cards, readers, context);
  if (readers.empty()) throw Failure(Exit::no_card, tr("no reader: plug one in"));
  return cards.tokens().empty() ? Exit::no_card : Exit::done;
}

}  // namespace jpki::tool
