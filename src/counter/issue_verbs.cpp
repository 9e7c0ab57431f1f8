// The issue desk: keys and certificates into cards and software tokens.
#include <CLI/CLI.hpp>
#include <memory>

#include "base/file.hpp"
#include "base/hex.hpp"
#include "counter/form_options.hpp"
#include "counter/hand_out.hpp"
#include "counter/pin_options.hpp"
#include "counter/soft_desk.hpp"
#include "counter/verbs.hpp"
#include "vcard/create.hpp"

namespace jpki::counter {
namespace {

namespace fs = std::filesystem;
using service::Tier;
using vcard::Kind;

constexpr unsigned juki_key_bits = 1024, mynumber_key_bits = 2048;

struct Options {
  std::string ca, card, kind, hand_out, half;
  Form form;
  unsigned key_bits = 0;  // 0: the kind's own
  bool replace = false, without_signature = false;
  PinOptions pins;
  SoftOptions soft;
};

void require_place(const Options& options) {
  if (!options.soft.label && options.card.empty()) throw UsageError("CARD is required, or --soft LABEL");
}

void require_kind(const Options& options, Kind kind) {
  if (options.kind.empty() || options.kind == vcard::row_of(kind).name) return;
  throw UsageError(kind == Kind::juki ? "a governor's hierarchy issues Juki cards only"
                                      : "Juki cards need a governor's hierarchy: new-ca --governor Iwate");
}

// Software tokens take no key below 2048 bits; cards of 2004 had them.
std::uint16_t juki_key_bits_for(const Options& options) {
  if (!options.soft.label)
    return static_cast<std::uint16_t>(options.key_bits == 0 ? juki_key_bits : options.key_bits);
  if (options.key_bits != 0 && options.key_bits < mynumber_key_bits)
    throw UsageError("--bits: software tokens have RSA keys of 2048 bits");
  return mynumber_key_bits;
}

std::uint16_t key_bits_for(const Options& options, Kind kind) {
  if (kind == Kind::juki) return juki_key_bits_for(options);
  if (options.key_bits != 0 && options.key_bits != mynumber_key_bits)
    throw UsageError("--bits: a My Number Card has RSA keys of 2048 bits");
  return mynumber_key_bits;
}

std::vector<Tier> all_tiers_of(Kind kind) { return {tiers_of(kind).begin(), tiers_of(kind).end()}; }

Order order_for(const Options& options, CaFolder& ca, const Pins& pins, std::vector<Tier> tiers,
                service::Instant now) {
  const Kind kind = ca.hierarchy().kind;
  Applicant applicant = read_applicant(options.form);
  const Period period = read_period(options.form, applicant, kind, now);
  require_within_authority(ca, period);
  const auto copy = [](const std::optional<Secret>& pin) {
    return pin ? std::optional<Secret>(std::in_place, pin->view()) : std::nullopt;
  };
  return {std::move(applicant),
          period,
          key_bits_for(options, kind),
          {copy(pins.auth), copy(pins.sign)},
          options.replace,
          std::move(tiers),
          {},
          false};
}

// Without a PIN of the user's a token keeps no private object.
void require_pins(const Order& order) {
  for (const Tier tier : order.tiers)
    if (!order.pins.of(role_of(tier)))
      throw UsageError(
          "--soft: every token needs its PIN: --test-pins, or --auth-pin-file and --sign-pin-file");
}

SoftOrder soft_order_for(const SoftOptions& options) {
  require_label(*options.label);
  SoftOrder soft{*options.label, folder_for(options), module_for(options), {}};
  if (!options.officer_pin_file.empty()) soft.officer_pin = read_officer_pin_file(options.officer_pin_file);
  return soft;
}

void print_subject(const std::string& subject, std::ostream& out) {
  out << "subject: " << subject << " (the person's number in the CA's register)\n";
}

std::string key_text(const X509& certificate) {
  return "RSA-" + std::to_string(EVP_PKEY_get_bits(X509_get0_pubkey(&certificate)));
}

void print_soft(const SoftHanded& handed, std::ostream& out) {
  print_subject(handed.subject, out);
  for (const auto& token : handed.tokens)
    out << "software token \"" << token.label << "\": " << token.file.string() << '\n'
        << service::row_of(token.issued.tier).name << ": serial "
        << serial_text(serial_of(*token.issued.certificate)) << ", " << key_text(*token.issued.certificate)
        << " key made in the token, PIN set\n";
}

void print_issued(const Options& options, const Pins& pins, const Handed& handed, std::ostream& out) {
  out << "card: " << options.card << '\n';
  print_subject(handed.subject, out);
  for (const auto& [tier, certificate] : handed.issued) {
    const vcard::Role role = role_of(tier);
    out << service::row_of(tier).name << ": serial " << serial_text(serial_of(*certificate)) << ", "
        << key_text(*certificate) << " key made in the card, "
        << (pins.of(role) ? "PIN set" : "PIN left as it was") << ", " << options.card << "/certs/"
        << vcard::name_of(role) << ".der\n";
  }
}

std::vector<const X509*> certificates_of(const Handed& handed) {
  std::vector<const X509*> found;
  for (const auto& issued : handed.issued) found.push_back(issued.certificate.get());
  return found;
}

void finish(const Options& options, CaFolder& ca, const std::vector<const X509*>& certificates,
            const Scene& scene) {
  print_authorities(ca, scene.out);
  if (options.hand_out.empty()) return;
  for (const auto& file : hand_out(options.hand_out, ca, certificates, scene.now))
    scene.out << "handed out: " << file.string() << '\n';
}

void issue_tokens(const Options& options, CaFolder& ca, const Order& order, const Scene& scene) {
  require_pins(order);
  const auto handed = issue_soft(soft_order_for(options.soft), ca, order);
  print_soft(handed, scene.out);
  std::vector<const X509*> certificates;
  for (const auto& token : handed.tokens) certificates.push_back(token.issued.certificate.get());
  finish(options, ca, certificates, scene);
}

void issue_tiers(const Options& options, std::vector<Tier> tiers, const Scene& scene) {
  require_place(options);
  CaFolder ca(options.ca);
  const Kind kind = ca.hierarchy().kind;
  require_kind(options, kind);
  const Pins pins = given_pins(options.pins, kind);
  if (tiers.empty()) tiers = all_tiers_of(kind);
  Order order = order_for(options, ca, pins, std::move(tiers), scene.now);
  order.without_signature = options.without_signature;
  if (options.soft.label) return issue_tokens(options, ca, order, scene);
  const Handed handed = issue_to_folder(options.card, ca, order);
  print_issued(options, order.pins, handed, scene.out);
  finish(options, ca, certificates_of(handed), scene);
}

void issue_without_signature(Options options, const Scene& scene) {
  if (CaFolder(options.ca).hierarchy().kind == Kind::juki)
    throw UsageError("a Juki card has the signature half alone");
  options.without_signature = true;
  issue_tiers(options, {Tier::auth}, scene);
}

// The device at the counter: the card's own copy of the issuer key opens the channel, or the hierarchy's.
Bytes issuer_key_for(const Options& options) {
  if (!options.ca.empty()) return copy_of(CaFolder(options.ca).issuer_key());
  const auto text = read_file(fs::path(options.card) / "issuer.key", 1 << 10);
  const auto key = text ? from_hex(text_of(*text).substr(0, text_of(*text).find('\n'))) : std::nullopt;
  if (!key) throw UsageError("no card is there: --ca makes one of that hierarchy");
  return *key;
}

void keygen(const Options& options, const Scene& scene) {
  const Bytes issuer_key = issuer_key_for(options);
  const Kind kind = CardOnDesk::is_card(options.card) ? CardOnDesk(options.card, issuer_key).kind()
                                                      : CaFolder(options.ca).hierarchy().kind;
  const Pins pins = chosen_pins(options.pins, kind, tiers_of(kind));
  make_keys(options.card, kind, issuer_key, key_bits_for(options, kind), pins);
  scene.out << "card: " << options.card << '\n';
  for (const Tier tier : tiers_of(kind))
    scene.out << service::row_of(tier).name << ": key pair made in the card, PIN set, no certificate yet\n";
}

void certify_keys(const Options& options, const Scene& scene) {
  CaFolder ca(options.ca);
  const Order order = order_for(options, ca, {}, {}, scene.now);
  const Handed handed = certify_card(options.card, ca, order);
  print_issued(options, {}, handed, scene.out);
  finish(options, ca, certificates_of(handed), scene);
}

// Options that were given count more than what the card says.
Form renewed_form(const Form& given, const fs::path& card, CaFolder& ca) {
  Form form = form_of_card(card, ca, {});
  if (!given.name.empty()) form.name = given.name, form.substituted_name = given.substituted_name;
  if (!given.birth.empty()) form.birth = given.birth;
  if (!given.sex.empty()) form.sex = given.sex;
  if (!given.address.empty())
    form.address = given.address, form.substituted_address = given.substituted_address,
    form.municipality.clear();
  if (!given.municipality.empty()) form.municipality = given.municipality;
  form.issued = given.issued, form.expires = given.expires, form.renewal = given.renewal;
  return form;
}

std::vector<Tier> halves_of(const Options& options, CaFolder& ca) {
  std::vector<Tier> tiers;
  CardOnDesk card(options.card, ca.issuer_key());
  for (const Tier tier : tiers_of(ca.hierarchy().kind)) {
    const bool is_asked = options.half.empty() || options.half == service::row_of(tier).name;
    if (is_asked && card.has_certificate(role_of(tier))) tiers.push_back(tier);
  }
  if (tiers.empty()) throw DeskError("the card holds no such certificate to renew");
  return tiers;
}

void renew(Options options, const Scene& scene) {
  CaFolder ca(options.ca);
  auto tiers = halves_of(options, ca);
  options.form = renewed_form(options.form, options.card, ca);
  options.replace = true;
  if (ca.hierarchy().kind == Kind::juki && options.form.issued.empty())
    options.form.issued = service::date_text(service::day_in_japan(scene.now));
  const Order order =
      order_for(options, ca, given_pins(options.pins, ca.hierarchy().kind), std::move(tiers), scene.now);
  const Handed handed = issue_to_folder(options.card, ca, order);
  print_issued(options, order.pins, handed, scene.out);
  scene.out << "the certificates before these are revoked, reason superseded\n";
  finish(options, ca, certificates_of(handed), scene);
}

void add_ca_and_card(CLI::App& verb, Options& options) {
  verb.add_option("CA", options.ca, "the hierarchy's folder")->required();
  verb.add_option("CARD", options.card, "the card's folder")->required();
}

void add_hand_out(CLI::App& verb, Options& options) {
  verb.add_option("--hand-out", options.hand_out,
                  "write the copies of the certificates and the leaflet into this folder");
}

void add_bits(CLI::App& verb, Options& options, const std::string& text) {
  verb.add_option("--bits", options.key_bits, text)->check(CLI::IsMember({1024, 2048}));
}

void add_issue(CLI::App& app, const Scene& scene) {
  auto& verb = *app.add_subcommand(
      "issue", "issue certificates into a virtual card, which is made if not there, or into software tokens");
  const auto options = std::make_shared<Options>();
  verb.add_option("CA", options->ca, "the hierarchy's folder")->required();
  auto* card = verb.add_option("CARD", options->card, "the card's folder (not with --soft)");
  verb.add_option("--kind", options->kind, "mynumber or juki (default: what the hierarchy issues)")
      ->check(CLI::IsMember({"mynumber", "juki"}));
  add_form_options(verb, options->form);
  add_bits(verb, *options, "Juki: size of the RSA key (default 1024; --soft: 2048)");
  auto* replace = verb.add_flag("--replace", options->replace,
                                "new keys and certificates for a card that has some; those are revoked");
  add_soft_options(verb, options->soft,
                   "in place of a card make software tokens: \"LABEL (authentication)\" and \"LABEL "
                   "(signature)\"")
      ->excludes(card)
      ->excludes(replace);
  add_pin_options(verb, options->pins);
  add_hand_out(verb, *options);
  verb.callback([=] { issue_tiers(*options, {}, scene); });
}

void add_keygen(CLI::App& app, const Scene& scene) {
  auto& verb = *app.add_subcommand("keygen",
                                   "the citizen's step: make the key pairs in the card, and choose the PINs");
  const auto options = std::make_shared<Options>();
  verb.add_option("CARD", options->card, "the card's folder; made if not there, with --ca")->required();
  verb.add_option("--ca", options->ca, "the hierarchy's folder (default: the card's own issuer key)");
  add_bits(verb, *options, "Juki: size of the RSA key (default 1024)");
  add_pin_options(verb, options->pins);
  verb.callback([=] { keygen(*options, scene); });
}

void add_certify(CLI::App& app, const Scene& scene) {
  auto& verb = *app.add_subcommand(
      "certify", "the clerk's step: certify the keys in the card, and write the certificates into it");
  const auto options = std::make_shared<Options>();
  add_ca_and_card(verb, *options);
  add_form_options(verb, options->form);
  add_hand_out(verb, *options);
  verb.callback([=] { certify_keys(*options, scene); });
}

void add_renew(CLI::App& app, const Scene& scene) {
  auto& verb = *app.add_subcommand(
      "renew",
      "new keys and certificates; the old ones are revoked. The form is as the card says, but for "
      "the options");
  const auto options = std::make_shared<Options>();
  options->form.name = options->form.birth = options->form.sex = options->form.address = {};
  add_ca_and_card(verb, *options);
  verb.add_option("--half", options->half, "auth or sign (default: each that the card has)")
      ->check(CLI::IsMember({"auth", "sign"}));
  add_form_options(verb, options->form);
  add_bits(verb, *options, "Juki: size of the RSA key (default 1024)");
  add_pin_options(verb, options->pins);
  add_hand_out(verb, *options);
  verb.callback([=] { renew(*options, scene); });
}

void add_without_signature(CLI::App& app, const Scene& scene) {
  auto& verb = *app.add_subcommand("card-without-signature",
                                   "issue the authentication certificate alone, as for a child's card");
  const auto options = std::make_shared<Options>();
  verb.add_option("CA", options->ca, "the hierarchy's folder")->required();
  auto* card = verb.add_option("CARD", options->card, "the card's folder (not with --soft)");
  add_form_options(verb, options->form);
  add_soft_options(verb, options->soft,
                   "in place of a card make the software token \"LABEL (authentication)\"")
      ->excludes(card);
  add_pin_options(verb, options->pins);
  add_hand_out(verb, *options);
  verb.callback([=] { issue_without_signature(*options, scene); });
}

}  // namespace

void add_issue_verbs(CLI::App& app, const Scene& scene) {
  for (const auto add : {add_issue, add_keygen, add_certify, add_renew, add_without_signature})
    add(app, scene);
}

}  // namespace jpki::counter
