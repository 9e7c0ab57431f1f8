// The life of operations (PKCS#11 3.2, 5.2 and 5.8 to 5.16), and of sessions.
#include <array>

#include "support.hpp"

using namespace scenario;

namespace {

struct Bench {
  World world;
  CK_SESSION_HANDLE session = world.logged_in(auth_slot);
  CK_OBJECT_HANDLE key = world.private_key(session);
  CK_MECHANISM sign{CKM_SHA256_RSA_PKCS, nullptr, 0}, digest{CKM_SHA256, nullptr, 0};
  std::array<CK_BYTE, 3> data{'a', 'b', 'c'};
  std::array<CK_BYTE, 256> out{};
  CK_ULONG size = 0;

  Rv begin() { return rv(world->C_SignInit(session, &sign, key)); }
  Rv sign_into(CK_BYTE_PTR buffer, CK_ULONG room) {
    size = room;
    return rv(world->C_Sign(session, data.data(), data.size(), buffer, &size));
  }
};

}  // namespace

TEST_CASE("asking for the length and a short buffer keep the operation and tell the length") {
  Bench bench;
  REQUIRE(bench.begin() == CKR_OK);
  const auto mark = bench.world.card().mark();
  CHECK(bench.sign_into(nullptr, 0) == CKR_OK);
  CHECK(bench.size == 256);
  CHECK(bench.sign_into(bench.out.data(), 255) == CKR_BUFFER_TOO_SMALL);
  CHECK(bench.size == 256);
  CHECK(bench.out == std::array<CK_BYTE, 256>{});
  CHECK(bench.world.card().mark() == mark);  // asking is free
  CHECK(bench.sign_into(bench.out.data(), 256) == CKR_OK);
  CHECK(verified(bench.world.card().certificate("auth"), "SHA256", bench.data, bench.out));
  CHECK(bench.sign_into(bench.out.data(), 256) == CKR_OPERATION_NOT_INITIALIZED);
}

TEST_CASE("in parts: the same, at the final call") {
  Bench bench;
  REQUIRE(bench.begin() == CKR_OK);
  REQUIRE(rv(bench.world->C_SignUpdate(bench.session, bench.data.data(), 3)) == CKR_OK);
  CHECK(rv(bench.world->C_SignFinal(bench.session, nullptr, &bench.size)) == CKR_OK);
  CHECK(bench.size == 256);
  bench.size = 10;
  CHECK(rv(bench.world->C_SignFinal(bench.session, bench.out.data(), &bench.size)) == CKR_BUFFER_TOO_SMALL);
  CHECK(rv(bench.world->C_SignFinal(bench.session, bench.out.data(), &bench.size)) == CKR_OK);
  CHECK(verified(bench.world.card().certificate("auth"), "SHA256", bench.data, bench.out));
}

TEST_CASE("one-shot and multi-part calls do not mix") {
  Bench bench;
  REQUIRE(bench.begin() == CKR_OK);
  REQUIRE(rv(bench.world->C_SignUpdate(bench.session, bench.data.data(), 3)) == CKR_OK);
  CHECK_FALSE(bench.sign_into(bench.out.data(), 256) == CKR_OK);
}

TEST_CASE("a refused second Init leaves the first operation as it is") {
  Bench bench;
  REQUIRE(bench.begin() == CKR_OK);
  CHECK(bench.begin() == CKR_OPERATION_ACTIVE);
  CHECK(bench.sign_into(bench.out.data(), 256) == CKR_OK);
}

TEST_CASE("a NULL mechanism ends the operation, and so does C_SessionCancel, that kind only") {
  Bench bench;
  REQUIRE(bench.begin() == CKR_OK);
  CHECK(rv(bench.world->C_SignInit(bench.session, nullptr, 0)) == CKR_OK);
  CHECK(bench.sign_into(bench.out.data(), 256) == CKR_OPERATION_NOT_INITIALIZED);
  REQUIRE(bench.begin() == CKR_OK);
  REQUIRE(rv(bench.world->C_DigestInit(bench.session, &bench.digest)) == CKR_OK);
  CHECK(rv(bench.world->C_SessionCancel(bench.session, 0)) == CKR_OK);
  CHECK(rv(bench.world->C_SessionCancel(bench.session, CKF_VERIFY | CKF_ENCRYPT)) == CKR_OK);
  CHECK(rv(bench.world->C_SessionCancel(bench.session, CKF_DIGEST)) == CKR_OK);
  CHECK(rv(bench.world->C_DigestUpdate(bench.session, bench.data.data(), 3)) ==
        CKR_OPERATION_NOT_INITIALIZED);
  CHECK(bench.sign_into(bench.out.data(), 256) == CKR_OK);
}

TEST_CASE("operations of different kinds live side by side") {
  Bench bench;
  const auto public_key = bench.world.find_class(bench.session, CKO_PUBLIC_KEY).at(0);
  REQUIRE(rv(bench.world->C_DigestInit(bench.session, &bench.digest)) == CKR_OK);
  REQUIRE(bench.begin() == CKR_OK);
  REQUIRE(rv(bench.world->C_VerifyInit(bench.session, &bench.sign, public_key)) == CKR_OK);
  REQUIRE(rv(bench.world->C_FindObjectsInit(bench.session, nullptr, 0)) == CKR_OK);
  CHECK(bench.sign_into(bench.out.data(), 256) == CKR_OK);
  CHECK(rv(bench.world->C_Verify(bench.session, bench.data.data(), 3, bench.out.data(), 256)) == CKR_OK);
  CK_ULONG size = 32;
  CHECK(rv(bench.world->C_Digest(bench.session, bench.data.data(), 3, bench.out.data(), &size)) == CKR_OK);
  // FIPS 180-2, appendix B.1: SHA-256 of "abc"
  CHECK(bench.out[0] == 0xBA);
  CHECK(bench.out[31] == 0xAD);
  CHECK(rv(bench.world->C_FindObjectsFinal(bench.session)) == CKR_OK);
}

