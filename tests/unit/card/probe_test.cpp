// What a card is asked when it is met, word by word.
#include "support.hpp"

using namespace jpki;
using namespace jpki::card;
using namespace jpki::card::test;

namespace {

constexpr const char* read_info_by_id = "00B08600A0";
constexpr const char* read_info = "00B00000A0";
constexpr const char* read_label = "00B0000020";
constexpr const char* read_availability = "00B0880003";

/// EF 0006: 160 bytes that begin with the label.
Bytes token_info(std::string label, char pad = ' ') {
  label.resize(32, pad);
  Bytes info = copy_of(bytes_of(label));
  info.resize(160, 0x39);
  return info;
}

std::string answer(ByteView data) { return to_hex(data) + "9000"; }

const Bytes mynumber = token_info("JPKIAPICCTOKEN2");

struct Met {
  std::optional<Identity> identity;
  std::size_t commands_left;
};

Met meet(std::vector<Step> steps) {
  ScriptedLink link(std::move(steps));
  apdu::ChannelState state;
  apdu::Channel channel(link, state);
  auto identity = probe(channel);
  return {std::move(identity), link.left()};
}

const std::array<bool, 2> both{true, true}, authentication_only{true, false}, signature_only{false, true};

}  // namespace

TEST_CASE("a foreign card is asked one thing") {
  const std::string refusal =
      GENERATE("6A82", "6A81", "6A86", "6D00", "6E00", "6700", "6985", "6999", "0000", "6283");
  const auto met = meet({{"select", select_jpki, refusal}});
  CHECK_FALSE(met.identity);
  CHECK(met.commands_left == 0);
}

TEST_CASE("a foreign card that is slow to wake is asked twice") {
  const auto met = meet({{"select", select_jpki, "6F00"}, {"again", select_jpki, "6A82"}});
  CHECK_FALSE(met.identity);
  CHECK(met.commands_left == 0);
}

TEST_CASE("My Number Card: three commands") {
  const auto met = meet({{"select", select_jpki, "9000"},
                         {"label", read_info_by_id, answer(mynumber)},
                         {"which certificates", read_availability, "8F8F009000"}});
  REQUIRE(met.identity);
  CHECK(met.identity->profile == &profiles()[0]);
  CHECK(met.identity->token_info == mynumber);
  CHECK(met.identity->has == both);
  CHECK(met.commands_left == 0);
}

TEST_CASE("a card that needs a nudge after power-up") {
  const auto met = meet({{"asleep", select_jpki, "6F00"},
                         {"select", select_jpki, "9000"},
                         {"label", read_info_by_id, answer(mynumber)},
                         {"which certificates", read_availability, "8F8F009000"}});
  REQUIRE(met.identity);
  CHECK(met.identity->has == both);
}

TEST_CASE("without short EF ids: five commands") {
  const std::string refusal = GENERATE("6A86", "6A82", "6981", "6D00", "6B00");
  const auto met = meet({{"select", select_jpki, "9000"},
                         {"label by id", read_info_by_id, refusal},
                         {"select info", select("0006"), "9000"},
                         {"label", read_info, answer(mynumber)},
                         {"signature half", select("0001"), "9000"}});
  REQUIRE(met.identity);
  CHECK(met.identity->profile == &profiles()[0]);
  CHECK(met.identity->has == both);
  CHECK(met.commands_left == 0);
}

TEST_CASE("EF 0006 may be no longer than its label") {
  const Bytes label(mynumber.begin(), mynumber.begin() + 32);
  SECTION("and say so") {
    const auto met = meet({{"select", select_jpki, "9000"},
                           {"label by id", read_info_by_id, to_hex(label) + "6282"},
                           {"which certificates", read_availability, "6A82"},
                           {"signature half", select("0001"), "9000"}});
    REQUIRE(met.identity);
    CHECK(met.identity->token_info == label);
  }
  SECTION("and refuse to be asked for more") {
    const auto met = meet({{"select", select_jpki, "9000"},
                           {"label by id", read_info_by_id, "6700"},
                           {"select info", select("0006"), "9000"},
                           {"label", read_info, "6700"},
                           {"label alone", read_label, answer(label)},
                           {"signature half", select("0001"), "9000"}});
    REQUIRE(met.identity);
    CHECK(met.identity->profile == &profiles()[0]);
    CHECK(met.identity->token_info == label);
  }
}

