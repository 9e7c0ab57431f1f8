// PINs: what is sent, when, and what the card's answers mean.
#include <numeric>

#include "support.hpp"

using namespace jpki;
using namespace jpki::card;
using namespace jpki::card::test;
using Outcome = PinResult::Outcome;
using Reason = CardError::Reason;

namespace {

struct Subject {
  std::size_t row;
  Role role;
  std::string file;
  std::string pin;
  unsigned max_tries;
  [[nodiscard]] const PinRule& rule() const { return profiles()[row].half(role)->pin; }
  [[nodiscard]] std::string verify() const {
    return "00200080" + to_hex(Bytes{static_cast<std::uint8_t>(pin.size())}) + to_hex(bytes_of(pin));
  }
};

// docs/card-jpki.md, "PINs"
const std::vector<Subject> subjects{
    {0, Role::authentication, "0018", "1234", 3},
    {0, Role::signature, "001B", "ABC123", 5},
    {1, Role::signature, "001B", "AB12", 5},
};

constexpr const char* ask = "00200080";

std::size_t count_of_bodies(const RuleLink& link) {
  std::size_t count = 0;
  for (const auto& command : link.commands) {
    const bool pin_command = command.starts_with("0020") || command.starts_with("0024");
    if (pin_command && command.size() > 8) ++count;
  }
  return count;
}

/// All that ISO 7816-4, 5.6, allows, and some that it does not.
std::vector<std::uint16_t> status_words() {
  std::vector<std::uint16_t> words(2 * 0x1000);
  std::iota(words.begin(), words.begin() + 0x1000, std::uint16_t{0x6000});
  std::iota(words.begin() + 0x1000, words.end(), std::uint16_t{0x9000});
  words.insert(words.end(), {0x0000, 0x0090, 0xC363, 0xFFFF});
  return words;
}

/// Answers 9000 to SELECT, `counter` to the question and `verdict` to VERIFY.
RuleLink card_with(std::uint16_t counter, std::uint16_t verdict) {
  return RuleLink([=](ByteView command) {
    if (command[1] == 0xA4) return with_status(0x9000);
    return with_status(command.size() == 4 ? counter : verdict);
  });
}

}  // namespace

// --- Format
// -------------------------------------------------------------------------------------------------------

TEST_CASE("which PINs may be sent") {
  struct Row {
    std::size_t subject;
    std::string pin;
    PinFormat format;
  };
  const auto row = GENERATE(values<Row>({
      {0, "1234", PinFormat::good},
      {0, "0000", PinFormat::good},
      {0, "", PinFormat::bad_length},
      {0, "123", PinFormat::bad_length},
      {0, "12345", PinFormat::bad_length},
      {0, "12a4", PinFormat::bad_character},
      {0, "12 4", PinFormat::bad_character},
      {0,
       "\xEF\xBC\x91"
       "1",
       PinFormat::bad_character},  // a full-width digit and one of ours
      {1, "ABC123", PinFormat::good},
      {1, "abc123", PinFormat::good},
      {1, "123456", PinFormat::good},  // whoever set it, it may be tried
      {1, "ABCDEF", PinFormat::good},
      {1, "ABCDEFGHIJ123456", PinFormat::good},
      {1, "", PinFormat::bad_length},
      {1, "ABC12", PinFormat::bad_length},
      {1, "ABCDEFGHIJ1234567", PinFormat::bad_length},
      {1, "ABC-123", PinFormat::bad_character},
      {1, "ABC123\n", PinFormat::bad_character},
      {1, std::string("ABC123\0", 7), PinFormat::bad_character},
      {1, "ABC@123", PinFormat::bad_character},
      {1, "abc`123", PinFormat::bad_character},
      {1, "ABC[123", PinFormat::bad_character},
      {1, "abc{123", PinFormat::bad_character},
      {1, "ABC/123", PinFormat::bad_character},
      {1, "ABC:123", PinFormat::bad_character},
      {2, "AB12", PinFormat::good},
      {2, "AB1", PinFormat::bad_length},
  }));
  CAPTURE(row.pin);
  CHECK(check_pin(subjects[row.subject].rule(), bytes_of(row.pin)) == row.format);
}