TEST_CASE("digests need no login and no card") {
  World world;
  const auto session = world.open(sign_slot, false);
  const auto mark = world.card().mark();
  const std::array<std::pair<CK_MECHANISM_TYPE, CK_ULONG>, 5> rows{
      {{CKM_SHA_1, 20}, {CKM_SHA224, 28}, {CKM_SHA256, 32}, {CKM_SHA384, 48}, {CKM_SHA512, 64}}};
  for (const auto& [type, length] : rows) {
    CK_MECHANISM mechanism{type, nullptr, 0};
    CK_BYTE out[64];
    CK_ULONG size = 0;
    REQUIRE(rv(world->C_DigestInit(session, &mechanism)) == CKR_OK);
    CHECK(rv(world->C_Digest(session, nullptr, 0, nullptr, &size)) == CKR_OK);
    CHECK(size == length);
    CHECK(rv(world->C_Digest(session, nullptr, 0, out, &size)) == CKR_OK);
  }
  CK_BYTE random[2][32]{};
  CHECK(rv(world->C_GenerateRandom(session, random[0], 32)) == CKR_OK);
  CHECK(rv(world->C_GenerateRandom(session, random[1], 32)) == CKR_OK);
  CHECK(Bytes(random[0], random[0] + 32) != Bytes(random[1], random[1] + 32));
  CHECK(rv(world->C_SeedRandom(session, random[0], 32)) == CKR_OK);
  CHECK(world.card().mark() == mark);
}

TEST_CASE("flags of sessions, and slots that are not there") {
  World world;
  CK_SESSION_HANDLE session = 0;
  const auto open = [&](CK_SLOT_ID slot, CK_FLAGS flags) {
    return rv(world->C_OpenSession(slot, flags, nullptr, nullptr, &session));
  };
  CHECK(open(auth_slot, 0) == CKR_SESSION_PARALLEL_NOT_SUPPORTED);
  CHECK(open(auth_slot, CKF_RW_SESSION) == CKR_SESSION_PARALLEL_NOT_SUPPORTED);
  CHECK(open(auth_slot, CKF_SERIAL_SESSION | CKF_ASYNC_SESSION) == CKR_SESSION_ASYNC_NOT_SUPPORTED);
  CHECK(open(77, CKF_SERIAL_SESSION) == CKR_SLOT_ID_INVALID);
  CHECK(rv(world->C_CloseAllSessions(77)) == CKR_SLOT_ID_INVALID);
  CHECK(session == 0);
  CHECK(open(auth_slot, CKF_SERIAL_SESSION | CKF_RW_SESSION) == CKR_OK);
  CK_SESSION_INFO info{};
  REQUIRE(rv(world->C_GetSessionInfo(session, &info)) == CKR_OK);
  CHECK(info.slotID == auth_slot);
  CHECK(info.flags == (CKF_SERIAL_SESSION | CKF_RW_SESSION));
  CHECK(info.state == CKS_RW_PUBLIC_SESSION);
  auto token = world.token_info(auth_slot);
  CHECK(token.ulSessionCount == 1);
  CHECK(token.ulRwSessionCount == 1);
  CHECK((token.flags & CKF_WRITE_PROTECTED) == 0);
  CHECK((token.flags & CKF_LOGIN_REQUIRED) != 0);
  CHECK(rv(world->C_CloseSession(session)) == CKR_OK);
  CHECK(rv(world->C_CloseSession(session)) == CKR_SESSION_HANDLE_INVALID);
  CHECK(world.token_info(auth_slot).ulSessionCount == 0);
}

TEST_CASE("lists that are too short say how much they need") {
  World world;
  std::array<CK_SLOT_ID, 2> slots{77, 77};
  CK_ULONG count = 1;
  CHECK(rv(world->C_GetSlotList(CK_FALSE, slots.data(), &count)) == CKR_BUFFER_TOO_SMALL);
  CHECK(count == 2);
  CHECK(slots[0] == 77);
  CK_MECHANISM_TYPE one = 0;
  count = 1;
  CHECK(rv(world->C_GetMechanismList(auth_slot, &one, &count)) == CKR_BUFFER_TOO_SMALL);
  CHECK(count > 5);
  CHECK(one == 0);
}

TEST_CASE("label and serial number of each token, and that they stay") {
  World world;
  const auto first = world.token_info(auth_slot), second = world.token_info(sign_slot);
  CHECK(text(first.label, 32) == "JPKI User Authentication");
  CHECK(text(second.label, 32) == "JPKI Digital Signature");
  const auto serial = text(first.serialNumber, 16), other = text(second.serialNumber, 16);
  CHECK(serial.size() == 16);
  CHECK(serial.find_first_not_of("0123456789ABCDEF") == std::string::npos);
  CHECK(serial != other);
  CHECK(first.ulMinPinLen == 4);
  CHECK(first.ulMaxPinLen == 4);
  CHECK(second.ulMinPinLen == 6);
  CHECK(second.ulMaxPinLen == 16);
  world.card().remove();
  world.card().insert();
  CHECK(text(world.token_info(auth_slot).serialNumber, 16) == serial);
  CHECK(text(world.token_info(sign_slot).serialNumber, 16) == other);
}
