#include "core/object_store.hpp"
#include "core/schema.hpp"
#include "support/catch.hpp"
#include "support/returns.hpp"

using namespace jpki;
using namespace jpki::core;
using test::rv_of;

namespace {

AttributeMap certificate(std::string_view label, bool is_private = false) {
  AttributeMap map;
  map.put(CKA_CLASS, CKO_CERTIFICATE).put(CKA_TOKEN, true).put(CKA_PRIVATE, is_private).put(CKA_LABEL, label);
  return map;
}

/// An object whose value must be fetched; `there` tells whether it turns out to exist.
class Fetched final : public Object {
 public:
  Fetched(AttributeMap known, bool there) : Object(std::move(known)), there_(there) { mark_pending(); }
  [[nodiscard]] bool defers(CK_ATTRIBUTE_TYPE type) const override { return type == CKA_VALUE; }
  [[nodiscard]] bool uncertain() const override { return true; }
  [[nodiscard]] std::optional<AttributeMap> load() override {
    ++loads;
    if (!there_) return std::nullopt;
    AttributeMap map;
    map.put(CKA_VALUE, "fetched");
    return map;
  }
  int loads = 0;

 private:
  bool there_;
};

Template wanted(CK_ATTRIBUTE& attribute) { return {&attribute, 1}; }

}  // namespace

TEST_CASE("an attribute map tells empty from absent, and the last value wins") {
  AttributeMap map;
  map.put(CKA_LABEL, "").put(CKA_ID, "1").put(CKA_ID, "22").put(CKA_TOKEN, true).put(CKA_CLASS, CKO_DATA);
  CHECK(map.get(CKA_LABEL)->empty());
  CHECK_FALSE(map.get(CKA_SUBJECT).has_value());
  CHECK(text_of(*map.get(CKA_ID)) == "22");
  CHECK(map.flag(CKA_TOKEN));
  CHECK_FALSE(map.flag(CKA_PRIVATE));
  CHECK(map.number(CKA_CLASS) == CKO_DATA);
  CHECK_FALSE(map.number(CKA_ID).has_value());
  CHECK(map.size() == 4);
}

TEST_CASE("templates: NULL and absurd ones are refused") {
  CHECK(rv_of([] { Template(nullptr, 1); }) == CKR_ARGUMENTS_BAD);
  CHECK(rv_of([] { Template(nullptr, 0); }) == CKR_OK);
  CK_ATTRIBUTE attribute{CKA_LABEL, nullptr, 5};
  CHECK(rv_of([&] { Template(&attribute, 1); }) == CKR_ATTRIBUTE_VALUE_INVALID);
  CHECK(rv_of([&] { Template(&attribute, ~0UL); }) == CKR_ARGUMENTS_BAD);
  char label[] = "x";
  attribute = {CKA_LABEL, label, CK_UNAVAILABLE_INFORMATION};
  CHECK(rv_of([&] { Template(&attribute, 1); }) == CKR_ATTRIBUTE_VALUE_INVALID);
}

TEST_CASE("handles of a store never name anything else") {
  ObjectStore store;
  ObjectStore other;
  const auto first = store.add(std::make_shared<Object>(certificate("one")));
  CHECK(store.find(first) != nullptr);
  CHECK(other.find(first) == nullptr);
  store.remove(first);
  const auto second = store.add(std::make_shared<Object>(certificate("two")));
  CHECK(first != second);
  CHECK(store.find(first) == nullptr);
  CHECK(store.find(0) == nullptr);
  CHECK(store.find(~0UL) == nullptr);
}

TEST_CASE("a search matches every attribute, and an empty template all but hardware features") {
  ObjectStore store;
  const auto one = store.add(std::make_shared<Object>(certificate("one")));
  const auto two = store.add(std::make_shared<Object>(certificate("two")));
  AttributeMap feature;
  feature.put(CKA_CLASS, CKO_HW_FEATURE);
  const auto clock = store.add(std::make_shared<Object>(std::move(feature)));
  CHECK(store.search({}) == std::vector{one, two});
  char label[] = "two";
  CK_ATTRIBUTE by_label{CKA_LABEL, label, 3};
  CHECK(store.search(wanted(by_label)) == std::vector{two});
  CK_OBJECT_CLASS hardware = CKO_HW_FEATURE;
  CK_ATTRIBUTE by_class{CKA_CLASS, &hardware, sizeof hardware};
  CHECK(store.search(wanted(by_class)) == std::vector{clock});
  CK_ATTRIBUTE unknown{CKA_MODULUS, label, 3};
  CHECK(store.search(wanted(unknown)).empty());
}

