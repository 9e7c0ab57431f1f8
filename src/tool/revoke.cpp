// jpki revoke --online
#include <algorithm>

#include "jpki/text.hpp"
#include "tool/cards.hpp"
#include "tool/exits.hpp"
#include "tool/file_content.hpp"
#include "tool/messages.hpp"
#include "tool/pins.hpp"
#include "tool/verbs.hpp"
#include "web/client.hpp"

namespace jpki::tool {
namespace {

using service::Tier;

constexpr const char *signature_type = "application/pkcs7-signature", *sealed_type = "application/pkcs7-mime";
constexpr int http_ok = 200;

std::string at_the_counter() {
  return tr(
      "If the card is lost or stolen, report it at the counter of your municipality: only the card's own key "
      "can sign a request.");
}

/// The window's request form: lines "name: value" behind a title.
class Form {
 public:
  explicit Form(Bytes text) : text_(std::move(text)) {}

  [[nodiscard]] ByteView text() const { return text_; }
  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> found;
    std::string_view rest = text_of(text_);
    for (std::size_t end; !rest.empty(); rest.remove_prefix(std::min(end + 1, rest.size()))) {
      end = std::min(rest.find('\n'), rest.size());
      found.emplace_back(rest.substr(0, end));
    }
    return found;
  }
  [[nodiscard]] std::vector<std::string> all(const std::string& name) const {
    std::vector<std::string> values;
    for (const std::string& line : lines())
      if (line.starts_with(name + ": ")) values.push_back(line.substr(name.size() + 2));
    return values;
  }
  [[nodiscard]] std::string one(const std::string& name) const {
    const auto values = all(name);
    return values.size() == 1 ? values[0] : "";
  }

 private:
  Bytes text_;
};

std::string line_of(const Bytes& text) {
  const auto line = text_of(text);
  return service::shown(line.substr(0, line.find('\n')));
}

[[noreturn]] void fail(const web::NoAnswer& error) {
  switch (error.trouble()) {
    case web::Trouble::unreachable:
      throw Failure(Exit::failed, tr("the window cannot be reached"));
    case web::Trouble::not_trusted:
      throw Failure(
          Exit::failed,
          tr("the window's certificate is not trusted, or is another server's: nothing was sent (--tls-ca "
             "names the CA of a test window)"));
    case web::Trouble::broken_off:
      break;
  }
  throw Failure(Exit::unchecked,
                tr("the window broke off: ask it with the browser what became of the request"));
}

web::Answer answered(const web::Answer& answer) {
  if (answer.status == http_ok) return answer;
  const bool is_text = answer.type == "text/plain" && service::is_plain_text(line_of(answer.body));
  throw Failure(Exit::negative,
                tr("the window refuses: %1",
                   {is_text ? line_of(answer.body) : "HTTP " + std::to_string(answer.status)}));
}

bool is_number(const std::string& text) {
  return text.size() == 32 && text.find_first_not_of("0123456789ABCDEFabcdef") == text.npos;
}

// A form that another window made out would revoke there what its holder means to do here.
Form fetch(const web::Visit& window) try {
  const web::Answer answer = answered(web::get(window));
  Form form(answer.body);
  const auto lines = form.lines();
  const bool plain = std::all_of(lines.begin(), lines.end(),
                                 [](const std::string& line) { return service::is_plain_text(line); });
  if (answer.type != "text/plain" || !plain || !is_number(form.one("number")) || form.all("revoke").empty() ||
      form.one("window") != window.address.origin())
    throw Failure(Exit::failed,
                  tr("this is no request form of that window: take the address that its page shows"));
  return form;
} catch (const web::NoAnswer& error) {
  fail(error);
}

void show(const Form& form, std::ostream& out) {
  out << tr("This request will be signed with the signature key, as with a registered seal:") << '\n';
  for (const std::string& line : form.lines()) out << "  " << line << '\n';
  out << tr("A revoked certificate never becomes valid again. A new one is issued at the counter of your "
            "municipality.")
      << '\n'
      << tr("Your name, address, birth date and sex travel with the signature: whoever gets it can read "
            "them.")
      << '\n';
}

const Token& signature_half(const Cards& cards) try {
  return cards.the_token(Tier::sign);
} catch (const Failure& failure) {
  if (failure.status() != Exit::no_card) throw;
  throw Failure(Exit::no_card, failure.what() + std::string("\n      ") + at_the_counter());
}

Bytes signed_form(const Form& form, const SignatureKey& key, service::Instant now) {
  const std::string own = "sign " + key.certificate().serial();
  const auto wanted = form.all("revoke");
  if (std::find(wanted.begin(), wanted.end(), own) == wanted.end())
    throw Failure(Exit::negative,
                  tr("the request is about another certificate than this card's: nothing was signed"));
  Bytes signature;
  service::write_signed_data(
      {key.certificate(), {}, now, false}, service::content_in_memory(form.text()),
      [&](ByteView block) { return key.sign(block); }, [&](ByteView part) { append(signature, part); });
  return signature;
}

std::string receipt_of(const Options& options, const Form& form) {
  if (!options.out.empty()) return options.out;
  return "revocation-" + form.one("number").substr(0, 8) +
         (form.one("receipt") == "signed" ? ".p7m" : ".txt");
}

web::Answer send(const web::Visit& window, const Bytes& signature) try {
  return answered(web::post(window, signature_type, signature));
} catch (const web::NoAnswer& error) {
  fail(error);
}

}  // namespace

int revoke_online(const Context& context) {
  const Options& options = context.options;
  if (!options.online || options.words.size() != 1)
    throw Failure(
        Exit::usage,
        tr("with the card at hand: jpki revoke --online ADDRESS, as the online window's page shows it.") +
            std::string("\n      ") + at_the_counter());
  const auto address = web::Address::of(options.words[0]);
  if (!address) throw Failure(Exit::usage, tr("%1 is no https address", {options.words[0]}));
  const web::Visit window{*address, options.tls_ca, language()};
  const Cards cards(options);
  const Token& token = signature_half(cards);
  require_tries(token, options);
  const Form form = fetch(window);
  const std::string path = receipt_of(options, form);
  NewFile receipt(path);
  show(form, context.err);
  require_yes(options, tr("A revoked certificate never becomes valid again. A new one is issued at the "
                          "counter of your municipality."));
  const Bytes signature = [&] {
    const SignatureKey key(cards, token, obtain_pin(Tier::sign, options));
    return signed_form(form, key, context.now);
  }();
  const web::Answer answer = send(window, signature);
  receipt.write(answer.body);
  receipt.keep();
  context.err << tr("The certificates of this request are revoked. The receipt:") << '\n';
  context.out << path << '\n';
  return Exit::done;
}

}  // namespace jpki::tool
