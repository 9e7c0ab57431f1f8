// What lasts and what is shared: other lives of the library, other processes, forks, disks that take nothing.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>

#include "soft_support.hpp"

using namespace scenario;

namespace {

const Bytes message = bytes("lasting");

/// Attributes of everything that is visible, by the object's unique id. Handles do not count.
std::map<Bytes, std::map<CK_ATTRIBUTE_TYPE, Bytes>> picture(SoftWorld& world, CK_SESSION_HANDLE session) {
  constexpr CK_ATTRIBUTE_TYPE types[] = {CKA_CLASS,
                                         CKA_TOKEN,
                                         CKA_PRIVATE,
                                         CKA_LABEL,
                                         CKA_ID,
                                         CKA_VALUE,
                                         CKA_APPLICATION,
                                         CKA_KEY_TYPE,
                                         CKA_MODULUS,
                                         CKA_PUBLIC_EXPONENT,
                                         CKA_MODULUS_BITS,
                                         CKA_EC_PARAMS,
                                         CKA_EC_POINT,
                                         CKA_SENSITIVE,
                                         CKA_EXTRACTABLE,
                                         CKA_LOCAL,
                                         CKA_ALWAYS_SENSITIVE,
                                         CKA_NEVER_EXTRACTABLE,
                                         CKA_KEY_GEN_MECHANISM,
                                         CKA_PUBLIC_KEY_INFO,
                                         CKA_START_DATE,
                                         CKA_END_DATE,
                                         CKA_SIGN,
                                         CKA_VERIFY,
                                         CKA_DECRYPT,
                                         CKA_ENCRYPT,
                                         CKA_MODIFIABLE,
                                         CKA_COPYABLE,
                                         CKA_DESTROYABLE};
  std::map<Bytes, std::map<CK_ATTRIBUTE_TYPE, Bytes>> all;
  for (const auto object : world.find(session)) {
    auto& one = all[world.value(session, object, CKA_UNIQUE_ID).value()];
    for (const auto type : types)
      if (const auto value = world.value(session, object, type)) one[type] = *value;
  }
  return all;
}

void fill(SoftWorld& world, CK_SESSION_HANDLE session) {
  for (const KnownKey& key : known_keys()) {
    world.create(session,
                 key.private_object().flag(CKA_TOKEN, true).text(CKA_LABEL, key.name).text(CKA_ID, key.name));
    world.create(
        session,
        key.public_object().flag(CKA_TOKEN, true).text(CKA_ID, key.name).text(CKA_END_DATE, "20301231"));
  }
  world.create(session, data_object("public", "value").text(CKA_APPLICATION, "application"));
  world.create(session, data_object("private", "value", true, true));
  const auto curve =
      Template().bytes(CKA_EC_PARAMS, known_p256.number("CKA_EC_PARAMS")).flag(CKA_TOKEN, true);
  REQUIRE(world.try_generate(session, CKM_EC_KEY_PAIR_GEN, curve, Template().flag(CKA_TOKEN, true)) ==
          CKR_OK);
}

CK_OBJECT_HANDLE only(SoftWorld& world, CK_SESSION_HANDLE session, std::string_view label) {
  const auto found = world.find_label(session, label);
  REQUIRE(found.size() == 1);
  return found[0];
}

Template p256_key(std::string_view label) {
  auto wanted = known_p256.private_object();
  wanted.flag(CKA_TOKEN, true).text(CKA_LABEL, label);
  return wanted;
}

}  // namespace

TEST_CASE("every attribute of every token object is there in the next life, and in another process") {
  SoftWorld world;
  const auto slot = world.make();
  auto session = world.user(slot);
  fill(world, session);
  const auto before = picture(world, session);
  CHECK(before.size() >= 14);
  REQUIRE(elsewhere(world, [&] { REQUIRE(picture(world, world.user(slot)) == before); }));
  REQUIRE(rv(world->C_Finalize(nullptr)) == CKR_OK);
  world.initialize();
  session = world.user(slot);
  CHECK((picture(world, session) == before));
  for (const KnownKey& key : known_keys()) {
    const auto found = world.find_label(session, key.name);
    REQUIRE(found.size() == 1);
    CHECK(key.verifies(message, world.sign(session, key.signs_with(), found[0], message)));
  }
}

