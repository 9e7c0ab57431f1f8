#include <algorithm>
#include <thread>

#include "soft_store_support.hpp"

using namespace jpki;
using namespace jpki::test;

namespace {

std::vector<std::string> labels(SoftStore& store) {
  std::vector<std::string> found;
  for (const auto& listed : store.list().objects) {
    found.emplace_back(text_of(listed.brief.get(CKA_LABEL).value_or(ByteView{})));
  }
  return found;
}

using Labels = std::vector<std::string>;

}  // namespace

TEST_CASE("a new token has a label, a serial number, an officer's PIN and nothing else") {
  const TokenFolder folder;
  auto options = cheap;
  options.flags = 0xFEDCBA9876543210U;
  options.user_tries = 3;
  const auto store = folder.blank(options);
  const auto facts = store->facts();
  CHECK(facts.label == "a label");
  CHECK(facts.serial.size() == 16);
  CHECK(facts.serial.find_first_not_of("0123456789ABCDEF") == std::string::npos);
  CHECK(facts.serial == store->serial());
  CHECK(facts.flags == 0xFEDCBA9876543210U);
  CHECK_FALSE(facts.user.set);
  CHECK(facts.user.left == 3);
  CHECK(facts.user.limit == 3);
  CHECK(facts.officer.set);
  CHECK(facts.officer.left == 5);
  CHECK(store->list().objects.empty());
  CHECK(store->holder() == SoftStore::Holder::nobody);
  CHECK(token::soft_token_files(folder.path()) == std::vector{store->path()});
  CHECK(folder.blank()->serial() != store->serial());
  CHECK(token::soft_token_files(folder.path()).size() == 2);
}

TEST_CASE("options that make no sense are refused") {
  const TokenFolder folder;
  for (const token::StoreOptions& bad :
       {token::StoreOptions{0, 5, crypto::lowest_cost, 0}, token::StoreOptions{5, 16, crypto::lowest_cost, 0},
        token::StoreOptions{5, 5, {3, 1, 1}, 0}}) {
    CHECK(reason_of([&] { static_cast<void>(folder.blank(bad)); }) == Reason::failed);
  }
  CHECK(reason_of([&] {
          SoftStore::create(folder.path(), std::string(33, 'x'), bytes_of(officer_pin), cheap);
        }) == Reason::too_large);
  CHECK(token::soft_token_files(folder.path()).empty());
}

TEST_CASE("objects are what they were when the token is opened again") {
  const TokenFolder folder;
  auto store = folder.ready();
  const auto open_object = object("public", false), hidden = object("hidden", true);
  auto key = object("key", false, CKO_PRIVATE_KEY);
  key.put(CKA_PRIVATE_EXPONENT, "the exponent").put(CKA_MODULUS, "the modulus").put(CKA_VALUE, "");
  const auto first = store->insert(open_object), second = store->insert(hidden),
             third = store->insert(key, secret_types);
  CHECK(Labels{"public", "hidden", "key"} == labels(*store));

  const auto path = store->path();
  store.reset();
  store = SoftStore::open(path);
  CHECK(Labels{"public", "key"} == labels(*store));
  CHECK(text(store->load(first).attributes) == text(open_object));
  CHECK_FALSE(store->load(first).sealed);
  CHECK(reason_of([&] { static_cast<void>(store->load(second)); }) == Reason::no_key);
  const auto half = store->load(third);
  CHECK(half.sealed);
  CHECK(half.attributes.size() == key.size() - 2);
  CHECK(half.attributes.get(CKA_MODULUS).has_value());
  CHECK_FALSE(half.attributes.get(CKA_PRIVATE_EXPONENT).has_value());

  CHECK(store->check_user_pin(bytes_of(user_pin)).outcome == PinOutcome::accepted);
  CHECK(Labels{"public", "hidden", "key"} == labels(*store));
  CHECK(text(store->load(second).attributes) == text(hidden));
  CHECK(text(store->load(third).attributes) == text(key));
  CHECK_FALSE(store->load(third).sealed);
  store->forget_key();
  CHECK(Labels{"public", "key"} == labels(*store));
}

TEST_CASE("a listing gives the brief attributes and no others") {
  const TokenFolder folder;
  const auto store = folder.ready();
  for (const bool is_private : {false, true}) {
    auto map = object("an object", is_private, CKO_PRIVATE_KEY);
    map.put(CKA_KEY_TYPE, CK_ULONG{CKK_EC}).put(CKA_UNIQUE_ID, "u").put(CKA_EC_POINT, "p");
    const auto id = store->insert(map);
    const auto listing = store->list();
    const auto& listed = listing.objects.back();
    CHECK(listed.id == id);
    CHECK(listed.version == listing.generation);
    CHECK(listed.brief.number(CKA_CLASS) == CKO_PRIVATE_KEY);
    CHECK(listed.brief.number(CKA_KEY_TYPE) == CKK_EC);
    CHECK(listed.brief.flag(CKA_PRIVATE) == is_private);
    CHECK(listed.brief.flag(CKA_TOKEN));
    CHECK(text_of(*listed.brief.get(CKA_LABEL)) == "an object");
    CHECK(text_of(*listed.brief.get(CKA_UNIQUE_ID)) == "u");
    CHECK(listed.brief.get(CKA_ID)->size() == 3);
    CHECK(listed.brief.size() == 7);
  }
}

