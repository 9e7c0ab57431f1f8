// COMPUTE DIGITAL SIGNATURE.
#include "support.hpp"

using namespace jpki;
using namespace jpki::card;
using namespace jpki::card::test;
using Reason = CardError::Reason;

namespace {

const std::string block = counted(51, 1);
const std::string sign_command = "802A008033" + block + "00";

std::uint16_t number(const std::string& status) {
  return static_cast<std::uint16_t>(std::stoul(status, nullptr, 16));
}

}  // namespace

TEST_CASE("a signature: two commands") {
  struct Row {
    std::size_t profile;
    Role role;
    const char* key;
    std::size_t size;
  };
  const auto row = GENERATE(values<Row>({
      {0, Role::authentication, "0017", 256},
      {0, Role::signature, "001A", 256},
      {1, Role::signature, "001A", 128},
      {1, Role::signature, "001A", 256},
  }));
  ScriptedLink link(
      {{"select", select(row.key), "9000"}, {"sign", sign_command, counted(row.size) + "9000"}});
  CHECK(to_hex(Bench(link, row.profile).card.sign(row.role, hex(block))) == counted(row.size));
  CHECK(link.left() == 0);
}

TEST_CASE("a PSS signature: another P1, and 32 bytes") {
  const std::string digest = counted(32, 1);
  ScriptedLink link(
      {{"select", select("0017"), "9000"}, {"sign", "802A048020" + digest + "00", counted(256) + "9000"}});
  Bench bench(link);
  CHECK(to_hex(bench.card.sign(Role::authentication, hex(digest), Padding::pss)) == counted(256));
  CHECK(link.left() == 0);
  for (const std::size_t size : {0U, 20U, 31U, 33U, 51U})
    CHECK(failure_of([&] { (void)bench.card.sign(Role::authentication, Bytes(size), Padding::pss); }) ==
          Failure{Reason::bad_length, 0});
}

TEST_CASE("what the answer to a signature means") {
  struct Row {
    std::string status;
    Reason reason;
  };
  const auto row = GENERATE(values<Row>({
      {"6982", Reason::not_verified},
      {"6700", Reason::bad_length},
      {"6985", Reason::not_verified},
      {"6A80", Reason::unexpected},
      {"6A82", Reason::unexpected},
      {"6983", Reason::not_verified},
      {"6984", Reason::not_verified},
      {"6300", Reason::not_verified},
      {"63C0", Reason::unexpected},
      {"6F00", Reason::unexpected},
      {"6D00", Reason::unexpected},
      {"6E00", Reason::unexpected},
      {"0000", Reason::unexpected},
  }));
  ScriptedLink link({{"select", select("0017"), "9000"}, {"sign", sign_command, row.status}});
  Bench bench(link);
  CHECK(failure_of([&] { (void)bench.card.sign(Role::authentication, hex(block)); }) ==
        Failure{row.reason, number(row.status)});
}

TEST_CASE("the same words say something else of a SELECT") {
  const std::string refusal = GENERATE("6982", "6700", "6985");
  ScriptedLink link({{"select", select("0017"), refusal},
                     {"application", select_jpki, "9000"},
                     {"select again", select("0017"), refusal}});
  Bench bench(link);
  CHECK(failure_of([&] { (void)bench.card.sign(Role::authentication, hex(block)); }) ==
        Failure{Reason::unexpected, number(refusal)});
}

TEST_CASE("the key's EF is looked for in our application") {
  ScriptedLink link({{"select", select("001A"), "6A82"},
                     {"application", select_jpki, "9000"},
                     {"select again", select("001A"), "9000"},
                     {"sign", sign_command, "6982"}});
  Bench bench(link);
  CHECK(failure_of([&] { (void)bench.card.sign(Role::signature, hex(block)); }).reason ==
        Reason::not_verified);
  CHECK(link.left() == 0);
}

TEST_CASE("blocks that no command carries never reach the card") {
  ScriptedLink link({});
  Bench bench(link);
  const std::size_t size = GENERATE(0U, 256U, 65536U);
  CHECK(failure_of([&] { (void)bench.card.sign(Role::authentication, Bytes(size)); }) ==
        Failure{Reason::bad_length, 0});
}

TEST_CASE("the longest block") {
  const std::string longest = counted(245, 7);
  ScriptedLink link(
      {{"select", select("0017"), "9000"}, {"sign", "802A0080F5" + longest + "00", counted(256) + "9000"}});
  CHECK(Bench(link).card.sign(Role::authentication, hex(longest)).size() == 256);
}

TEST_CASE("a signature of another size than the key's is none") {
  const std::size_t size = GENERATE(0U, 1U, 128U, 255U, 257U, 4096U);
  ScriptedLink link({{"select", select("0017"), "9000"}, {"sign", sign_command, counted(size) + "9000"}});
  Bench bench(link);
  CHECK(failure_of([&] { (void)bench.card.sign(Role::authentication, hex(block)); }) ==
        Failure{Reason::unexpected, 0});
}

TEST_CASE("an empty signature of a key whose size only the certificate tells") {
  ScriptedLink link({{"select", select("001A"), "9000"}, {"sign", sign_command, "9000"}});
  Bench bench(link, 1);
  CHECK(failure_of([&] { (void)bench.card.sign(Role::signature, hex(block)); }).reason == Reason::unexpected);
}

TEST_CASE("a signature in pieces") {
  ScriptedLink link({{"select", select("0017"), "9000"},
                     {"sign", sign_command, "6100"},
                     {"fetch", "00C0000000", counted(256) + "9000"}});
  CHECK(to_hex(Bench(link).card.sign(Role::authentication, hex(block))) == counted(256));
}

TEST_CASE("signatures never go out extended") {
  ScriptedLink link({{"select", select("0017"), "9000"}, {"sign", sign_command, counted(256) + "9000"}});
  link.limit = 65536;
  Bench bench(link);
  bench.state.mode = apdu::ExtendedMode::on;
  CHECK(bench.card.sign(Role::authentication, hex(block)).size() == 256);
}
