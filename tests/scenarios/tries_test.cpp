// The vendor's hardware feature (include/jpki/vendor.h): the PIN's tries, told to who asks its class. Three
// and five tries: the service's guide.
#include <jpki/vendor.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "../abi/tsv.hpp"
#include "support.hpp"

using namespace scenario;

namespace {

CK_OBJECT_HANDLE feature(World& world, CK_SESSION_HANDLE session) {
  const auto found = world.find_class(session, CKO_HW_FEATURE);
  REQUIRE(found.size() == 1);
  return found[0];
}

std::optional<CK_ULONG> number(World& world, CK_SESSION_HANDLE session, CK_ATTRIBUTE_TYPE type) {
  const auto value = world.value(session, feature(world, session), type);
  CK_ULONG found = 0;
  if (!value || value->size() != sizeof found) return std::nullopt;
  std::memcpy(&found, value->data(), sizeof found);
  return found;
}

CK_ULONG tries(World& world, CK_SESSION_HANDLE session) { return number(world, session, CKA_VALUE).value(); }

}  // namespace

TEST_CASE("the tries left, in an object that no other search finds") {
  World world;
  const std::map<CK_SLOT_ID, CK_ULONG> full{{auth_slot, 3}, {sign_slot, 5}};
  for (const auto& [slot, limit] : full) {
    const auto session = world.open(slot);
    const auto object = feature(world, session);
    CHECK(number(world, session, CKA_HW_FEATURE_TYPE) == CKH_JPKI_PIN_TRIES);
    CHECK(tries(world, session) == limit);
    const auto all = world.find(session);
    CHECK(std::find(all.begin(), all.end(), object) == all.end());
    CK_HW_FEATURE_TYPE type = CKH_JPKI_PIN_TRIES;
    CHECK(world.find(session, {{CKA_HW_FEATURE_TYPE, &type, sizeof type}}).empty());
    CK_OBJECT_CLASS wanted = CKO_HW_FEATURE;
    CHECK(
        world.find(session, {{CKA_CLASS, &wanted, sizeof wanted}, {CKA_HW_FEATURE_TYPE, &type, sizeof type}})
            .size() == 1);
    type = CKH_CLOCK;
    CHECK(
        world.find(session, {{CKA_CLASS, &wanted, sizeof wanted}, {CKA_HW_FEATURE_TYPE, &type, sizeof type}})
            .empty());
  }
  CHECK(world.card().pins_sent() == 0);
}

TEST_CASE("it has three attributes, and nobody changes, copies or destroys it") {
  World world;
  const auto session = world.logged_in(auth_slot);
  const auto object = feature(world, session);
  std::vector<std::string> has;
  for (const auto& row : read_tsv("constants.tsv"))
    if (row.at(0).rfind("CKA_", 0) == 0 &&
        world.value(session, object, std::stoul(row.at(1), nullptr, 0)).has_value())
      has.push_back(row.at(0));
  std::sort(has.begin(), has.end());
  CHECK(has == std::vector<std::string>{"CKA_CLASS", "CKA_HW_FEATURE_TYPE", "CKA_VALUE"});
  CK_ULONG more = 9;
  CK_ATTRIBUTE value{CKA_VALUE, &more, sizeof more};
  CK_OBJECT_HANDLE copy = 0;
  CHECK(rv(world->C_SetAttributeValue(session, object, &value, 1)) == CKR_ACTION_PROHIBITED);
  CHECK(rv(world->C_DestroyObject(session, object)) == CKR_ACTION_PROHIBITED);
  CHECK(rv(world->C_CopyObject(session, object, nullptr, 0, &copy)) == CKR_FUNCTION_NOT_SUPPORTED);
  CHECK(tries(world, session) == 3);
}

TEST_CASE(
    "searching for it costs nothing, reading one question, C_GetTokenInfo refreshes it; no try is spent") {
  World world;
  const auto session = world.open(sign_slot);
  const auto object = feature(world, session);
  auto mark = world.card().mark();
  CHECK(feature(world, session) == object);
  CHECK(number(world, session, CKA_HW_FEATURE_TYPE) == CKH_JPKI_PIN_TRIES);
  CHECK(world.card().mark() == mark);
  CHECK(tries(world, session) == 5);
  CHECK(world.card().mark() > mark);
  mark = world.card().mark();
  CHECK(tries(world, session) == 5);
  CHECK(world.card().mark() == mark);

  REQUIRE(world.login(session, "XYZ789") == CKR_PIN_INCORRECT);
  for (const CK_ULONG left : {4UL, 3UL, 2UL, 1UL, 0UL}) {
    world.card().tries("sign", static_cast<int>(left));
    static_cast<void>(world.token_info(sign_slot));
    CHECK(tries(world, session) == left);
    CHECK(feature(world, session) == object);
  }
  CHECK(world.card().tries("sign") == 0);
  CHECK(world.card().pins_sent() == 1);
}

TEST_CASE("a card that leaves takes it away") {
  World world;
  const auto session = world.open(auth_slot);
  const auto object = feature(world, session);
  world.card().remove();
  CK_ULONG left = 0;
  CK_ATTRIBUTE value{CKA_VALUE, &left, sizeof left};
  CHECK(rv(world->C_GetAttributeValue(session, object, &value, 1)) != CKR_OK);
}