TEST_CASE("replacing and erasing keep the other objects; ids are not used again") {
  const TokenFolder folder;
  const auto store = folder.ready();
  const auto a = store->insert(object("a", false)), b = store->insert(object("b", true));
  const auto version = store->load(b).version;
  store->replace(b, object("B", true));
  CHECK(Labels{"a", "B"} == labels(*store));
  CHECK(store->load(b).version > version);
  store->erase(b);
  CHECK(Labels{"a"} == labels(*store));
  CHECK(reason_of([&] { static_cast<void>(store->load(b)); }) == Reason::no_object);
  CHECK(reason_of([&] { store->erase(b); }) == Reason::no_object);
  CHECK(reason_of([&] { store->replace(b, object("b", true)); }) == Reason::no_object);
  const auto c = store->insert(object("c", false));
  CHECK(c > b);
  store->replace(a, object("A", true));  // it becomes private
  CHECK(Labels{"A", "c"} == labels(*store));
  store->forget_key();
  CHECK(Labels{"c"} == labels(*store));
}

TEST_CASE("what is private is the user's to change") {
  const TokenFolder folder;
  const auto store = folder.ready();
  auto key = object("key", false, CKO_PRIVATE_KEY);
  key.put(CKA_VALUE, "secret");
  const auto sealed = store->insert(key, secret_types), hidden = store->insert(object("hidden", true));
  for (const bool officer : {false, true}) {
    store->forget_key();
    if (officer) store->check_officer_pin(bytes_of(officer_pin));
    CHECK(reason_of([&] { store->insert(object("p", true)); }) == Reason::no_key);
    CHECK(reason_of([&] { store->insert(key, secret_types); }) == Reason::no_key);
    CHECK(reason_of([&] { store->replace(hidden, object("h", false)); }) == Reason::no_key);
    CHECK(reason_of([&] { store->replace(sealed, object("h", false)); }) == Reason::no_key);
    CHECK(reason_of([&] { store->erase(hidden); }) == Reason::no_key);
    CHECK(reason_of([&] { static_cast<void>(store->load(hidden)); }) == Reason::no_key);
    CHECK(store->load(sealed).sealed);
    CHECK(Labels{"key"} == labels(*store));
  }
  store->forget_key();
  store->insert(object("public", false));
  store->erase(sealed);
  CHECK(Labels{"public"} == labels(*store));
}

TEST_CASE("nothing that is private can be read in the folder's files") {
  const TokenFolder folder;
  const auto store = folder.ready();
  auto key = object("VISIBLE-LABEL", false, CKO_PRIVATE_KEY);
  key.put(CKA_VALUE, "CONCEALED-VALUE");
  store->insert(key, secret_types);
  auto hidden = object("CONCEALED-LABEL", true);
  hidden.put(CKA_VALUE, "CONCEALED-TOO");
  store->insert(hidden);
  const std::string bytes = all_bytes(folder.path());
  CHECK(bytes.find("VISIBLE-LABEL") != std::string::npos);
  CHECK(bytes.find("CONCEALED") == std::string::npos);
  CHECK(bytes.find(user_pin) == std::string::npos);
  CHECK(bytes.find(officer_pin) == std::string::npos);
}

TEST_CASE("a transaction takes effect as a whole, once committed") {
  const TokenFolder folder;
  const auto store = folder.ready(), other = SoftStore::open(store->path());
  const auto kept = store->insert(object("kept", false));
  {
    token::StoreTransaction transaction(*store);
    transaction.insert(object("never", false));
    transaction.erase(kept);
  }
  CHECK(Labels{"kept"} == labels(*store));
  const auto before = store->list().generation;
  {
    token::StoreTransaction transaction(*store);
    const auto fresh = transaction.insert(object("one", false));
    transaction.replace(fresh, object("two", false));
    CHECK(text_of(*transaction.load(fresh).attributes.get(CKA_LABEL)) == "two");
    transaction.insert(object("three", true));
    transaction.erase(kept);
    CHECK(transaction.commit() == before + 1);
  }
  CHECK(Labels{"two", "three"} == labels(*store));
  CHECK(Labels{"two"} == labels(*other));
}