TEST_CASE("which PINs may be set") {
  struct Row {
    std::size_t subject;
    std::string pin;
    PinFormat format;
  };
  const auto row = GENERATE(values<Row>({
      {0, "1234", PinFormat::good},
      {0, "123", PinFormat::bad_length},
      {0, "12A4", PinFormat::bad_character},
      {1, "ABC123", PinFormat::good},
      {1, "abcde1", PinFormat::good},
      {1, "123456", PinFormat::needs_letter_and_digit},
      {1, "ABCDEF", PinFormat::needs_letter_and_digit},
      {1, "ABC12", PinFormat::bad_length},
      {1, "ABC_123", PinFormat::bad_character},
      {2, "1234", PinFormat::good},
  }));
  CAPTURE(row.pin);
  CHECK(check_new_pin(subjects[row.subject].rule(), bytes_of(row.pin)) == row.format);
}

TEST_CASE("letters are folded where the card knows only capitals") {
  const auto folded = [](std::size_t subject, std::string_view pin) {
    return std::string(text_of(fold_pin(subjects[subject].rule(), bytes_of(pin)).view()));
  };
  CHECK(folded(1, "abcXYZ019") == "ABCXYZ019");
  CHECK(folded(1, "zZ@`{[") == "ZZ@`{[");
  CHECK(folded(2, "ab12") == "AB12");
  CHECK(folded(0, "12ab") == "12ab");
}

// --- The counter
// --------------------------------------------------------------------------------------------------

TEST_CASE("asking the counter: two commands") {
  ScriptedLink link({{"select", select("001B"), "9000"}, {"ask", ask, "63C4"}});
  CHECK(Bench(link).card.pin_status(Role::signature).tries_left == 4);
  CHECK(link.left() == 0);
}

TEST_CASE("every answer of the counter") {
  const auto& subject = GENERATE(from_range(subjects));
  for (const std::uint16_t sw : status_words()) {
    auto link = card_with(sw, 0x9000);
    Bench bench(link, subject.row);
    const bool counted = sw > 0x63C0 && sw <= 0x63C0 + subject.max_tries;
    const bool blocked = sw == 0x63C0 || sw == 0x6983 || sw == 0x6984;
    const auto result = [&]() -> std::optional<PinResult> {
      try {
        return bench.card.verify(subject.role, bytes_of(subject.pin));
      } catch (const CardError& error) {
        if (error.reason() != Reason::pin_not_asked || error.status() != sw) throw;
        return std::nullopt;
      }
    }();
    const bool as_expected = counted ? result && result->outcome == Outcome::accepted
                             : blocked
                                 ? result && result->outcome == Outcome::blocked && result->tries_left == 0
                                 : !result;
    const bool sent_as_expected = count_of_bodies(link) == (counted ? 1U : 0U);
    if (as_expected && sent_as_expected) continue;
    CAPTURE(sw, as_expected, sent_as_expected);
    FAIL();
  }
}

// --- VERIFY
// -------------------------------------------------------------------------------------------------------

TEST_CASE("VERIFY: three commands, the PIN as it is typed") {
  const auto& subject = GENERATE(from_range(subjects));
  ScriptedLink link(
      {{"select", select(subject.file), "9000"}, {"ask", ask, "63C1"}, {"verify", subject.verify(), "9000"}});
  const auto result = Bench(link, subject.row).card.verify(subject.role, bytes_of(subject.pin));
  CHECK(result.outcome == Outcome::accepted);
  CHECK(result.tries_left == subject.max_tries);
  CHECK(link.left() == 0);
}

TEST_CASE("VERIFY: the signature's PIN in capitals") {
  ScriptedLink link({{"select", select("001B"), "9000"},
                     {"ask", ask, "63C5"},
                     {"verify", "0020008006414243313233", "9000"}});
  CHECK(Bench(link).card.verify(Role::signature, bytes_of("abc123")).outcome == Outcome::accepted);
}