TEST_CASE("what must be fetched is fetched when it matters, once") {
  ObjectStore store;
  auto there = std::make_shared<Fetched>(certificate("there"), true);
  auto absent = std::make_shared<Fetched>(certificate("absent"), false);
  const auto handle = store.add(there);
  const auto ghost = store.add(absent);

  SECTION("a search that excludes it fetches nothing") {
    CK_OBJECT_CLASS keys = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE by_class{CKA_CLASS, &keys, sizeof keys};
    CHECK(store.search(wanted(by_class)).empty());
    CHECK(there->loads + absent->loads == 0);
  }
  SECTION("a search that would match finds out whether it is there") {
    CHECK(store.search({}) == std::vector{handle});
    CHECK(store.search({}) == std::vector{handle});
    CHECK(there->loads == 1);
    CHECK(store.find(ghost) == nullptr);
  }
  SECTION("known attributes need no fetch, deferred ones do") {
    char buffer[16];
    CK_ATTRIBUTE label{CKA_LABEL, buffer, sizeof buffer};
    CHECK(store.read(handle, &label, 1) == CKR_OK);
    CHECK(there->loads == 0);
    CK_ATTRIBUTE value{CKA_VALUE, buffer, sizeof buffer};
    CHECK(store.read(handle, &value, 1) == CKR_OK);
    CHECK(std::string(buffer, value.ulValueLen) == "fetched");
    CHECK(there->loads == 1);
  }
}

TEST_CASE("private objects and a session's objects go together") {
  ObjectStore store;
  const auto open = store.add(std::make_shared<Object>(certificate("open")));
  const auto secret = store.add(std::make_shared<Object>(certificate("secret", true)));
  const auto mine = store.add(std::make_shared<Object>(certificate("mine")), 7);
  store.remove_private();
  CHECK(store.find(secret) == nullptr);
  store.remove_owned_by(7);
  CHECK(store.find(mine) == nullptr);
  CHECK(store.find(open) != nullptr);
}

TEST_CASE("C_GetAttributeValue answers each attribute as 5.7.5 says") {
  ObjectStore store;
  AttributeMap key;
  key.put(CKA_CLASS, CKO_PRIVATE_KEY)
      .put(CKA_KEY_TYPE, CKK_RSA)
      .put(CKA_SENSITIVE, true)
      .put(CKA_LABEL, "key");
  const auto handle = store.add(std::make_shared<Object>(std::move(key)));
  char label[3];
  char small[2];
  CK_ATTRIBUTE asked[] = {{CKA_LABEL, label, sizeof label},
                          {CKA_PRIVATE_EXPONENT, label, sizeof label},
                          {CKA_LABEL, small, sizeof small},
                          {CKA_VALUE_LEN, nullptr, 0},
                          {CKA_LABEL, nullptr, 0}};
  const CK_RV rv = store.read(handle, asked, 5);
  CHECK((rv == CKR_ATTRIBUTE_SENSITIVE || rv == CKR_BUFFER_TOO_SMALL || rv == CKR_ATTRIBUTE_TYPE_INVALID));
  CHECK(std::string(label, 3) == "key");
  CHECK(asked[0].ulValueLen == 3);
  CHECK(asked[1].ulValueLen == CK_UNAVAILABLE_INFORMATION);
  CHECK(asked[2].ulValueLen == CK_UNAVAILABLE_INFORMATION);
  CHECK(asked[3].ulValueLen == CK_UNAVAILABLE_INFORMATION);
  CHECK(asked[4].ulValueLen == 3);
  CHECK(store.read(handle, &asked[1], 1) == CKR_ATTRIBUTE_SENSITIVE);
  CHECK(rv_of([&] { static_cast<void>(store.read(handle + 1, asked, 1)); }) == CKR_OBJECT_HANDLE_INVALID);
}

