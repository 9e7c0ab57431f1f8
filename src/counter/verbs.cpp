#include "counter/verbs.hpp"

#include <cstdlib>

#include "client/own_library.hpp"
#include "counter/soft_desk.hpp"
#include "crypto/hash.hpp"

namespace jpki::counter {
namespace {

using namespace std::chrono;
using service::Date;
using service::Tier;
using vcard::Kind;

// First days of the two services: what is issued today, and what ran out years ago, both find a valid CA.
constexpr const char *mynumber_first_day = "2016-01-01", *juki_first_day = "2004-01-29";
constexpr int ca_months = 120;
constexpr unsigned juki_key_bits = 1024, mynumber_key_bits = 2048;

Hierarchy hierarchy_for(const Options& options) {
  if (options.governor.empty()) return mynumber_hierarchy();
  const auto* prefecture = service::find_prefecture(options.governor);
  if (prefecture == nullptr) throw UsageError("--governor is no prefecture (as Iwate, Iwate-ken or 岩手県)");
  return juki_hierarchy(*prefecture);
}

Period ca_period(const Options& options, Kind kind, service::Instant now) {
  const char* first_day = kind == Kind::juki ? juki_first_day : mynumber_first_day;
  const Date first = read_date(options.from.empty() ? first_day : options.from, "--from");
  const Date ten_years = service::plus_months(service::day_in_japan(now), ca_months);
  const Date last =
      options.until.empty() ? Date(sys_days(ten_years) - days(1)) : read_date(options.until, "--until");
  if (last < first) throw UsageError("--until is before the CAs' first day");
  return {service::first_second(first), service::last_second(last)};
}

std::string fingerprint(crypto::Hash hash, const X509& certificate) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string text;
  for (const std::uint8_t byte : crypto::digest(hash, certificate_der(certificate))) {
    if (!text.empty()) text += ':';
    text += {digits[byte >> 4], digits[byte & 15]};
  }
  return text;
}

void print_authorities(CaFolder& ca, std::ostream& out) {
  for (const Tier tier : tiers_of(ca.hierarchy().kind)) {
    const X509& certificate = *ca.authority(tier).certificate;
    out << service::row_of(tier).name << " CA: " << ca.certificate_path(tier).string() << "\n  SHA-256 "
        << fingerprint(crypto::Hash::sha256, certificate) << "\n  SHA-1   "
        << fingerprint(crypto::Hash::sha1, certificate) << '\n';
  }
}

void require_place(const Options& options) {
  if (!options.soft_label && options.card.empty()) throw UsageError("CARD is required, or --soft LABEL");
}

void require_kind(const Options& options, Kind kind) {
  if (options.kind.empty() || options.kind == vcard::row_of(kind).name) return;
  throw UsageError(kind == Kind::juki ? "a governor's hierarchy issues Juki cards only"
                                      : "Juki cards need a governor's hierarchy: new-ca --governor Iwate");
}

// Software tokens take no key below 2048 bits; cards of 2004 had them.
std::uint16_t juki_key_bits_for(const Options& options) {
  if (!options.soft_label)
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

Pins pins_for(const Options& options, Kind kind) {
  if (options.test_pins) return test_pins(kind);
  Pins pins;
  if (!options.auth_pin_file.empty())
    pins.auth = read_pin_file(options.auth_pin_file, kind, vcard::Role::auth);
  if (!options.sign_pin_file.empty())
    pins.sign = read_pin_file(options.sign_pin_file, kind, vcard::Role::sign);
  return pins;
}

Order order_for(const Options& options, Kind kind, service::Instant now) {
  Applicant applicant = read_applicant(options.form);
  const Period period = read_period(options.form, applicant, kind, now);
  return {std::move(applicant), period, key_bits_for(options, kind), pins_for(options, kind),
          options.replace};
}

std::filesystem::path module_for(const Options& options) {
  if (!options.module.empty()) return options.module;
  if (auto found = client::own_library("jpki-pkcs11.so")) return *found;
  throw UsageError("--soft: jpki-pkcs11.so was not found; name it with --module");
}

std::filesystem::path folder_for(const Options& options) {
  if (!options.soft_folder.empty()) return options.soft_folder;
  const char* folder = secure_getenv("JPKI_SOFT_TOKENS");
  if (folder == nullptr || *folder == '\0')
    throw UsageError("--soft: which folder? Give --folder, or set JPKI_SOFT_TOKENS");
  return folder;
}

// Without a PIN of the user's a token keeps no private object.
void require_pins(const Order& order, Kind kind) {
  for (const Tier tier : tiers_of(kind))
    if (!order.pins.of(role_of(tier)))
      throw UsageError(
          "--soft: every token needs its PIN: --test-pins, or --auth-pin-file and --sign-pin-file");
}

SoftOrder soft_order_for(const Options& options) {
  require_label(*options.soft_label);
  SoftOrder soft{*options.soft_label, folder_for(options), module_for(options), {}};
  if (!options.so_pin_file.empty()) soft.officer_pin = read_officer_pin_file(options.so_pin_file);
  return soft;
}

void print_soft(const Order& order, const std::vector<SoftIssued>& tokens, std::ostream& out) {
  for (const auto& token : tokens)
    out << "software token \"" << token.label << "\": " << token.file.string() << '\n'
        << service::row_of(token.issued.tier).name << ": serial " << serial_text(token.issued.serial)
        << ", RSA-" << order.key_bits << " key made in the token, PIN set\n";
}

void print_issued(const Options& options, const Order& order, const std::vector<Issued>& issued,
                  std::ostream& out) {
  out << "card: " << options.card << '\n';
  for (const auto& [tier, serial] : issued) {
    const vcard::Role role = role_of(tier);
    out << service::row_of(tier).name << ": serial " << serial_text(serial) << ", RSA-" << order.key_bits
        << " key made in the card, " << (order.pins.of(role) ? "PIN set" : "PIN left as it was") << ", "
        << options.card << "/certs/" << vcard::name_of(role) << ".der\n";
  }
}

}  // namespace

void new_ca(const Options& options, service::Instant now, std::ostream& out) {
  const Hierarchy hierarchy = hierarchy_for(options);
  CaFolder::create(options.ca, hierarchy, ca_period(options, hierarchy.kind, now));
  CaFolder ca(options.ca);
  out << "hierarchy: " << options.ca << '\n';
  print_authorities(ca, out);
}

void issue(const Options& options, service::Instant now, std::ostream& out) {
  require_place(options);
  CaFolder ca(options.ca);
  const Kind kind = ca.hierarchy().kind;
  require_kind(options, kind);
  const Order order = order_for(options, kind, now);
  require_within_authority(ca, order.period);
  if (!options.soft_label) {
    print_issued(options, order, issue_to_folder(options.card, ca, order), out);
  } else {
    require_pins(order, kind);
    print_soft(order, issue_soft(soft_order_for(options), ca, order), out);
  }
  print_authorities(ca, out);
}

}  // namespace jpki::counter