TEST_CASE("every answer to VERIFY") {
  const auto& subject = GENERATE(from_range(subjects));
  const unsigned before = GENERATE(1U, 3U);
  // What was left before is the matter of 6300 alone; every word is tried with one of the two.
  const auto words =
      before == 1 ? status_words() : std::vector<std::uint16_t>{0x9000, 0x6300, 0x63C0, 0x63C2, 0x6983};
  for (const std::uint16_t sw : words) {
    auto link = card_with(static_cast<std::uint16_t>(0x63C0 + before), sw);
    Bench bench(link, subject.row);
    std::optional<PinResult> result;
    Failure failure{Reason::unexpected, sw};
    try {
      result = bench.card.verify(subject.role, bytes_of(subject.pin));
    } catch (const CardError& error) {
      failure = {error.reason(), error.status()};
    }
    const auto is = [&](Outcome outcome, unsigned left) {
      return result && result->outcome == outcome && result->tries_left == left;
    };
    const bool right = sw == 0x9000                   ? is(Outcome::accepted, subject.max_tries)
                       : (sw & 0xFFF0) == 0x63C0      ? is(Outcome::wrong, sw & 0xF)
                       : sw == 0x6300                 ? is(Outcome::wrong, before - 1)
                       : sw == 0x6983 || sw == 0x6984 ? is(Outcome::blocked, 0)
                                                      : !result && failure == Failure{Reason::unexpected, sw};
    if (right && count_of_bodies(link) == 1 && link.commands.size() == 3) continue;
    CAPTURE(sw, right, link.commands);
    FAIL();
  }
}

TEST_CASE("a malformed PIN sends nothing at all") {
  ScriptedLink link({});
  Bench bench(link);
  const std::string pin = GENERATE(values<std::string>({"", "1", "123", "12345", "12a4", "ABC123"}));
  CHECK(failure_of([&] { (void)bench.card.verify(Role::authentication, bytes_of(pin)); }) ==
        Failure{Reason::pin_not_asked, 0});
  CHECK(failure_of([&] { (void)bench.card.verify(Role::signature, bytes_of("ABC 123")); }) ==
        Failure{Reason::pin_not_asked, 0});
  CHECK(failure_of([&] { (void)bench.card.verify(Role::signature, {}); }) ==
        Failure{Reason::pin_not_asked, 0});
}

TEST_CASE("a PIN whose fate is unknown is not sent again") {
  const auto reason =
      GENERATE(apdu::TransportError::Reason::removed, apdu::TransportError::Reason::failed,
               apdu::TransportError::Reason::reset, apdu::TransportError::Reason::service_lost);
  ScriptedLink link(
      {{"select", select("0018"), "9000"}, {"ask", ask, "63C3"}, {"cut", "002000800431323334", "", reason}});
  Bench bench(link);
  CHECK_THROWS_AS(bench.card.verify(Role::authentication, bytes_of("1234")), apdu::TransportError);
  CHECK(link.left() == 0);
}

TEST_CASE("a half that the card lacks has no PIN") {
  ScriptedLink link({});
  Bench bench(link, 1);
  CHECK(failure_of([&] { (void)bench.card.verify(Role::authentication, bytes_of("1234")); }).reason ==
        Reason::not_found);
  CHECK(failure_of([&] { (void)bench.card.pin_status(Role::authentication); }).reason == Reason::not_found);
}

// --- Selection lost
// -----------------------------------------------------------------------------------------------

TEST_CASE("where the PIN's EF cannot be selected, the application is selected anew") {
  const std::string refusal = GENERATE("6A82", "6985", "6986", "6A86", "6900", "6D00");
  ScriptedLink link({{"select", select("0018"), refusal},
                     {"application", select_jpki, "9000"},
                     {"select again", select("0018"), "9000"},
                     {"ask", ask, "63C3"},
                     {"verify", "002000800431323334", "9000"}});
  CHECK(Bench(link).card.verify(Role::authentication, bytes_of("1234")).outcome == Outcome::accepted);
  CHECK(link.left() == 0);
}

TEST_CASE("once; then it is given up, and no PIN goes out") {
  SECTION("the EF is not there") {
    ScriptedLink link({{"select", select("0018"), "6A82"},
                       {"application", select_jpki, "9000"},
                       {"select again", select("0018"), "6A82"}});
    Bench bench(link);
    CHECK(failure_of([&] { (void)bench.card.verify(Role::authentication, bytes_of("1234")); }) ==
          Failure{Reason::not_found, 0x6A82});
    CHECK(link.left() == 0);
  }
  SECTION("the application is not there") {
    ScriptedLink link({{"select", select("0018"), "6985"}, {"application", select_jpki, "6A82"}});
    Bench bench(link);
    CHECK(failure_of([&] { (void)bench.card.verify(Role::authentication, bytes_of("1234")); }) ==
          Failure{Reason::not_found, 0x6A82});
    CHECK(link.left() == 0);
  }
}

