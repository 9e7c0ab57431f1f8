#include "jpki/person.hpp"

#include <algorithm>
#include <map>

#include "jpki/openssl.hpp"
#include "jpki/text.hpp"

namespace jpki::service {
namespace {

struct Found {
  std::map<Fact, std::string> facts;
  std::vector<UnknownName> others;
};

const FactRow* fact_of(std::string_view oid) {
  const auto row =
      std::find_if(fact_rows.begin(), fact_rows.end(), [&](const FactRow& r) { return r.oid == oid; });
  return row == fact_rows.end() ? nullptr : &*row;
}

void add(Found& found, const OTHERNAME& other) {
  const std::string oid = oid_text(*other.type_id);
  const auto text = string_text(*other.value);
  const FactRow* row = fact_of(oid);
  if (row != nullptr && text && found.facts.emplace(row->fact, *text).second) return;
  found.others.push_back({oid, text});
}

Found other_names(const Certificate& certificate) {
  Found found;
  const auto names = extension<GENERAL_NAMES, GENERAL_NAMES_free>(certificate.x509(), NID_subject_alt_name);
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_OTHERNAME) add(found, *name->d.otherName);
  }
  return found;
}

std::optional<std::string> fact_text(const Found& found, Fact fact) {
  const auto at = found.facts.find(fact);
  return at == found.facts.end() ? std::nullopt : std::optional(at->second);
}

std::optional<MarkedText> marked(const Found& found, Fact text, Fact marks) {
  auto value = fact_text(found, text);
  if (!value) return std::nullopt;
  return MarkedText{std::move(*value), fact_text(found, marks).value_or("")};
}

}  // namespace

bool MarkedText::fits() const {
  return marks.find_first_not_of("01") == marks.npos && marks.size() == characters(text).size();
}

std::vector<std::size_t> MarkedText::substituted() const {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; fits() && i < marks.size(); ++i) {
    if (marks[i] == '1') places.push_back(i);
  }
  return places;
}

std::optional<Person> person_of(const Certificate& certificate) {
  Found found = other_names(certificate);
  if (found.facts.empty()) return std::nullopt;
  Person person{marked(found, Fact::name, Fact::substituted_name),
                marked(found, Fact::address, Fact::substituted_address),
                {},
                {},
                std::move(found.others)};
  if (const auto code = fact_text(found, Fact::birth)) person.birth = Birth{*code, read_birth_code(*code)};
  if (const auto code = fact_text(found, Fact::sex))
    person.sex = Sex{*code, code->size() == 1 ? find_sex(*code) : nullptr};
  return person;
}

}  // namespace jpki::service
