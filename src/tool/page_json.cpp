#include <nlohmann/json.hpp>

#include "jpki/era.hpp"
#include "jpki/fingerprint.hpp"
#include "jpki/person.hpp"
#include "tool/page.hpp"

namespace jpki::tool {
namespace {

using nlohmann::json;
using service::Certificate;

json day_json(service::Instant instant) {
  const auto day = service::day_in_japan(instant);
  return {{"gregorian", service::date_text(day)}, {"japanese", service::japanese_text(day)}};
}

json text_json(const service::MarkedText& text) {
  return {{"text", text.text}, {"substituted", text.substituted()}, {"marks_fit", text.fits()}};
}

json birth_json(const service::Birth& birth) {
  json out{{"code", birth.code}};
  if (birth.date)
    out.update({{"gregorian", service::gregorian_text(*birth.date)},
                {"japanese", service::japanese_text(*birth.date)}});
  return out;
}

json person_json(const service::Person& person) {
  json out = json::object();
  if (person.name) out["name"] = text_json(*person.name);
  if (person.birth) out["birth"] = birth_json(*person.birth);
  if (person.sex)
    out["sex"] = {{"code", person.sex->code}, {"word", person.sex->row ? person.sex->row->english : ""}};
  if (person.address) out["address"] = text_json(*person.address);
  return out;
}

json name_json(const service::NameParts& parts) {
  json out = json::array();
  for (const auto& part : parts) out.push_back({part.key, part.text});
  return out;
}

json fields_json(const Certificate& certificate) {
  json out = json::array();
  for (const auto& field : service::fields_of(certificate)) {
    json row{{"name", field.name}, {"lines", field.lines}};
    if (!field.oid.empty()) row.update({{"oid", field.oid}, {"critical", field.critical}});
    out.push_back(row);
  }
  return out;
}

}  // namespace

json json_of(const Certificate& certificate) {
  json out{{"kind", certificate.is_ca() ? "ca" : "holder"},
           {"test", certificate.is_test()},
           {"serial", certificate.serial()},
           {"issuer", name_json(certificate.issuer())},
           {"issuer_japanese", name_json(certificate.issuer_in_japanese())},
           {"issued", day_json(certificate.first())},
           {"last_day", day_json(certificate.last())},
           {"sha256", service::fingerprint(certificate, Hash::sha256)},
           {"sha1", service::fingerprint(certificate, Hash::sha1)},
           {"fields", fields_json(certificate)}};
  if (const auto tier = certificate.tier()) out["tier"] = service::row_of(*tier).name;
  if (const auto person = service::person_of(certificate)) out["holder"] = person_json(*person);
  return out;
}

}  // namespace jpki::tool
