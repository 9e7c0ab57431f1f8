#include "soft_store_support.hpp"

using namespace jpki;
using namespace jpki::test;

namespace {

constexpr std::string_view wrong_pin = "not the PIN";

token::PinCheck try_user(SoftStore& store, std::string_view pin) {
  return store.check_user_pin(bytes_of(pin));
}
token::PinCheck try_officer(SoftStore& store, std::string_view pin) {
  return store.check_officer_pin(bytes_of(pin));
}

void check(const token::PinCheck& result, PinOutcome outcome, unsigned left) {
  CHECK(result.outcome == outcome);
  CHECK(result.left == left);
}

}  // namespace

TEST_CASE(
    "wrong user PINs count down to locked, also over opening anew, and the right one is then worth nothing") {
  const TokenFolder folder;
  auto store = folder.ready();
  const auto path = store->path();
  const auto id = store->insert(object("private", true));
  store->forget_key();
  check(try_user(*store, wrong_pin), PinOutcome::wrong, 4);
  check(try_user(*store, user_pin), PinOutcome::accepted, 5);
  for (unsigned left = 4; left > 0; --left) {
    check(try_user(*store, wrong_pin), PinOutcome::wrong, left);
    store.reset();
    store = SoftStore::open(path);
    CHECK(store->facts().user.left == left);
  }
  check(try_user(*store, wrong_pin), PinOutcome::wrong, 0);
  check(try_user(*store, user_pin), PinOutcome::locked, 0);
  check(store->change_user_pin(bytes_of(user_pin), bytes_of("another")), PinOutcome::locked, 0);
  CHECK(store->facts().officer.left == 5);
  CHECK(store->holder() == SoftStore::Holder::nobody);

  check(try_officer(*store, officer_pin), PinOutcome::accepted, 5);
  store->init_user_pin(bytes_of("the new one"));
  CHECK(store->facts().user.left == 5);
  check(try_user(*store, user_pin), PinOutcome::wrong, 4);
  check(try_user(*store, "the new one"), PinOutcome::accepted, 5);
  CHECK(text(store->load(id).attributes) == text(object("private", true)));
}

TEST_CASE("the officer's PIN has a counter of its own, and nothing unlocks it") {
  const TokenFolder folder;
  auto options = cheap;
  options.officer_tries = 2;
  const auto store = folder.blank(options);
  check(try_officer(*store, wrong_pin), PinOutcome::wrong, 1);
  check(try_officer(*store, officer_pin), PinOutcome::accepted, 2);
  check(try_officer(*store, wrong_pin), PinOutcome::wrong, 1);
  check(store->reinitialize(bytes_of(wrong_pin), "x"), PinOutcome::wrong, 0);
  check(store->reinitialize(bytes_of(officer_pin), "x"), PinOutcome::locked, 0);
  check(try_officer(*store, officer_pin), PinOutcome::locked, 0);
  check(store->change_officer_pin(bytes_of(officer_pin), bytes_of("another")), PinOutcome::locked, 0);
  CHECK(store->facts().label == "a label");
  CHECK(store->facts().user.left == 5);
}

TEST_CASE("a PIN that was never set is not a wrong one") {
  const TokenFolder folder;
  const auto store = folder.blank();
  CHECK(reason_of([&] { try_user(*store, user_pin); }) == Reason::no_pin);
  CHECK(reason_of([&] { store->change_user_pin(bytes_of(user_pin), bytes_of("x")); }) == Reason::no_pin);
  CHECK(store->facts().user.left == 5);
}

TEST_CASE("changing a PIN takes the old one, which costs a try where it is wrong") {
  const TokenFolder folder;
  const auto store = folder.ready();
  const auto id = store->insert(object("private", true));
  check(store->change_user_pin(bytes_of(wrong_pin), bytes_of("1234")), PinOutcome::wrong, 4);
  CHECK(store->facts().user.left == 4);
  check(store->change_user_pin(bytes_of(user_pin), bytes_of("1234")), PinOutcome::accepted, 5);
  CHECK(store->facts().user.left == 5);
  CHECK(store->holder() == SoftStore::Holder::user);  // still logged in
  store->forget_key();
  check(try_user(*store, user_pin), PinOutcome::wrong, 4);
  check(try_user(*store, "1234"), PinOutcome::accepted, 5);
  CHECK(store->load(id).attributes.flag(CKA_PRIVATE));

  check(store->change_officer_pin(bytes_of(wrong_pin), bytes_of("5678")), PinOutcome::wrong, 4);
  check(store->change_officer_pin(bytes_of(officer_pin), bytes_of("5678")), PinOutcome::accepted, 5);
  check(try_officer(*store, officer_pin), PinOutcome::wrong, 4);
  check(try_officer(*store, "5678"), PinOutcome::accepted, 5);
}