// --- Kinds
// --------------------------------------------------------------------------------------------------------

TEST_CASE("Juki card: the signature half alone") {
  const auto met = meet({{"select", select_jpki, "9000"},
                         {"label", read_info_by_id, answer(token_info("JPKIAPICCTOKEN"))},
                         {"signature half", select("0001"), "9000"}});
  REQUIRE(met.identity);
  CHECK(met.identity->profile->name == "Juki Card");
  CHECK(met.identity->has == signature_only);
  CHECK(met.commands_left == 0);
}

TEST_CASE("a telephone's token is left alone") {
  const std::string label = GENERATE("JPKIAPGPSETOKEN", "JPKIAPIOSTOKEN");
  const auto met =
      meet({{"select", select_jpki, "9000"}, {"label", read_info_by_id, answer(token_info(label))}});
  CHECK_FALSE(met.identity);
  CHECK(met.commands_left == 0);
}

TEST_CASE("labels that are not known are treated as My Number") {
  const Bytes info =
      GENERATE(token_info("JPKIAPICCTOKEN3"), token_info("jpkiapicctoken"), token_info(""), Bytes(160),
               Bytes(160, 0xFF), token_info(" JPKIAPICCTOKEN"), token_info("JPKIAPICCTOKEN2X"));
  const auto met = meet({{"select", select_jpki, "9000"},
                         {"label", read_info_by_id, answer(info)},
                         {"which certificates", read_availability, "8F8F009000"}});
  REQUIRE(met.identity);
  CHECK(met.identity->profile == &profiles()[0]);
  CHECK(met.identity->token_info == info);
}

TEST_CASE("a label may be padded with zeros") {
  const auto met = meet({{"select", select_jpki, "9000"},
                         {"label", read_info_by_id, answer(token_info("JPKIAPICCTOKEN", '\0'))},
                         {"signature half", select("0001"), "9000"}});
  REQUIRE(met.identity);
  CHECK(met.identity->profile->name == "Juki Card");
}

TEST_CASE("a label that is cut off tells nothing: a Juki card's is the beginning of My Number's") {
  const std::string cut = to_hex(ByteView(mynumber).first(14)) + "9000";
  const auto met = meet({{"select", select_jpki, "9000"},
                         {"label by id", read_info_by_id, cut},
                         {"select info", select("0006"), "9000"},
                         {"label", read_info, cut},
                         {"label alone", read_label, cut},
                         {"signature half", select("0001"), "9000"}});
  REQUIRE(met.identity);
  CHECK(met.identity->profile == &profiles()[0]);
  CHECK(met.identity->token_info.empty());
}

TEST_CASE("data that comes with an error is none") {
  const auto met = meet({{"select", select_jpki, "9000"},
                         {"label by id", read_info_by_id, to_hex(token_info("JPKIAPIOSTOKEN")) + "6F00"},
                         {"select info", select("0006"), "6A82"},
                         {"signature half", select("0001"), "9000"}});
  REQUIRE(met.identity);
  CHECK(met.identity->profile == &profiles()[0]);
}

// --- Halves
// -------------------------------------------------------------------------------------------------------

TEST_CASE("no signature half: its EF is missing") {
  struct Row {
    const char* authentication_file;
    std::array<bool, 2> has;
  };
  const auto row = GENERATE(values<Row>({{"9000", authentication_only}, {"6A82", {false, false}}}));
  const auto met = meet({{"select", select_jpki, "9000"},
                         {"label", read_info_by_id, answer(mynumber)},
                         {"which certificates", read_availability, "6A82"},
                         {"signature half", select("0001"), "6A82"},
                         {"authentication half", select("000A"), row.authentication_file}});
  REQUIRE(met.identity);
  CHECK(met.identity->has == row.has);
  CHECK(met.commands_left == 0);
}