TEST_CASE("session objects do not last") {
  SoftWorld world;
  const auto slot = world.make();
  world.create(world.user(slot), data_object("d", "v", false));
  REQUIRE(rv(world->C_Finalize(nullptr)) == CKR_OK);
  world.initialize();
  CHECK(world.find_label(world.user(slot), "d").empty());
}

// --- Another process
// ---------------------------------------------------------------------------------------------

TEST_CASE("what another process makes, changes and destroys is noticed by the next search") {
  SoftWorld world;
  const auto slot = world.make();
  const auto session = world.user(slot);
  const auto changed = world.create(session, data_object("changed", "before"));
  world.create(session, data_object("destroyed", "v"));
  world.create(session, data_object("private, destroyed", "v", true, true));
  REQUIRE(elsewhere(world, [&] {
    const auto other = world.user(slot);
    world.create(other, data_object("made", "v"));
    world.create(other, data_object("private, made", "v", true, true));
    REQUIRE(world.change(other, only(world, other, "changed"), Template().text(CKA_VALUE, "after")) ==
            CKR_OK);
    REQUIRE(world.destroy(other, only(world, other, "destroyed")) == CKR_OK);
    REQUIRE(world.destroy(other, only(world, other, "private, destroyed")) == CKR_OK);
  }));
  CHECK(world.find_label(session, "made").size() == 1);
  CHECK(world.find_label(session, "private, made").size() == 1);
  CHECK(world.find_label(session, "destroyed").empty());
  CHECK(world.find_label(session, "private, destroyed").empty());
  CHECK(world.find_label(session, "changed") == std::vector{changed});
  CHECK(world.value(session, changed, CKA_VALUE) == bytes("after"));
}

TEST_CASE("a key that another process destroyed or forbade signs no more, without a search") {
  SoftWorld world;
  const auto slot = world.make();
  const auto session = world.user(slot);
  const auto destroyed = world.create(session, p256_key("destroyed"));
  const auto forbidden = world.create(session, p256_key("forbidden"));
  for (const auto key : {destroyed, forbidden})
    CHECK(world.try_sign(session, CKM_ECDSA_SHA256, key) == CKR_OK);
  REQUIRE(elsewhere(world, [&] {
    const auto other = world.user(slot);
    REQUIRE(world.destroy(other, only(world, other, "destroyed")) == CKR_OK);
    REQUIRE(world.change(other, only(world, other, "forbidden"), Template().flag(CKA_SIGN, false)) == CKR_OK);
  }));
  CHECK(world.try_sign(session, CKM_ECDSA_SHA256, destroyed) == CKR_KEY_HANDLE_INVALID);
  CHECK(world.try_sign(session, CKM_ECDSA_SHA256, forbidden) == CKR_KEY_FUNCTION_NOT_PERMITTED);
}

TEST_CASE("a token that another process initialized anew: its objects are gone, and so is the login") {
  SoftWorld world;
  const auto slot = world.make();
  const auto session = world.user(slot);
  const auto key = world.create(session, p256_key("key"));
  world.create(session, data_object("public", "v"));
  CHECK(world.try_sign(session, CKM_ECDSA_SHA256, key) == CKR_OK);
  REQUIRE(elsewhere(world, [&] { REQUIRE(world.init_token(slot, "anew") == CKR_OK); }));
  const Rv outcome = world.try_sign(session, CKM_ECDSA_SHA256, key);
  CHECK((outcome == CKR_KEY_HANDLE_INVALID || outcome == CKR_SESSION_HANDLE_INVALID));
  CK_SESSION_INFO info{};
  const Rv state = rv(world->C_GetSessionInfo(session, &info));
  CHECK((state == CKR_SESSION_HANDLE_INVALID || info.state == CKS_RW_PUBLIC_SESSION));
  const auto later = world.open(slot);
  CHECK(world.find_label(later, "key").empty());
  CHECK(world.find_label(later, "public").empty());
  CHECK(world.login(later, user_pin) == CKR_USER_PIN_NOT_INITIALIZED);
  CHECK(world.label(slot) == "anew");
}

TEST_CASE("a PIN that another process changed is the one to log in with; who is logged in stays") {
  SoftWorld world;
  const auto slot = world.make();
  const auto session = world.user(slot);
  const auto key = world.create(session, p256_key("key"));
  REQUIRE(
      elsewhere(world, [&] { REQUIRE(world.set_pin(world.open(slot), user_pin, "another PIN") == CKR_OK); }));
  CHECK(world.try_sign(session, CKM_ECDSA_SHA256, key) == CKR_OK);
  world.create(session, data_object("d", "v", true, true));
  REQUIRE(rv(world->C_Logout(session)) == CKR_OK);
  CHECK(world.login(session, user_pin) == CKR_PIN_INCORRECT);
  CHECK(world.login(session, "another PIN") == CKR_OK);
  CHECK(world.find_label(session, "d").size() == 1);
}

