// What the configuration adds to guard signatures: the audit log, and DigestInfo alone.
#include <filesystem>
#include <fstream>

#include "base/hex.hpp"
#include "support.hpp"

using namespace scenario;
namespace fs = std::filesystem;

namespace {

// NIST's example "abc" (FIPS 180-4).
constexpr const char* abc_sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

std::vector<std::string> lines_of(const fs::path& file) {
  std::ifstream content(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(content, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("the audit log has a line for each signature, and nothing else") {
  const jpki::test::TempFolder folder;
  const fs::path file = folder.path() / "audit";
  World world({.configuration = "audit = '" + file.string() + "'\n"});
  const auto session = world.logged_in(auth_slot);
  const auto key = world.private_key(session);
  CHECK(lines_of(file).empty());
  const Bytes abc{'a', 'b', 'c'};
  CHECK_FALSE(world.sign(session, CKM_SHA256_RSA_PKCS, key, abc).empty());
  CHECK_FALSE(world.sign(session, CKM_RSA_PKCS, key, abc).empty());
  const auto lines = lines_of(file);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].find(" place=card-authentication key=") != std::string::npos);
  CHECK(lines[0].find(std::string(" sha256=") + abc_sha256) != std::string::npos);
  CHECK(lines[1].find(std::string(" block-sha256=") + abc_sha256) != std::string::npos);
  for (const auto& line : lines) CHECK(line.find("1234 ") == std::string::npos);
}

TEST_CASE("a signature that cannot be recorded is not given out") {
  const jpki::test::TempFolder folder;
  fs::create_symlink("/dev/null", folder.path() / "audit");
  World world({.configuration = "audit = '" + (folder.path() / "audit").string() + "'\n"});
  const auto session = world.logged_in(sign_slot);
  CK_RV outcome = CKR_OK;
  CHECK(world.sign(session, CKM_SHA256_RSA_PKCS, world.private_key(session), Bytes{1}, &outcome).empty());
  CHECK(rv(outcome) == CKR_FUNCTION_FAILED);
}

TEST_CASE("card.raw = digestinfo: hashed mechanisms go on, other blocks are refused") {
  World world({.configuration = "card.raw = 'digestinfo'\n"});
  const auto session = world.logged_in(auth_slot);
  const auto key = world.private_key(session);
  CK_RV outcome = CKR_OK;
  static_cast<void>(world.sign(session, CKM_RSA_PKCS, key, Bytes(36, 1), &outcome));
  CHECK(rv(outcome) == CKR_DATA_INVALID);
  CHECK_FALSE(world.sign(session, CKM_SHA256_RSA_PKCS, key, Bytes{1}).empty());
  const auto info = jpki::from_hex(std::string("3031300d060960864801650304020105000420") + abc_sha256);
  CHECK_FALSE(world.sign(session, CKM_RSA_PKCS, key, *info).empty());
}
