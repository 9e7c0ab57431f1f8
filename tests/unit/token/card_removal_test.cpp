// Cards that leave, fall silent or are held by others, at every command of every call.
#include <functional>

#include "fake_card.hpp"
#include "support/returns.hpp"
#include "token/card_errors.hpp"

using namespace jpki;
using namespace jpki::test;
using core::LoginState;
using core::PinOutcome;
using Reason = TransportError::Reason;

namespace {

struct Call {
  const char* name;
  bool logged_in;  // before the call
  std::function<void(TokenBench&)> make;
};

const std::vector<Call> calls{
    {"login", false, [](TokenBench& bench) { static_cast<void>(bench.login(*bench.sign, "ABC123")); }},
    {"signature", true,
     [](TokenBench& bench) {
       static_cast<void>(bench.use(*bench.key(*bench.sign), Bytes{1, 2, 3}));
     }},
    {"token information", false, [](TokenBench& bench) { static_cast<void>(bench.sign->info()); }},
    {"certificate", true,
     [](TokenBench& bench) { static_cast<void>(bench.objects(*bench.sign, CKO_CERTIFICATE)); }},
    {"change of the PIN", false,
     [](TokenBench& bench) {
       static_cast<void>(bench.sign->set_pin(bytes_of("ABC123"), bytes_of("NEW456")));
     }},
    {"context-specific login", true,
     [](TokenBench& bench) {
       std::shared_ptr<void> permit;
       static_cast<void>(bench.sign->authenticate(bytes_of("ABC123"), permit));
     }},
};

/// A bench in the state before the call; the first commands (selection) are behind it.
std::unique_ptr<TokenBench> before(const Call& call) {
  auto bench = std::make_unique<TokenBench>();
  bench->sign->session_opened(true);
  if (call.logged_in) REQUIRE(bench->login(*bench->sign, "ABC123") == PinOutcome::accepted);
  return bench;
}

/// Commands that the call takes when nothing fails.
int length_of(const Call& call) {
  const auto bench = before(call);
  const auto begin = bench->card.commands.size();
  call.make(*bench);
  return static_cast<int>(bench->card.commands.size() - begin);
}

}  // namespace

TEST_CASE("the card leaves at any command: removed, dead for good, and nothing more is sent") {
  for (const Call& call : calls) {
    const int length = length_of(call);
    REQUIRE(length > 1);
    for (const Reason reason : {Reason::removed, Reason::service_lost}) {
      for (int at = 0; at < length; ++at) {
        INFO(call.name << ", command " << at);
        const auto bench = before(call);
        const auto pins = bench->card.pins_sent();
        bench->card.fails_at = at;
        bench->card.failure = reason;
        CHECK(rv_of([&] { call.make(*bench); }) == CKR_DEVICE_REMOVED);
        CHECK(bench->card.pins_sent() <= pins + 1);
        CHECK_FALSE(bench->sign->alive());
        CHECK_FALSE(bench->auth->alive());
        CHECK(bench->sign->login_state() == LoginState::none);
        CHECK(bench->objects(*bench->sign, CKO_PRIVATE_KEY).empty());
        const auto sent = bench->card.commands.size();
        bench->card.fails_at = -1;
        CHECK(rv_of([&] { static_cast<void>(bench->login(*bench->sign, "ABC123")); }) == CKR_DEVICE_REMOVED);
        bench->sign->session_closed(true);
        CHECK(bench->card.commands.size() == sent);
        CHECK(bench->card.begun == 0);
        CHECK(bench->card.open_links == 0);
      }
    }
  }
}

TEST_CASE("the card is gone before the call: removed, and no command") {
  for (const Call& call : calls) {
    INFO(call.name);
    const auto bench = before(call);
    const auto sent = bench->card.commands.size();
    ++bench->card.insertion;  // it left and another one came
    CHECK(rv_of([&] { call.make(*bench); }) == CKR_DEVICE_REMOVED);
    CHECK(bench->card.commands.size() == sent);
    CHECK_FALSE(bench->sign->alive());
  }
}