TEST_CASE("the generation tells of changes through any connection") {
  const TokenFolder folder;
  const auto one = folder.ready(), two = SoftStore::open(one->path());
  const auto generation = one->list().generation;
  CHECK(one->generation() == generation);
  CHECK(two->generation() == generation);
  const auto id = two->insert(object("x", false));
  CHECK(one->generation() == generation + 1);
  CHECK(one->list().generation == generation + 1);
  one->erase(id);
  CHECK(two->generation() == generation + 2);
  CHECK_THROWS_AS(one->erase(id), StoreError);
  CHECK(two->generation() == generation + 2);
}

TEST_CASE("the generation's file may be removed, cut short or filled with anything") {
  const TokenFolder folder;
  const auto one = folder.ready(), two = SoftStore::open(one->path());
  const auto file = one->path().string() + "-gen";
  SECTION("removed") {
    std::filesystem::remove(file);
    one->insert(object("x", false));
    CHECK(std::filesystem::file_size(file) == 8);
    const auto three = SoftStore::open(one->path());
    CHECK(three->generation() == three->list().generation);
  }
  SECTION("cut short") {
    std::filesystem::resize_file(file,
                                 3);  // to nothing, while it is mapped, would be a signal: see the header
    one->insert(object("x", false));
    CHECK(one->generation() == one->list().generation);
    CHECK(two->generation() == two->list().generation);
  }
  SECTION("empty when it is opened") {
    std::ofstream(file + "2").flush();
    std::filesystem::rename(file + "2", file);
    const auto three = SoftStore::open(one->path());
    CHECK(three->generation() == 0);
    const auto listed = three->list().generation;  // which sets it right
    CHECK(three->generation() == listed);
  }
  SECTION("something else") {
    std::fstream(file, std::ios::in | std::ios::out | std::ios::binary) << "whatever";
    const auto wrong = one->generation();
    const auto right = two->list().generation;
    CHECK(wrong != right);
    CHECK(one->generation() == right);
    CHECK(two->generation() == right);
  }
  SECTION("a folder") {
    std::filesystem::remove(file);
    std::filesystem::create_directory(file);
    const auto three = SoftStore::open(one->path());
    const auto listed = three->list().generation;
    CHECK(three->generation() == listed);
    one->insert(object("x", false));
    CHECK(three->generation() != listed);
    CHECK(three->generation() != listed + 1);
    CHECK(three->list().generation == listed + 1);
    CHECK(three->generation() == listed + 1);
  }
}

TEST_CASE("objects of many sizes, and those that are too large") {
  const TokenFolder folder;
  const auto store = folder.ready();
  for (const std::size_t size : {0, 1, 4000, 5000, 300000}) {
    for (const bool is_private : {false, true}) {
      auto map = object("sized", is_private);
      map.put(CKA_VALUE, Bytes(size, 0x5A));
      CHECK(store->load(store->insert(map)).attributes.get(CKA_VALUE)->size() == size);
    }
  }
  auto map = object("sized", false);
  map.put(CKA_VALUE, Bytes(5000000));
  CHECK(reason_of([&] { store->insert(map); }) == Reason::too_large);
  CHECK(reason_of([&] { store->insert(object(std::string(70000, 'x'), false)); }) == Reason::too_large);
  CHECK(reason_of([&] { store->insert(AttributeMap().put(CK_ATTRIBUTE_TYPE{1} << 40, "x")); }) ==
        Reason::too_large);
  CHECK(labels(*store).size() == 10);
}

TEST_CASE("an object without any attributes, and one whose secrets are all it has") {
  const TokenFolder folder;
  const auto store = folder.ready();
  const auto empty = store->insert(AttributeMap());
  CHECK(store->load(empty).attributes.size() == 0);
  const auto secret = store->insert(AttributeMap().put(CKA_VALUE, "v"), secret_types);
  CHECK(text_of(*store->load(secret).attributes.get(CKA_VALUE)) == "v");
  CHECK(store->list().objects.size() == 2);
}

TEST_CASE("threads use one store at once") {
  const TokenFolder folder;
  const auto store = folder.ready();
  constexpr int threads = 4, rounds = 8;
  std::vector<std::thread> running;
  for (int thread = 0; thread < threads; ++thread) {
    running.emplace_back([&, thread] {
      for (int round = 0; round < rounds; ++round) {
        const auto id = store->insert(object("t" + std::to_string(thread), thread % 2 == 0));
        static_cast<void>(store->load(id));
        static_cast<void>(store->list());
        static_cast<void>(store->generation());
        if (round % 2 == 0) store->erase(id);
        if (round == 3) store->check_user_pin(bytes_of(user_pin));
      }
    });
  }
  for (auto& thread : running) thread.join();
  const auto found = labels(*store);
  CHECK(found.size() == threads * rounds / 2);
  for (int thread = 0; thread < threads; ++thread) {
    CHECK(std::count(found.begin(), found.end(), "t" + std::to_string(thread)) == rounds / 2);
  }
}
