// The objects of both tokens: which are there, with which attributes, before login, after it, and after
// logout.
#include <algorithm>
#include <array>

#include "../abi/tsv.hpp"
#include "base/hex.hpp"
#include "expected_objects.hpp"
#include "support.hpp"

using namespace scenario;

namespace {

/// Every attribute type of the standard, by name.
const std::vector<std::pair<std::string, CK_ATTRIBUTE_TYPE>>& attribute_types() {
  static const auto found = [] {
    std::vector<std::pair<std::string, CK_ATTRIBUTE_TYPE>> types;
    for (const auto& row : read_tsv("constants.tsv"))
      if (row.at(0).rfind("CKA_", 0) == 0) types.emplace_back(row.at(0), std::stoul(row.at(1), nullptr, 0));
    return types;
  }();
  return found;
}

/// All attributes that an object shows, but for the unique id, which only has to be unique.
Attributes shown(World& world, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
  Attributes found;
  for (const auto& [name, type] : attribute_types())
    if (const auto value = world.value(session, object, type)) found[type] = *value;
  CHECK(found[CKA_UNIQUE_ID].size() > 4);
  found.erase(CKA_UNIQUE_ID);
  return found;
}

/// A line for each attribute: the object's class and id, the attribute's name, its value.
std::vector<std::string> lines(const std::vector<Attributes>& objects) {
  std::vector<std::string> all;
  for (const auto& object : objects) {
    const auto id = object.find(object.at(CKA_CLASS)[0] == CKO_PROFILE ? CKA_PROFILE_ID : CKA_ID);
    const std::string name = jpki::to_hex(object.at(CKA_CLASS)).substr(0, 2) + "-" +
                             (id == object.end() ? "" : jpki::to_hex(id->second).substr(0, 2));
    for (const auto& [type_name, type] : attribute_types())
      if (const auto found = object.find(type); found != object.end())
        all.push_back(name + " " + type_name + " = " + jpki::to_hex(found->second));
  }
  std::sort(all.begin(), all.end());
  return all;
}

/// Lines that only one of the two has: "+" what is there and should not be, "-" what is missing.
std::vector<std::string> differences(const std::vector<Attributes>& there,
                                     const std::vector<Attributes>& wanted) {
  const auto has = lines(there), should = lines(wanted);
  std::vector<std::string> more, less, all;
  std::set_difference(has.begin(), has.end(), should.begin(), should.end(), std::back_inserter(more));
  std::set_difference(should.begin(), should.end(), has.begin(), has.end(), std::back_inserter(less));
  for (const auto& line : more) all.push_back("+ " + line);
  for (const auto& line : less) all.push_back("- " + line);
  return all;
}

std::vector<Attributes> shown(World& world, CK_SESSION_HANDLE session) {
  std::vector<Attributes> all;
  for (const auto object : world.find(session)) all.push_back(shown(world, session, object));
  return all;
}

const std::vector<std::string> none;

std::vector<Attributes> operator+(std::vector<Attributes> a, const std::vector<Attributes>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

TEST_CASE("the authentication token's objects, attribute for attribute") {
  World world;
  const auto der = world.card().certificate("auth"), ca = world.card().certificate("auth-ca");
  const std::vector<Attributes> open{
      expected_certificate(authentication, der),   expected_public_key(authentication, der),
      expected_ca_certificate(authentication, ca), expected_profile(CKP_BASELINE_PROVIDER),
      expected_profile(CKP_AUTHENTICATION_TOKEN),  expected_profile(CKP_PUBLIC_CERTIFICATES_TOKEN)};
  const auto session = world.open(auth_slot);
  CHECK(differences(shown(world, session), open) == none);
  REQUIRE(world.login(session, "1234") == CKR_OK);
  CHECK(differences(shown(world, session), open + std::vector{expected_private_key(authentication, der)}) ==
        none);
  REQUIRE(rv(world->C_Logout(session)) == CKR_OK);
  CHECK(differences(shown(world, session), open) == none);
}

TEST_CASE("the signature token's objects, attribute for attribute") {
  World world;
  const auto der = world.card().certificate("sign"), ca = world.card().certificate("sign-ca");
  const std::vector<Attributes> open{expected_ca_certificate(signature, ca),
                                     expected_profile(CKP_BASELINE_PROVIDER),
                                     expected_profile(CKP_AUTHENTICATION_TOKEN)};
  const std::vector<Attributes> closed{expected_certificate(signature, der),
                                       expected_public_key(signature, der),
                                       expected_private_key(signature, der)};
  const auto session = world.open(sign_slot);
  CHECK(differences(shown(world, session), open) == none);
  REQUIRE(world.login(session, "ABC123") == CKR_OK);
  CHECK(differences(shown(world, session), open + closed) == none);
  REQUIRE(rv(world->C_Logout(session)) == CKR_OK);
  CHECK(differences(shown(world, session), open) == none);
}

TEST_CASE("the Juki card's objects are those of a signature token, with its smaller key") {
  World world({.cards = {Kind::juki}});
  const auto der = world.card().certificate("sign"), ca = world.card().certificate("sign-ca");
  const auto session = world.logged_in(sign_slot);
  CHECK(differences(shown(world, session),
                    {expected_certificate(signature, der), expected_public_key(signature, der),
                     expected_private_key(signature, der), expected_ca_certificate(signature, ca),
                     expected_profile(CKP_BASELINE_PROVIDER), expected_profile(CKP_AUTHENTICATION_TOKEN)}) ==
        none);
  CHECK(expected_public_key(signature, der).at(CKA_MODULUS).size() == 128);
}

TEST_CASE("unique ids are unique in both tokens") {
  World world;
  std::vector<Bytes> ids;
  for (const auto slot : {auth_slot, sign_slot}) {
    const auto session = world.logged_in(slot);
    for (const auto object : world.find(session))
      ids.push_back(world.value(session, object, CKA_UNIQUE_ID).value());
  }
  CHECK(ids.size() == 13);
  std::sort(ids.begin(), ids.end());
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
}

TEST_CASE("handles of private objects die with the login, for ever") {
  World world;
  const auto session = world.logged_in(sign_slot);
  const auto old = world.find(session);
  const auto old_key = world.private_key(session);
  REQUIRE(rv(world->C_Logout(session)) == CKR_OK);
  CK_ATTRIBUTE label{CKA_LABEL, nullptr, 0};
  CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
  CHECK(rv(world->C_GetAttributeValue(session, old_key, &label, 1)) == CKR_OBJECT_HANDLE_INVALID);
  CHECK(rv(world->C_SignInit(session, &mechanism, old_key)) == CKR_KEY_HANDLE_INVALID);
  REQUIRE(world.login(session, "ABC123") == CKR_OK);
  CHECK(rv(world->C_GetAttributeValue(session, old_key, &label, 1)) == CKR_OBJECT_HANDLE_INVALID);
  CHECK(world.private_key(session) != old_key);
  std::size_t still = 0;
  for (const auto handle : world.find(session)) still += std::count(old.begin(), old.end(), handle) > 0;
  CHECK(still == 3);  // CA certificate and profiles: they were public all the time
}

TEST_CASE("a private object is not found before login even by who knows all of it") {
  World world;
  const auto session = world.open(sign_slot);
  CK_OBJECT_CLASS wanted = CKO_CERTIFICATE;
  CK_BBOOL yes = CK_TRUE;
  CK_BYTE id = 2;
  CHECK(world.find(session, {{CKA_CLASS, &wanted, sizeof wanted}, {CKA_PRIVATE, &yes, 1}, {CKA_ID, &id, 1}})
            .empty());
  REQUIRE(world.login(session, "ABC123") == CKR_OK);
  CHECK(world.find(session, {{CKA_CLASS, &wanted, sizeof wanted}, {CKA_PRIVATE, &yes, 1}, {CKA_ID, &id, 1}})
            .size() == 1);
}

TEST_CASE("searches for what a card never has cost no command") {
  World world;
  const auto session = world.open(auth_slot), other = world.open(sign_slot);
  const auto mark = world.card().mark();
  constexpr CK_OBJECT_CLASS nss_trust = 0xCE534353, nss_builtin_roots = 0xCE534354;
  for (CK_OBJECT_CLASS wanted : {nss_trust, nss_builtin_roots, CKO_TRUST, CKO_VALIDATION, CKO_MECHANISM,
                                 CKO_DATA, CKO_SECRET_KEY, CKO_DOMAIN_PARAMETERS, CKO_PRIVATE_KEY}) {
    CHECK(world.find_class(session, wanted).empty());
    CHECK(world.find_class(other, wanted).empty());
  }
  CHECK(world.find_class(session, CKO_PROFILE).size() == 3);
  CHECK(world.find_class(other, CKO_PROFILE).size() == 2);
  CHECK(world.card().mark() == mark);
}

TEST_CASE("attributes once read cost no command, lengths and unknown ones neither") {
  World world;
  const auto session = world.logged_in(auth_slot);
  const auto objects = world.find(session);
  for (const auto object : objects) static_cast<void>(shown(world, session, object));
  const auto mark = world.card().mark();
  for (const auto object : world.find(session)) static_cast<void>(shown(world, session, object));
  CHECK(world.card().mark() == mark);
}

TEST_CASE("many attributes at once: what can be answered is, whatever the others are") {
  World world;
  const auto session = world.logged_in(auth_slot);
  const auto key = world.private_key(session);
  CK_BYTE id[8]{}, label[64]{}, exponent[300]{}, too_short[16]{}, unknown[8]{};
  std::fill(std::begin(too_short), std::end(too_short), CK_BYTE{0xEE});
  std::array<CK_ATTRIBUTE, 6> asked{{{CKA_PRIVATE_EXPONENT, exponent, sizeof exponent},
                                     {CKA_ID, id, sizeof id},
                                     {CKA_MODULUS, too_short, sizeof too_short},
                                     {CKA_VENDOR_DEFINED | 1, unknown, sizeof unknown},
                                     {CKA_MODULUS, nullptr, 0},
                                     {CKA_LABEL, label, sizeof label}}};
  const auto answer = rv(world->C_GetAttributeValue(session, key, asked.data(), asked.size()));
  const bool one_of_three = answer == CKR_ATTRIBUTE_SENSITIVE || answer == CKR_ATTRIBUTE_TYPE_INVALID ||
                            answer == CKR_BUFFER_TOO_SMALL;
  CHECK(one_of_three);
  CHECK(asked[0].ulValueLen == CK_UNAVAILABLE_INFORMATION);
  CHECK(asked[1].ulValueLen == 1);
  CHECK(id[0] == 1);
  CHECK(asked[2].ulValueLen == CK_UNAVAILABLE_INFORMATION);
  CHECK(std::count(std::begin(too_short), std::end(too_short), 0xEE) == sizeof too_short);
  CHECK(asked[3].ulValueLen == CK_UNAVAILABLE_INFORMATION);
  CHECK(asked[4].ulValueLen == 256);
  CHECK(text(label, asked[5].ulValueLen) == "User Authentication Key");
  CHECK(std::count(std::begin(exponent), std::end(exponent), 0) == sizeof exponent);
}

TEST_CASE("what a private key keeps to itself is sensitive, not unknown") {
  World world;
  const auto session = world.logged_in(auth_slot);
  for (const auto type :
       {CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2, CKA_EXPONENT_1, CKA_EXPONENT_2, CKA_COEFFICIENT}) {
    CK_ATTRIBUTE asked{type, nullptr, 0};
    CHECK(rv(world->C_GetAttributeValue(session, world.private_key(session), &asked, 1)) ==
          CKR_ATTRIBUTE_SENSITIVE);
    CHECK(asked.ulValueLen == CK_UNAVAILABLE_INFORMATION);
  }
}

TEST_CASE("nothing on the card can be changed, copied or destroyed") {
  World world;
  const auto session = world.logged_in(auth_slot);
  CK_UTF8CHAR name[] = "mine";
  CK_ATTRIBUTE label{CKA_LABEL, name, 4};
  for (const auto object : world.find(session)) {
    CK_OBJECT_HANDLE copy = 0;
    CHECK(rv(world->C_SetAttributeValue(session, object, &label, 1)) == CKR_ACTION_PROHIBITED);
    CHECK(rv(world->C_DestroyObject(session, object)) == CKR_ACTION_PROHIBITED);
    CHECK(rv(world->C_CopyObject(session, object, &label, 1, &copy)) == CKR_FUNCTION_NOT_SUPPORTED);
  }
}

TEST_CASE("searches: one at a time, in pieces, ended when done") {
  World world;
  const auto session = world.open(auth_slot);
  CK_OBJECT_HANDLE handles[2]{};
  CK_ULONG count = 99;
  CHECK(rv(world->C_FindObjects(session, handles, 2, &count)) == CKR_OPERATION_NOT_INITIALIZED);
  REQUIRE(rv(world->C_FindObjectsInit(session, nullptr, 0)) == CKR_OK);
  CHECK(rv(world->C_FindObjectsInit(session, nullptr, 0)) == CKR_OPERATION_ACTIVE);
  std::size_t total = 0;
  while (world->C_FindObjects(session, handles, 2, &count) == CKR_OK && count > 0) total += count;
  CHECK(total == 6);
  CHECK(rv(world->C_FindObjectsFinal(session)) == CKR_OK);
  CHECK(rv(world->C_FindObjectsFinal(session)) == CKR_OPERATION_NOT_INITIALIZED);
}