TEST_CASE("creation templates are held against the rows") {
  CK_OBJECT_CLASS object_class = CKO_PUBLIC_KEY;
  CK_KEY_TYPE rsa = CKK_RSA;
  CK_BBOOL yes = CK_TRUE;
  CK_BYTE modulus[] = {0xC1, 0x03};
  CK_BYTE exponent[] = {3};
  std::vector<CK_ATTRIBUTE> full = {{CKA_CLASS, &object_class, sizeof object_class},
                                    {CKA_KEY_TYPE, &rsa, sizeof rsa},
                                    {CKA_MODULUS, modulus, sizeof modulus},
                                    {CKA_PUBLIC_EXPONENT, exponent, sizeof exponent}};
  const auto check = [](const std::vector<CK_ATTRIBUTE>& attributes) {
    return rv_of([&] {
      const Template wanted(attributes.data(), attributes.size());
      static_cast<void>(new_object(wanted, Origin::created, CKO_PUBLIC_KEY, CKK_RSA));
    });
  };
  CHECK(check(full) == CKR_OK);
  auto less = full;
  less.pop_back();
  CHECK(check(less) == CKR_TEMPLATE_INCOMPLETE);
  auto more = full;
  more.push_back({CKA_LOCAL, &yes, 1});
  CHECK(check(more) == CKR_ATTRIBUTE_READ_ONLY);
  more.back() = {CKA_EC_PARAMS, exponent, 1};
  CHECK(check(more) == CKR_ATTRIBUTE_TYPE_INVALID);
  more.back() = {CKA_VERIFY, exponent, 1};
  CHECK(check(more) == CKR_ATTRIBUTE_VALUE_INVALID);
  more.back() = full[2];
  CHECK(check(more) == CKR_TEMPLATE_INCONSISTENT);
}

TEST_CASE("a change keeps to the footnotes") {
  CK_BBOOL yes = CK_TRUE;
  CK_BBOOL no = CK_FALSE;
  AttributeMap key;
  key.put(CKA_CLASS, CKO_PRIVATE_KEY)
      .put(CKA_KEY_TYPE, CKK_RSA)
      .put(CKA_SENSITIVE, true)
      .put(CKA_EXTRACTABLE, false);
  const auto change = [&key](CK_ATTRIBUTE attribute) {
    return rv_of([&] { check_change(key, Template(&attribute, 1)); });
  };
  CHECK(change({CKA_SENSITIVE, &yes, 1}) == CKR_OK);
  CHECK(change({CKA_SENSITIVE, &no, 1}) == CKR_ATTRIBUTE_READ_ONLY);     // footnote 11
  CHECK(change({CKA_EXTRACTABLE, &yes, 1}) == CKR_ATTRIBUTE_READ_ONLY);  // footnote 12
  CHECK(change({CKA_LABEL, &yes, 1}) == CKR_OK);
  CHECK(change({CKA_LOCAL, &yes, 1}) == CKR_ATTRIBUTE_READ_ONLY);
  CHECK(change({CKA_EC_POINT, &yes, 1}) == CKR_ATTRIBUTE_TYPE_INVALID);
}

TEST_CASE("a new key has the standard's defaults, and only the officer trusts") {
  AttributeMap map = new_object(Template(), Origin::generated, CKO_PRIVATE_KEY, CKK_RSA);
  CHECK(map.flag(CKA_SENSITIVE));
  CHECK_FALSE(map.flag(CKA_TOKEN));
  CHECK(map.number(CKA_KEY_GEN_MECHANISM) == CK_UNAVAILABLE_INFORMATION);
  CK_BBOOL yes = CK_TRUE;
  CK_ULONG bits = 2048;
  CK_ATTRIBUTE trusted[] = {{CKA_TRUSTED, &yes, 1}, {CKA_MODULUS_BITS, &bits, sizeof bits}};
  const auto with = [&](bool officer) {
    return rv_of([&] {
      static_cast<void>(
          new_object(Template(trusted, 2), Origin::generated, CKO_PUBLIC_KEY, CKK_RSA, officer));
    });
  };
  CHECK(with(false) == CKR_ATTRIBUTE_READ_ONLY);
  CHECK(with(true) == CKR_OK);
  CHECK(rv_of([&] {
          static_cast<void>(new_object(Template(), Origin::generated, CKO_PUBLIC_KEY, CKK_RSA));
        }) == CKR_TEMPLATE_INCOMPLETE);
}
