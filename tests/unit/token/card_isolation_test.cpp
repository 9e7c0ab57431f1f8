// isolation = "power-off": no PIN is in force beyond what it was given for.
#include "fake_card.hpp"
#include "support/returns.hpp"

using namespace jpki;
using namespace jpki::test;
using core::LoginState;
using core::PinOutcome;

namespace {

const Bytes block{1, 2, 3};

token::CardOptions isolated(bool authentication = true, bool signature = true) {
  token::CardOptions options;
  options.isolated = {authentication, signature};
  return options;
}

CK_RV use(TokenBench& bench, core::PrivateKey& key) {
  return rv_of([&] { static_cast<void>(bench.use(key, block)); });
}

std::shared_ptr<void> permit_of(core::Token& token, std::string_view pin) {
  std::shared_ptr<void> permit;
  REQUIRE(token.authenticate(bytes_of(pin), permit) == PinOutcome::accepted);
  return permit;
}

bool in_force(const FakeCard& card) {
  for (const auto& [file, verified] : card.verified)
    if (verified) return true;
  return false;
}

}  // namespace

TEST_CASE("isolated: a login leaves no PIN in force, and its transaction ends with the power") {
  TokenBench bench(isolated());
  bench.enter(*bench.sign);
  CHECK(bench.sign->login_state() == LoginState::user);
  CHECK_FALSE(in_force(bench.card));
  CHECK(bench.card.power_offs == 1);
  CHECK(bench.card.late_power_offs == 0);
  CHECK(bench.card.begun == 0);
  // What needs the PIN to be read was read meanwhile.
  CHECK(bench.objects(*bench.sign, CKO_CERTIFICATE).size() == 1);
  CHECK(bench.card.pins_sent() == 1);
}

TEST_CASE("isolated: a signature wants its own PIN, and the power goes when it is made") {
  TokenBench bench(isolated());
  bench.enter(*bench.auth);
  const auto key = bench.key(*bench.auth);
  CHECK(key->always_authenticate());
  const auto sent = bench.card.commands.size();
  CHECK(use(bench, *key) == CKR_USER_NOT_LOGGED_IN);
  CHECK(bench.card.count("802A0080") == 0);
  CHECK(bench.card.commands.size() == sent + 1);  // the application, selected after the power came back
  CHECK(bench.auth->login_state() == LoginState::user);
  for (int i = 0; i < 2; ++i) {
    auto permit = permit_of(*bench.auth, "1234");
    CHECK(in_force(bench.card));
    CHECK(bench.card.begun == 1);  // nobody comes between
    CHECK(use(bench, *key) == CKR_OK);
    permit.reset();
    CHECK_FALSE(in_force(bench.card));
    CHECK(bench.card.begun == 0);
  }
  CHECK(bench.card.power_offs == 3);
  CHECK(bench.card.late_power_offs == 0);
  CHECK(bench.card.pins_sent() == 3);
  CHECK(bench.auth->login_state() == LoginState::user);
}

TEST_CASE("isolated: a signature that is not made after all takes the power, too") {
  TokenBench bench(isolated());
  bench.enter(*bench.auth);
  permit_of(*bench.auth, "1234").reset();
  CHECK_FALSE(in_force(bench.card));
  CHECK(bench.card.begun == 0);
  CHECK(bench.card.power_offs == 2);
}

TEST_CASE("isolated: two operations at once, and the power goes with the last") {
  TokenBench bench(isolated());
  bench.enter(*bench.auth);
  const auto key = bench.key(*bench.auth);
  auto one = permit_of(*bench.auth, "1234"), another = permit_of(*bench.auth, "1234");
  CHECK(use(bench, *key) == CKR_OK);
  one.reset();
  CHECK(use(bench, *key) == CKR_OK);
  another.reset();
  CHECK_FALSE(in_force(bench.card));
  CHECK(use(bench, *key) == CKR_USER_NOT_LOGGED_IN);
}