// --- Fork
// --------------------------------------------------------------------------------------------------------

TEST_CASE("a child of fork has no login and no session; what it does there does not harm the parent") {
  SoftWorld world;
  const auto slot = world.make();
  const auto session = world.user(slot);
  const auto key = world.create(session, p256_key("key"));
  const auto kept = world.create(session, data_object("session's", "v", false));
  for (const bool finalize : {true, false}) {
    REQUIRE(in_child([&] {
      CK_SESSION_INFO info{};
      REQUIRE(rv(world->C_GetSessionInfo(session, &info)) == CKR_CRYPTOKI_NOT_INITIALIZED);
      world.initialize();
      const auto own = world.open(slot);
      REQUIRE(rv(world->C_GetSessionInfo(own, &info)) == CKR_OK);
      REQUIRE(info.state == CKS_RW_PUBLIC_SESSION);
      REQUIRE(world.find_label(own, "key").empty());
      REQUIRE(world.login(own, user_pin) == CKR_OK);
      REQUIRE(
          known_p256.verifies(message, world.sign(own, CKM_ECDSA_SHA256, only(world, own, "key"), message)));
      world.create(own, data_object("child's", "v"));
      if (finalize) REQUIRE(rv(world->C_Finalize(nullptr)) == CKR_OK);
    }));
    CHECK(known_p256.verifies(message, world.sign(session, CKM_ECDSA_SHA256, key, message)));
    CHECK(world.value(session, kept, CKA_VALUE) == bytes("v"));
  }
  CHECK(world.find_label(session, "child's").size() == 2);
  world.create(session, data_object("parent's", "v"));
  REQUIRE(elsewhere(world, [&] { static_cast<void>(only(world, world.user(slot), "parent's")); }));
}

// --- Disks
// -------------------------------------------------------------------------------------------------------

namespace {

/// A file system of this process's own, in a child so that nothing stays mounted. False: with the reason
/// printed.
bool may_mount() {
  const bool can = in_child([] {
    const jpki::test::TempFolder folder;
    REQUIRE(unshare(CLONE_NEWNS) == 0);
    REQUIRE(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
    REQUIRE(mount("none", folder.path().c_str(), "tmpfs", 0, "size=64k") == 0);
  });
  return can;
}

void own_mounts() {
  REQUIRE(unshare(CLONE_NEWNS) == 0);
  REQUIRE(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0);
}

void fill_disk(const std::filesystem::path& file) {
  const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  REQUIRE(fd >= 0);
  for (const std::size_t size : {std::size_t{65536}, std::size_t{4096}, std::size_t{1}}) {
    const Bytes zeros(size);
    while (write(fd, zeros.data(), size) == static_cast<ssize_t>(size)) {
    }
  }
  close(fd);
}

/// A token that cannot be written: what can be done with it, and what not.
void judge_read_only(SoftWorld& world, CK_SLOT_ID slot) {
  REQUIRE((world.token_info(slot).flags & CKF_WRITE_PROTECTED) != 0);
  CK_SESSION_HANDLE session = 0;
  REQUIRE(rv(world->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session)) ==
          CKR_TOKEN_WRITE_PROTECTED);
  session = world.open(slot, false);
  REQUIRE(world.value(session, only(world, session, "public"), CKA_VALUE) == bytes("value"));
  // No try can be taken off the counter, so that no PIN is looked at.
  REQUIRE(world.login(session, user_pin) == CKR_TOKEN_WRITE_PROTECTED);
  REQUIRE(world.login(session, "wrong") == CKR_TOKEN_WRITE_PROTECTED);
  REQUIRE((world.token_info(slot).flags & CKF_USER_PIN_COUNT_LOW) == 0);
  REQUIRE(world.try_create(session, data_object("session's", "v", false)) == CKR_OK);
  REQUIRE(rv(world->C_CloseSession(session)) == CKR_OK);
  REQUIRE(world.init_token(slot, "anew") == CKR_TOKEN_WRITE_PROTECTED);
  REQUIRE(world.init_token(world.slots().back(), "another") == CKR_TOKEN_WRITE_PROTECTED);
}

}  // namespace