TEST_CASE("no signature half on a card without short EF ids: still five commands") {
  const auto met = meet({{"select", select_jpki, "9000"},
                         {"label by id", read_info_by_id, "6A86"},
                         {"select info", select("0006"), "9000"},
                         {"label", read_info, answer(mynumber)},
                         {"signature half", select("0001"), "6A82"}});
  REQUIRE(met.identity);
  CHECK(met.identity->has == authentication_only);
  CHECK(met.commands_left == 0);
}

TEST_CASE("what EF 0008 says is believed only in the form that was seen") {
  struct Row {
    const char* answer;
    std::array<bool, 2> has;
    bool plain = false;  // believed: nothing more is asked
  };
  const auto row = GENERATE(values<Row>({
      {"8F8F009000", both, true},
      {"8F8F9000", both, true},
      {"008F009000", authentication_only, true},
      {"8F00009000", signature_only, true},
      {"0000009000", both},  // a card with neither would not be one
      {"8F7F009000", both},
      {"FFFFFF9000", both},
      {"018F009000", both},
      {"8F9000", both},  // too short
      {"9000", both},
      {"008F006282", both},
      {"6A82", both},
      {"6982", both},
      {"6F00", both},
  }));
  CAPTURE(row.answer);
  std::vector<Step> steps{{"select", select_jpki, "9000"},
                          {"label", read_info_by_id, answer(mynumber)},
                          {"which certificates", read_availability, row.answer}};
  if (row.has == signature_only) steps.push_back({"authentication half", select("000A"), "6A82"});
  if (!row.plain) steps.push_back({"signature half", select("0001"), "9000"});
  const auto met = meet(std::move(steps));
  REQUIRE(met.identity);
  CHECK(met.identity->has == row.has);
  CHECK(met.commands_left == 0);
}

TEST_CASE("EF 0008 denies an authentication half whose certificate is there: it means something else") {
  const std::string there = GENERATE("9000", "6F00");
  const auto met = meet({{"select", select_jpki, "9000"},
                         {"label", read_info_by_id, answer(mynumber)},
                         {"which certificates", read_availability, "8F00009000"},
                         {"authentication half", select("000A"), there},
                         {"signature half", select("0001"), "9000"}});
  REQUIRE(met.identity);
  CHECK(met.identity->has == both);
  CHECK(met.commands_left == 0);
}

TEST_CASE("and it is not looked for twice where the signature half is missing") {
  const auto met = meet({{"select", select_jpki, "9000"},
                         {"label", read_info_by_id, answer(mynumber)},
                         {"which certificates", read_availability, "8F00009000"},
                         {"authentication half", select("000A"), "9000"},
                         {"signature half", select("0001"), "6A82"}});
  REQUIRE(met.identity);
  CHECK(met.identity->has == authentication_only);
  CHECK(met.commands_left == 0);
}

TEST_CASE("only 6A82 says that an EF is missing") {
  const std::string odd = GENERATE("6985", "6986", "6900", "6F00", "6D00");
  const auto met = meet({{"select", select_jpki, "9000"},
                         {"label", read_info_by_id, answer(mynumber)},
                         {"which certificates", read_availability, "6A82"},
                         {"signature half", select("0001"), odd}});
  REQUIRE(met.identity);
  CHECK(met.identity->has == both);
}

TEST_CASE("a card that is taken out meanwhile") {
  const auto pulled = GENERATE(range(0, 3));
  std::vector<Step> steps{{"select", select_jpki, "9000"},
                          {"label", read_info_by_id, answer(mynumber)},
                          {"which certificates", read_availability, "8F8F009000"}};
  steps[static_cast<std::size_t>(pulled)].failure = apdu::TransportError::Reason::removed;
  CHECK_THROWS_AS(meet(std::move(steps)), apdu::TransportError);
}

TEST_CASE("garbage at every step ends soon") {
  const std::string garbage = GENERATE_COPY(values<std::string>(
      {"6100", "6C00", "6CFF", "9000", "", "90", "FFFF", counted(255) + "9000", counted(300) + "6FFF"}));
  RuleLink link([&](ByteView) { return hex(garbage); });
  apdu::ChannelState state;
  apdu::Channel channel(link, state);
  try {
    (void)probe(channel);
  } catch (const apdu::TransportError& error) {
    CHECK(error.reason() == apdu::TransportError::Reason::failed);
  }
  CHECK(link.commands.size() <= 300);
}