TEST_CASE("PINs are bytes: empty ones, long ones and those with zeros work") {
  const TokenFolder folder;
  const auto store = folder.ready();
  std::string pin(user_pin);
  for (const std::string& next :
       {std::string(), std::string(1000, 'p'), std::string("a\0b", 3), std::string("a")}) {
    check(store->change_user_pin(bytes_of(pin), bytes_of(next)), PinOutcome::accepted, 5);
    check(try_user(*store, next), PinOutcome::accepted, 5);
    pin = next;
  }
  check(try_user(*store, std::string("a\0b", 3)), PinOutcome::wrong, 4);
}

TEST_CASE("only the officer sets the user's PIN") {
  const TokenFolder folder;
  const auto store = folder.ready();
  CHECK(store->holder() == SoftStore::Holder::user);
  CHECK(reason_of([&] { store->init_user_pin(bytes_of("x")); }) == Reason::no_key);
  store->forget_key();
  CHECK(reason_of([&] { store->init_user_pin(bytes_of("x")); }) == Reason::no_key);
  check(try_user(*store, user_pin), PinOutcome::accepted, 5);
}

TEST_CASE("a token made anew has lost its objects, its user's PIN and its key") {
  const TokenFolder folder;
  const auto store = folder.ready(), other = SoftStore::open(store->path());
  const auto id = store->insert(object("public", false));
  store->insert(object("private", true));
  CHECK(try_user(*other, user_pin).outcome == PinOutcome::accepted);
  CHECK(other->list().objects.size() == 2);
  const std::string serial = store->serial();

  check(store->reinitialize(bytes_of(wrong_pin), "x"), PinOutcome::wrong, 4);
  CHECK(store->list().objects.size() == 2);
  check(store->reinitialize(bytes_of(officer_pin), "a new label"), PinOutcome::accepted, 5);
  CHECK(store->holder() == SoftStore::Holder::nobody);
  const auto facts = store->facts();
  CHECK(facts.label == "a new label");
  CHECK(facts.serial == serial);
  CHECK_FALSE(facts.user.set);
  CHECK(facts.user.left == 5);
  CHECK(facts.officer.set);
  CHECK(store->list().objects.empty());

  // The other connection holds a key that opens nothing any more, and finds out.
  CHECK(reason_of([&] { other->insert(object("private", true)); }) == Reason::no_key);
  CHECK(other->holder() == SoftStore::Holder::nobody);
  CHECK(other->list().objects.empty());

  check(try_officer(*store, officer_pin), PinOutcome::accepted, 5);
  store->init_user_pin(bytes_of("1234"));
  check(try_user(*store, user_pin), PinOutcome::wrong, 4);
  check(try_user(*store, "1234"), PinOutcome::accepted, 5);
  CHECK(store->insert(object("private", true)) > id);
  CHECK(reason_of([&] { store->reinitialize(bytes_of(officer_pin), std::string(33, 'x')); }) ==
        Reason::too_large);
}

TEST_CASE("a user's PIN lost by making the token anew locks it no longer") {
  const TokenFolder folder;
  const auto store = folder.ready();
  while (try_user(*store, wrong_pin).outcome != PinOutcome::locked) {
  }
  check(store->reinitialize(bytes_of(officer_pin), "x"), PinOutcome::accepted, 5);
  CHECK(store->facts().user.left == 5);
}

TEST_CASE("counters are one for all connections") {
  const TokenFolder folder;
  const auto one = folder.ready(), two = SoftStore::open(one->path());
  check(try_user(*one, wrong_pin), PinOutcome::wrong, 4);
  check(try_user(*two, wrong_pin), PinOutcome::wrong, 3);
  CHECK(one->facts().user.left == 3);
  check(two->change_user_pin(bytes_of(user_pin), bytes_of("1234")), PinOutcome::accepted, 5);
  CHECK(one->facts().user.left == 5);
  check(try_user(*one, user_pin), PinOutcome::wrong, 4);
}

TEST_CASE("a wrong PIN changes nothing about who is logged in") {
  const TokenFolder folder;
  const auto store = folder.ready();
  check(try_user(*store, wrong_pin), PinOutcome::wrong, 4);
  check(try_officer(*store, wrong_pin), PinOutcome::wrong, 4);
  CHECK(store->holder() == SoftStore::Holder::user);
  store->insert(object("private", true));
  check(try_officer(*store, officer_pin), PinOutcome::accepted, 5);
  CHECK(store->holder() == SoftStore::Holder::officer);
  CHECK(store->list().objects.empty());
}
