// jpki pin status, change, help
#include <nlohmann/json.hpp>

#include "tool/cards.hpp"
#include "tool/exits.hpp"
#include "tool/messages.hpp"
#include "tool/pin_rules.hpp"
#include "tool/pinentry.hpp"
#include "tool/pins.hpp"
#include "tool/terminal.hpp"
#include "tool/verbs.hpp"

namespace jpki::tool {
namespace {

using service::Tier;

Tier tier_of(const std::string& word) {
  for (const auto& row : service::tier_rows) {
    if (row.name == word) return row.tier;
  }
  throw Failure(Exit::usage, tr("the PIN is one of sign, auth"));
}

bool is_juki(const Token& token) { return token.model.find("Juki") != token.model.npos; }

Secret typed_pin() {
  auto first = ask_person(tr("New PIN"));
  if (!first)
    throw Failure(Exit::pin,
                  tr("nobody to ask for the new PIN: no terminal, no pinentry (--new-pin-file gives "
                     "one)"));
  if (first->empty()) throw Failure(Exit::pin, tr("no PIN was given; nothing was sent to the card"));
  auto second = ask_person(tr("New PIN once more"));
  if (!second) second = Secret();
  if (!equal(first->view(), second->view()))
    throw Failure(Exit::pin, tr("the two are not alike; nothing was sent to the card"));
  return std::move(*first);
}

// What others know and try first. Asked only of who types the PIN; neither is kept nor sent anywhere.
void compare(ByteView pin, std::ostream& err) {
  const auto birth =
      ask_person(tr("Your birth date (YYYY-MM-DD), to compare the PIN with; Enter to pass over"));
  const auto telephone = ask_person(tr("Your telephone number, likewise"));
  const bool known = (birth && resembles_birth(pin, birth->view())) ||
                     (telephone && resembles_telephone(pin, telephone->view()));
  if (known)
    err << tr("This PIN is taken from your birth date or telephone number, which others know; better choose "
              "another.")
        << '\n';
}

void require_rules(ByteView pin, const Token& token) {
  const char* fault = pin_fault(pin, token.tier, is_juki(token));
  if (fault != nullptr)
    throw Failure(Exit::pin, std::string(tr(fault)) + " " + tr("Nothing was sent to the card."));
}

void confirm(const Options& options, std::ostream& err) {
  const std::string warning =
      tr("Changing a PIN was never tried on a real card. If it fails, the municipal office resets the PIN.");
  err << warning << '\n';
  if (options.yes) return;
  const auto typed = ask_terminal(tr("Go on? Type yes"));
  const bool yes = typed ? text_of(typed->view()) == "yes" : confirm_by_pinentry(warning).value_or(false);
  if (!yes) throw Failure(Exit::pin, tr("nothing was done"));
}

}  // namespace

int show_pins(const Context& context) { return show_status(context); }

int change_pin(const Context& context) {
  const Options& options = context.options;
  const Tier tier = tier_of(options.words.at(0));
  const Cards cards(options);
  const Token& token = cards.the_token(tier);
  require_tries(token, options);
  const bool typed = options.new_pin_file.empty();
  const Secret old_pin = obtain_pin(tier, options),
               fresh = typed ? typed_pin() : read_pin_file(options.new_pin_file);
  require_rules(fresh.view(), token);
  if (const char* advice = pin_advice(fresh.view())) context.err << tr(advice) << '\n';
  if (typed) compare(fresh.view(), context.err);
  confirm(options, context.err);
  cards.change_pin(token, old_pin, fresh);
  if (options.json)
    context.out << nlohmann::json{{"changed", service::row_of(tier).name}}.dump(2) << '\n';
  else
    context.out << tr("The PIN is changed. Tell it to nobody, and change it again from time to time.")
                << '\n';
  return Exit::done;
}

int explain_pins(const Context& context) {
  nlohmann::json all = nlohmann::json::array();
  for (const char* line :
       {mark("Authentication: 4 digits, 3 tries. Signature: 6 to 16 capital letters and "
             "digits, at least one of each, 5 "
             "tries."),
        mark("A right PIN gives all tries back. Without tries the PIN is locked, and no "
             "program can unlock it."),
        mark("Forgotten or locked: the municipal office of your residence sets a new one; "
             "bring the card and a photo ID."),
        mark("Who still knows the other of the two PINs can also do so at some convenience "
             "stores' kiosks, with a smartphone app.")})
    context.options.json ? all.push_back(tr(line)) : void(context.out << tr(line) << '\n');
  if (context.options.json) context.out << all.dump(2) << '\n';
  return Exit::done;
}

}  // namespace jpki::tool