TEST_CASE("a read-only disk: everything public can be read, nothing written") {
  if (!may_mount()) {
    WARN("skipped: this process may not mount (it takes root)");
    return;
  }
  SoftWorld world;
  const auto slot = world.make();
  fill(world, world.user(slot));
  REQUIRE(rv(world->C_Finalize(nullptr)) == CKR_OK);
  CHECK(in_child([&] {
    own_mounts();
    REQUIRE(mount(world.tokens().c_str(), world.tokens().c_str(), nullptr, MS_BIND, nullptr) == 0);
    REQUIRE(mount(nullptr, world.tokens().c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) == 0);
    world.initialize();
    judge_read_only(world, slot);
  }));
  world.initialize();
  CHECK(world.find_label(world.user(slot), "private").size() == 1);
}

TEST_CASE("a folder in which this user may not write") {
  if (geteuid() != 0) {
    WARN("skipped: only root can become somebody else");
    return;
  }
  SoftWorld world;
  const auto slot = world.make();
  fill(world, world.user(slot));
  REQUIRE(rv(world->C_Finalize(nullptr)) == CKR_OK);
  namespace fs = std::filesystem;
  fs::permissions(world.folder(), static_cast<fs::perms>(0755));
  fs::permissions(world.tokens(), static_cast<fs::perms>(0755));
  for (const auto& entry : fs::directory_iterator(world.tokens()))
    fs::permissions(entry, static_cast<fs::perms>(0644));
  CHECK(in_child([&] {
    constexpr uid_t nobody = 65534;
    REQUIRE(setgid(nobody) == 0);
    REQUIRE(setuid(nobody) == 0);
    REQUIRE(rv(world->C_Initialize(nullptr)) == CKR_OK);
    judge_read_only(world, slot);
  }));
}

TEST_CASE("a full disk: CKR_DEVICE_MEMORY, nothing is lost, no try is spent") {
  if (!may_mount()) {
    WARN("skipped: this process may not mount (it takes root)");
    return;
  }
  SoftWorld world({.initialize = false});
  CHECK(in_child([&] {
    own_mounts();
    std::filesystem::create_directory(world.tokens());
    REQUIRE(mount("none", world.tokens().c_str(), "tmpfs", 0, "size=1600k,mode=0700") == 0);
    world.initialize();
    const auto slot = world.make();
    auto session = world.user(slot);
    fill(world, session);
    const auto before = picture(world, session);
    fill_disk(world.tokens() / "filler");
    Rv outcome = rv(CKR_OK);
    std::size_t more = 0;
    for (; outcome == CKR_OK && more < 1000; ++more)
      outcome = world.try_create(session, data_object("large", std::string(20000, 'x')));
    REQUIRE(outcome == CKR_DEVICE_MEMORY);
    auto after = picture(world, session);
    REQUIRE(after.size() == before.size() + more - 1);
    for (const auto& [id, attributes] : before) REQUIRE(after.at(id) == attributes);
    const auto key = only(world, session, "p256");
    REQUIRE(known_p256.verifies(message, world.sign(session, CKM_ECDSA_SHA256, key, message)));
    REQUIRE(rv(world->C_Finalize(nullptr)) == CKR_OK);

    // In the next life, a PIN is looked at only if its try can be counted.
    world.initialize();
    fill_disk(world.tokens() / "filler again");
    session = world.open(slot);
    const Rv wrong = world.login(session, "wrong");
    REQUIRE((wrong == CKR_DEVICE_MEMORY || wrong == CKR_PIN_INCORRECT));
    REQUIRE(((world.token_info(slot).flags & CKF_USER_PIN_COUNT_LOW) != 0) == (wrong == CKR_PIN_INCORRECT));
    REQUIRE(world.find_label(session, "public").size() == 1);
    REQUIRE(world.init_token(world.slots().back(), "another") == CKR_DEVICE_MEMORY);
    for (const char* name : {"filler", "filler again"}) std::filesystem::remove(world.tokens() / name);
    REQUIRE(world.login(session, user_pin) == CKR_OK);
    after = picture(world, session);
    for (const auto& [id, attributes] : before) REQUIRE(after.at(id) == attributes);
    world.create(session, data_object("afterwards", "v"));
    REQUIRE(rv(world->C_Finalize(nullptr)) == CKR_OK);
  }));
}