TEST_CASE("another application's PIN of the same number") {
  SECTION("gives itself away by its counter") {
    ScriptedLink link({{"select theirs", select("0018"), "9000"},
                       {"ask theirs", ask, "63CA"},
                       {"application", select_jpki, "9000"},
                       {"select ours", select("0018"), "9000"},
                       {"ask ours", ask, "63C2"},
                       {"verify", "002000800431323334", "9000"}});
    CHECK(Bench(link).card.verify(Role::authentication, bytes_of("1234")).outcome == Outcome::accepted);
    CHECK(link.left() == 0);
  }
  SECTION("or is no PIN") {
    ScriptedLink link({{"select theirs", select("0018"), "9000"},
                       {"ask theirs", ask, "6981"},
                       {"application", select_jpki, "9000"},
                       {"select ours", select("0018"), "9000"},
                       {"ask ours", ask, "6981"}});
    Bench bench(link);
    CHECK(failure_of([&] { (void)bench.card.verify(Role::authentication, bytes_of("1234")); }) ==
          Failure{Reason::pin_not_asked, 0x6981});
    CHECK(link.left() == 0);
  }
}

// --- CHANGE
// -------------------------------------------------------------------------------------------------------

TEST_CASE("a new PIN: VERIFY of the old one, then the new one alone") {
  ScriptedLink link({{"select", select("001B"), "9000"},
                     {"ask", ask, "63C5"},
                     {"verify", "0020008006414243313233", "9000"},
                     {"change",
                      "0024018007"
                      "58595A30313233",
                      "9000"}});
  const auto result = Bench(link).card.change_pin(Role::signature, bytes_of("abc123"), bytes_of("xyz0123"));
  CHECK(result.outcome == Outcome::accepted);
  CHECK(link.left() == 0);
}

TEST_CASE("a malformed new PIN sends nothing") {
  ScriptedLink link({});
  Bench bench(link);
  const std::string pin = GENERATE(values<std::string>({"", "ABC12", "123456", "ABCDEF", "ABC 123"}));
  CHECK(failure_of([&] {
          (void)bench.card.change_pin(Role::signature, bytes_of("ABC123"), bytes_of(pin));
        }) == Failure{Reason::pin_not_asked, 0});
  CHECK(failure_of([&] { (void)bench.card.change_pin(Role::signature, {}, bytes_of("ABC124")); }) ==
        Failure{Reason::pin_not_asked, 0});
}

TEST_CASE("the old PIN is wrong or blocked: no CHANGE") {
  SECTION("wrong") {
    ScriptedLink link(
        {{"select", select("0018"), "9000"}, {"ask", ask, "63C3"}, {"verify", "002000800431323334", "63C2"}});
    const auto result = Bench(link).card.change_pin(Role::authentication, bytes_of("1234"), bytes_of("5678"));
    CHECK(result.outcome == Outcome::wrong);
    CHECK(result.tries_left == 2);
    CHECK(link.left() == 0);
  }
  SECTION("blocked") {
    ScriptedLink link({{"select", select("0018"), "9000"}, {"ask", ask, "6984"}});
    const auto result = Bench(link).card.change_pin(Role::authentication, bytes_of("1234"), bytes_of("5678"));
    CHECK(result.outcome == Outcome::blocked);
    CHECK(link.left() == 0);
  }
}

TEST_CASE("the card refuses the new PIN") {
  const std::string refusal = GENERATE("6700", "6982", "6985", "6A80", "63C2", "6D00");
  ScriptedLink link({{"select", select("0018"), "9000"},
                     {"ask", ask, "63C3"},
                     {"verify", "002000800431323334", "9000"},
                     {"change", "002401800435363738", refusal}});
  Bench bench(link);
  CHECK(failure_of([&] {
          (void)bench.card.change_pin(Role::authentication, bytes_of("1234"), bytes_of("5678"));
        }).reason == Reason::unexpected);
  CHECK(link.left() == 0);
}