TEST_CASE("isolated: a wrong PIN costs its try, and no power where none was in force") {
  TokenBench bench(isolated());
  bench.enter(*bench.auth);
  std::shared_ptr<void> permit;
  CHECK(bench.auth->authenticate(bytes_of("4321"), permit) == PinOutcome::wrong);
  CHECK_FALSE(permit);
  CHECK(bench.card.begun == 0);
  CHECK(bench.card.power_offs == 1);
  CHECK(bench.card.tries[0x0018] == 2);
  CHECK(use(bench, *bench.key(*bench.auth)) == CKR_USER_NOT_LOGGED_IN);
}

TEST_CASE("isolated: logout, the last session's end and a removal end permits") {
  for (int way = 0; way < 3; ++way) {
    TokenBench bench(isolated());
    bench.enter(*bench.auth);
    const auto key = bench.key(*bench.auth);
    auto permit = permit_of(*bench.auth, "1234");
    if (way == 0) bench.auth->logout();
    if (way == 1) bench.auth->session_closed(true);
    if (way == 2) bench.unit->mark_gone();
    CHECK(bench.card.begun == 0);
    CHECK(bench.auth->login_state() == LoginState::none);
    if (way != 2) CHECK_FALSE(in_force(bench.card));
    const int power_offs = bench.card.power_offs;
    permit.reset();
    CHECK(bench.card.power_offs == power_offs);
    CHECK(use(bench, *key) != CKR_OK);
  }
}

TEST_CASE("isolated: the link lost while the PIN is on its way, or before the signature: the power goes") {
  TokenBench bench(isolated());
  bench.enter(*bench.auth);
  const auto key = bench.key(*bench.auth);
  bench.card.failure = FakeCard::Reason::failed;
  bench.card.fails_at = 2;  // the application, the PIN's file; then VERIFY
  std::shared_ptr<void> permit;
  CHECK(rv_of([&] { static_cast<void>(bench.auth->authenticate(bytes_of("1234"), permit)); }) ==
        CKR_DEVICE_ERROR);
  CHECK(bench.card.power_offs == 2);
  bench.card.fails_at = -1;
  permit = permit_of(*bench.auth, "1234");
  bench.card.fails_at = 0;
  CHECK(use(bench, *key) == CKR_DEVICE_ERROR);
  CHECK(bench.card.power_offs == 3);
  CHECK(bench.card.begun == 0);
  CHECK_FALSE(in_force(bench.card));
  bench.card.fails_at = -1;
  CHECK(use(bench, *key) == CKR_USER_NOT_LOGGED_IN);
  CHECK(bench.auth->login_state() == LoginState::user);
}

TEST_CASE("isolated: another program's reset does not end a login, which the card knows nothing of") {
  const int times = GENERATE(1, 2, 7);
  TokenBench bench(isolated());
  bench.enter(*bench.auth);
  bench.card.reset(times);
  const auto permit = permit_of(*bench.auth, "1234");
  CHECK(use(bench, *bench.key(*bench.auth)) == CKR_OK);
}

TEST_CASE("isolated: a change of the PIN leaves none in force") {
  TokenBench bench(isolated());
  bench.enter(*bench.sign);
  CHECK(bench.sign->set_pin(bytes_of("ABC123"), bytes_of("NEW456")) == PinOutcome::accepted);
  CHECK_FALSE(in_force(bench.card));
  CHECK(bench.card.late_power_offs == 0);
  CHECK(bench.sign->login_state() == LoginState::user);
}

TEST_CASE("one half isolated: the other's login ends with the power, and never keeps it") {
  TokenBench bench(isolated(false, true));
  bench.enter(*bench.auth);
  CHECK_FALSE(bench.key(*bench.auth)->always_authenticate());
  bench.enter(*bench.sign);
  CHECK(bench.auth->login_state() == LoginState::none);
  CHECK(bench.login(*bench.auth, "1234") == PinOutcome::accepted);
  CHECK(use(bench, *bench.key(*bench.auth)) == CKR_OK);
  const int before = bench.card.power_offs;
  bench.sign->logout();  // the card knew nothing of it
  CHECK(bench.card.power_offs == before);
  CHECK(bench.auth->login_state() == LoginState::user);
  CHECK(bench.login(*bench.sign, "ABC123") == PinOutcome::accepted);
  CHECK(bench.login(*bench.auth, "1234") == PinOutcome::accepted);
  bench.auth->logout();
  CHECK_FALSE(in_force(bench.card));
}
