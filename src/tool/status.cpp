// jpki status
#include <array>
#include <nlohmann/json.hpp>
#include <sstream>

#include "jpki/era.hpp"
#include "tool/cards.hpp"
#include "tool/exits.hpp"
#include "tool/messages.hpp"
#include "tool/term_days.hpp"
#include "tool/verbs.hpp"

namespace jpki::tool {
namespace {

using nlohmann::json;
using service::Tier;

std::string_view pin_word(const Token& token) {
  if (token.is_locked()) return "locked";
  if (token.is_last_try()) return "last_try";
  return token.was_tried_wrongly() ? "tried_wrongly" : "untouched";
}

std::string pin_text(const Token& token) {
  if (token.is_locked()) return tr("locked: the municipal office resets it");
  if (token.is_last_try()) return tr("ONE try left");
  if (token.tries) return tr("%1 tries left", {std::to_string(*token.tries)});
  return token.was_tried_wrongly() ? tr("some tries are spent") : tr("all tries left");
}

std::string half_text(Tier tier) {
  return tier == Tier::sign ? tr("Digital signature") : tr("User authentication");
}

void print_token(const Cards& cards, const Token& token, const Context& context) {
  auto& out = context.out;
  out << "  " << tr("%1, serial number %2", {half_text(token.tier), token.serial}) << '\n'
      << "    " << tr("PIN: %1", {pin_text(token)}) << '\n';
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
  if (const char* advice = advice_of(days_of(*certificate, context.now)))
    out << "    ! " << tr(advice) << '\n';
}

json token_json(const Cards& cards, const Token& token, const Context& context) {
  json out{{"tier", service::row_of(token.tier).name}, {"serial", token.serial}, {"pin", pin_word(token)}};
  if (token.tries) out["tries_left"] = *token.tries;
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

// `indent`: -1 for one line.
void print_json(const Cards& cards, const std::vector<std::string>& readers, int indent,
                const Context& context) {
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
  context.out << out.dump(indent) << '\n';
}

std::vector<std::string> chosen_readers(const Cards& cards, const Options& options) {
  auto readers = cards.readers();
  std::erase_if(readers, [&](const auto& name) { return name.find(options.reader) == name.npos; });
  return readers;
}

void print_all(const Cards& cards, const std::vector<std::string>& readers, int indent,
               const Context& context) {
  context.options.json ? print_json(cards, readers, indent, context) : print_text(cards, readers, context);
}

// Nothing where a card was taken out while it was read.
std::optional<std::string> picture(Cards& cards, const Context& context, service::Instant now) {
  std::ostringstream text;
  try {
    cards.look();
    const auto readers = chosen_readers(cards, context.options);
    print_all(cards, readers, -1, {context.options, now, text, context.err});
    if (readers.empty() && !context.options.json) text << tr("no reader: plug one in") << '\n';
  } catch (const client::Error& error) {
    if (!is_gone(error)) throw;
    return std::nullopt;
  }
  return text.str();
}

// A card is two slots, and a slot's event may come before or after the other's: only what looks different is
// said.
void watch(Cards& cards, const Context& context) {
  using std::chrono::system_clock;
  const auto begin = system_clock::now();
  std::string said;
  while (context.out) {  // until nobody reads any more
    const auto passed = std::chrono::floor<std::chrono::seconds>(system_clock::now() - begin);
    const auto seen = picture(cards, context, context.now + passed);
    if (seen && *seen != said) {
      context.out << (said.empty() || context.options.json ? "" : "\n") << *seen << std::flush;
      said = *seen;
    }
    if (context.out) cards.wait();
  }
}

}  // namespace

int show_status(const Context& context) {
  Cards cards(context.options);
  if (context.options.watch) {
    watch(cards, context);
    return Exit::failed;
  }
  const auto readers = chosen_readers(cards, context.options);
  print_all(cards, readers, 2, context);
  if (readers.empty()) throw Failure(Exit::no_card, tr("no reader: plug one in"));
  return cards.tokens().empty() ? Exit::no_card : Exit::done;
}

}  // namespace jpki::tool
