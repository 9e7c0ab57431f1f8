// jpki pin status, change, help
#include "base/terminal.hpp"
#include "tool/cards.hpp"
#include "tool/exits.hpp"
#include "tool/messages.hpp"
#include "tool/pin_rules.hpp"
#include "tool/pins.hpp"
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
  auto first = ask_terminal(tr("New PIN")), second = ask_terminal(tr("New PIN once more"));
  if (!first || !second)
    throw Failure(Exit::pin, tr("no terminal to ask for the new PIN (--new-pin-file gives one)"));
  if (!equal(first->view(), second->view()))
    throw Failure(Exit::pin, tr("the two are not alike; nothing was sent to the card"));
  return std::move(*first);
}

// What others know and try first. Asked only of who types the PIN; neither is kept nor sent anywhere.
void compare(ByteView pin, std::ostream& err) {
  const auto birth =
      ask_terminal(tr("Your birth date (YYYY-MM-DD), to compare the PIN with; Enter to pass over"));
  const auto telephone = ask_terminal(tr("Your telephone number, likewise"));
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
  err << tr("Changing a PIN was never tried on a real card. If it fails, the municipal office resets the "
            "PIN.")
      << '\n';
  if (options.yes) return;
  const auto answer = ask_terminal(tr("Go on? Type yes"));
  if (!answer || text_of(answer->view()) != "yes") throw Failure(Exit::pin, tr("nothing was done"));
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
  context.out << tr("The PIN is changed. Tell it to nobody, and change it again from time to time.") << '\n';
  return Exit::done;
}

int explain_pins(const Context& context) {
  for (const char* line : {mark("Authentication: 4 digits, 3 tries. Signature: 6 to 16 capital letters and "
                                "digits, at least one of each, 5 "
                                "tries."),
                           mark("A right PIN gives all tries back. Without tries the PIN is locked, and no "
                                "program can unlock it."),
                           mark("Forgotten or locked: the municipal office of your residence sets a new one; "
                                "bring the card and a photo ID."),
                           mark("The signature PIN: with the authentication PIN and a smartphone app, some "
                                "convenience stores' kiosks, too.")})
    context.out << tr(line) << '\n';
  return Exit::done;
}

}  // namespace jpki::tool
