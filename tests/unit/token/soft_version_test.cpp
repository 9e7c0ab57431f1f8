// Tokens that former versions wrote.
#include "soft_store_support.hpp"

using namespace jpki;
using namespace jpki::test;
namespace fs = std::filesystem;

TEST_CASE("a token of schema 1 is read and written") {
  const TokenFolder folder;
  fs::create_directory(folder.path());
  const auto file = folder.path() / "v1.token";
  fs::copy_file(fs::path(JPKI_TEST_DATA).parent_path() / "data/soft-token-v1/v1.token", file);
  fs::permissions(folder.path(), fs::perms::owner_all);
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);

  const auto store = SoftStore::open(file);
  const auto facts = store->facts();
  CHECK(facts.label == "トークン v1");
  CHECK(facts.serial == "7049914F7473CA59");
  CHECK(facts.flags == 0x1234);
  CHECK(facts.user.set);
  CHECK(facts.user.left == 4);
  CHECK(facts.user.limit == 5);
  CHECK(facts.officer.left == 5);
  CHECK(facts.officer.limit == 7);

  CHECK(store->list().objects.size() == 2);
  CHECK(store->check_user_pin(bytes_of("wrong")).left == 3);
  CHECK(store->check_user_pin(bytes_of("user-1")).left == 5);
  const auto objects = store->list().objects;
  REQUIRE(objects.size() == 3);
  CHECK(objects[0].id == 2);  // 1 was erased
  const auto certificate = store->load(2).attributes, key = store->load(3).attributes,
             data = store->load(4).attributes;
  CHECK(certificate.number(CKA_CLASS) == CKO_CERTIFICATE);
  CHECK(text_of(*certificate.get(CKA_LABEL)) == "certificate");
  CHECK(equal(*certificate.get(CKA_VALUE), Bytes(1500, 0x30)));
  CHECK(text_of(*key.get(CKA_LABEL)) == "public private key");
  CHECK_FALSE(key.flag(CKA_PRIVATE));
  CHECK(text_of(*key.get(CKA_VALUE)) == "its value");
  CHECK(text_of(*key.get(CKA_EC_PARAMS)) == "its curve");
  CHECK(data.flag(CKA_PRIVATE));
  CHECK(text_of(*data.get(CKA_VALUE)) == "its content");
  CHECK(data.get(CKA_APPLICATION)->empty());

  CHECK(store->insert(object("more", true)) == 5);
  CHECK(store->check_officer_pin(bytes_of("officer-1")).left == 7);
}