TEST_CASE("a mute card at any command: an error, and no PIN twice") {
  for (const Call& call : calls) {
    const int length = length_of(call);
    for (int at = 0; at < length; ++at) {
      INFO(call.name << ", command " << at);
      const auto bench = before(call);
      const auto pins = bench->card.pins_sent();
      bench->card.fails_at = at;
      bench->card.failure = Reason::failed;
      CHECK(rv_of([&] { call.make(*bench); }) == CKR_DEVICE_ERROR);
      CHECK(bench->card.pins_sent() <= pins + 1);
      CHECK(bench->sign->alive());
      CHECK(bench->card.begun == 0);
      bench->card.fails_at = -1;
      static_cast<void>(bench->sign->info());  // it works again
    }
  }
}

TEST_CASE("a VERIFY whose answer was lost: not logged in, not sent again, and the power goes at the end") {
  TokenBench bench;
  bench.sign->session_opened(true);
  bench.card.fails_at = 2;  // SELECT, counter, VERIFY
  bench.card.failure = Reason::failed;
  CHECK(rv_of([&] { static_cast<void>(bench.login(*bench.sign, "ABC123")); }) == CKR_DEVICE_ERROR);
  CHECK(bench.sign->login_state() == LoginState::none);
  CHECK(bench.card.pins_sent() == 0);  // the card never saw it; the module cannot know
  bench.card.fails_at = -1;
  bench.sign->session_closed(true);
  CHECK(bench.card.power_offs == 1);
}

TEST_CASE("a reader that somebody else holds is an error, not a removal") {
  TokenBench bench;
  bench.card.connect_fails = Reason::busy;
  bench.auth->session_opened(true);  // a session may open; what it asks of the card fails
  CHECK(rv_of([&] { static_cast<void>(bench.login(*bench.auth, "1234")); }) == CKR_DEVICE_ERROR);
  CHECK(bench.auth->alive());
  bench.card.connect_fails.reset();
  CHECK(bench.login(*bench.auth, "1234") == PinOutcome::accepted);
}

TEST_CASE("no session opens on a card that is gone, and none is counted") {
  TokenBench bench;
  bench.card.present = false;
  CHECK(rv_of([&] { bench.auth->session_opened(true); }) == CKR_DEVICE_REMOVED);
  CHECK(bench.auth->sessions() == 0);
  CHECK_FALSE(bench.auth->alive());
}

TEST_CASE("marked gone by the reader: both tokens are dead without a command") {
  TokenBench bench;
  bench.enter(*bench.auth);
  const auto key = bench.key(*bench.auth);
  const auto sent = bench.card.commands.size();
  bench.unit->mark_gone();
  CHECK_FALSE(bench.auth->alive());
  CHECK_FALSE(bench.sign->alive());
  CHECK(rv_of([&] { static_cast<void>(bench.use(*key, Bytes{1})); }) == CKR_DEVICE_REMOVED);
  CHECK(bench.card.commands.size() == sent);
  // A token made of a card that left meanwhile is dead from the start.
  CHECK_FALSE(token::CardToken(bench.unit, Role::authentication).alive());
}

TEST_CASE("what the card's and the reader's words are in the standard's, all of them") {
  using Card = card::CardError::Reason;
  CHECK(token::to_rv(Card::not_found) == CKR_DEVICE_ERROR);
  CHECK(token::to_rv(Card::not_verified) == CKR_USER_NOT_LOGGED_IN);
  CHECK(token::to_rv(Card::bad_length) == CKR_DATA_LEN_RANGE);
  CHECK(token::to_rv(Card::pin_not_asked) == CKR_DEVICE_ERROR);
  CHECK(token::to_rv(Card::unexpected) == CKR_DEVICE_ERROR);
  CHECK(token::to_rv(Reason::removed) == CKR_DEVICE_REMOVED);
  CHECK(token::to_rv(Reason::reset) == CKR_USER_NOT_LOGGED_IN);
  CHECK(token::to_rv(Reason::busy) == CKR_DEVICE_ERROR);
  CHECK(token::to_rv(Reason::service_lost) == CKR_DEVICE_REMOVED);
  CHECK(token::to_rv(Reason::failed) == CKR_DEVICE_ERROR);
}
