#include "tool/page.hpp"

#include "jpki/era.hpp"
#include "jpki/fingerprint.hpp"
#include "jpki/person.hpp"
#include "jpki/text.hpp"
#include "tool/messages.hpp"
#include "tool/term_days.hpp"

namespace jpki::tool {
namespace {

using service::Certificate, service::MarkedText, service::Tier;

// The words of src/jpki that pages translate.
[[maybe_unused]] constexpr const char* words_of_the_service[] = {mark("Version"),
                                                                 mark("Serial number"),
                                                                 mark("Signature algorithm"),
                                                                 mark("Issuer"),
                                                                 mark("Not before"),
                                                                 mark("Not after"),
                                                                 mark("Subject"),
                                                                 mark("Public key"),
                                                                 mark("Signature"),
                                                                 mark("Key usage"),
                                                                 mark("Extended key usage"),
                                                                 mark("Subject alternative name"),
                                                                 mark("Issuer alternative name"),
                                                                 mark("Certificate policies"),
                                                                 mark("Policy mappings"),
                                                                 mark("Policy constraints"),
                                                                 mark("Inhibit any policy"),
                                                                 mark("Name constraints"),
                                                                 mark("CRL distribution points"),
                                                                 mark("Authority information access"),
                                                                 mark("Authority key identifier"),
                                                                 mark("Subject key identifier"),
                                                                 mark("Basic constraints"),
                                                                 mark("male"),
                                                                 mark("female"),
                                                                 mark("unknown")};

std::string both_calendars(const std::string& japanese, const std::string& gregorian) {
  return japanese + " (" + gregorian + ")";
}

std::string day_text(service::Instant instant) {
  const auto day = service::day_in_japan(instant);
  return both_calendars(service::japanese_text(day), service::date_text(day));
}

std::string birth_text(const service::Birth& birth) {
  if (!birth.date) return tr("cannot be read: %1", {birth.code});
  return both_calendars(service::japanese_text(*birth.date), service::gregorian_text(*birth.date));
}

std::string sex_text(const service::Sex& sex) {
  return sex.row == nullptr ? tr("cannot be read: %1", {sex.code})
                            : tr(std::string(sex.row->english).c_str());
}

// The issuer as the service's viewer names it: in Japanese, the last unit.
std::string issuer_text(const Certificate& certificate) {
  const auto japanese =
      certificate.is_ca() ? certificate.subject_in_japanese() : certificate.issuer_in_japanese();
  if (auto unit = service::last_of(japanese, "OU"); !unit.empty()) return unit;
  return service::name_text(certificate.issuer());
}

std::string title_of(const Certificate& certificate) {
  const auto tier = certificate.tier();
  if (certificate.is_ca()) {
    if (!tier) return tr("CA certificate");
    return *tier == Tier::sign ? tr("CA certificate for digital signature")
                               : tr("CA certificate for user authentication");
  }
  if (!tier) return tr("Certificate");
  return *tier == Tier::sign ? tr("Certificate for digital signature")
                             : tr("Certificate for user authentication");
}

void add_person(std::vector<Item>& items, const service::Person& person) {
  if (person.name) items.push_back({tr("Name"), person.name->text, person.name->substituted()});
  if (person.birth) items.push_back({tr("Date of birth"), birth_text(*person.birth), {}});
  if (person.sex) items.push_back({tr("Sex"), sex_text(*person.sex), {}});
  if (person.address) items.push_back({tr("Address"), person.address->text, person.address->substituted()});
}

void add_remarks(Page& page, const Certificate& certificate, service::Instant now) {
  if (certificate.is_test()) page.remarks.push_back(tr("This is a test certificate. It proves nothing."));
  if (now < certificate.first()) page.remarks.push_back(tr("This certificate is not yet valid."));
  if (certificate.is_ca() && now > certificate.last())
    page.remarks.push_back(tr("This certificate has expired."));
  if (const char* advice = certificate.is_ca() ? nullptr : advice_of(days_of(certificate, now)))
    page.remarks.push_back(tr(advice));
  const auto person = service::person_of(certificate);
  const auto unfit = [](const std::optional<MarkedText>& text) {
    return text && !text->marks.empty() && !text->fits();
  };
  if (person && (unfit(person->name) || unfit(person->address)))
    page.remarks.push_back(tr("Which characters are substitutes cannot be read."));
}

void add_fingerprints(std::vector<service::Field>& fields, const Certificate& certificate) {
  for (const auto& [hash, name] :
       {std::pair{Hash::sha256, tr("Fingerprint (SHA-256)")}, {Hash::sha1, tr("Fingerprint (SHA-1)")}})
    fields.push_back({name, {}, false, {service::grouped(service::fingerprint(certificate, hash))}});
}

std::string places_text(const std::vector<std::size_t>& places) {
  std::string text;
  for (const std::size_t place : places) text += (text.empty() ? "" : ", ") + std::to_string(place + 1);
  return text;
}

void print_field(const service::Field& field, std::ostream& out) {
  out << "  " << field.name << (field.oid.empty() ? "" : " (" + field.oid + ")")
      << (field.critical ? std::string(", ") + tr("critical") : "") << '\n';
  for (const auto& line : field.lines) out << "    " << line << '\n';
}

}  // namespace

Page page_of(const Certificate& certificate, service::Instant now) {
  Page page{title_of(certificate), {}, {}, service::fields_of(certificate)};
  add_remarks(page, certificate, now);
  if (const auto person = service::person_of(certificate)) add_person(page.basic, *person);
  page.basic.push_back({tr("Date of issue"), day_text(certificate.first()), {}});
  page.basic.push_back({tr("Last day of validity"), day_text(certificate.last()), {}});
  page.basic.push_back({tr("Issuer"), issuer_text(certificate), {}});
  for (auto& field : page.details) field.name = tr(field.name.c_str());
  add_fingerprints(page.details, certificate);
  return page;
}

std::string holder_text(const Certificate& certificate) {
  const auto japanese = certificate.subject_in_japanese();
  const std::string as_it_is = service::name_text(certificate.subject());
  return japanese.empty() ? as_it_is : service::name_text(japanese) + " (" + as_it_is + ")";
}

std::string substitutes_text(const Item& item) {
  return item.substituted.empty() ? "" : tr("substitute characters at: %1", {places_text(item.substituted)});
}

void print_items(const Page& page, std::ostream& out) {
  for (const auto& item : page.basic) {
    out << "  " << item.label << ": " << item.value << '\n';
    if (!item.substituted.empty()) out << "    " << substitutes_text(item) << '\n';
  }
}

void print(const Page& page, std::ostream& out) {
  out << page.title << '\n';
  for (const auto& remark : page.remarks) out << "! " << remark << '\n';
  out << '\n' << tr("Basic") << '\n';
  print_items(page, out);
  out << '\n' << tr("Details") << '\n';
  for (const auto& field : page.details) print_field(field, out);
}

}  // namespace jpki::tool
