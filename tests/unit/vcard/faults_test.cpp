// Fault scripts, word by word.
#include "vcard/faults.hpp"

#include <fstream>

#include "support.hpp"

using namespace jpki;
using namespace jpki::vcard;
using namespace jpki::vcard::test;

namespace {

// docs/card-jpki.md: SELECT of the application, which answers 9000; and a counter query of the PIN file.
constexpr const char* select_application = "00A4040C0AD392F000260100000001";
constexpr const char* select_pin = "00A4020C020018";
constexpr const char* ask = "00200080";

/// A blank card under power, and what its log says of faults.
struct Bench {
  explicit Bench(const std::string& script) {
    create_card(folder.path / "card", Kind::mynumber, test_issuer_key, {});
    card = Card::open(folder.path / "card");
    card->log_to([this](std::string_view line) {
      if (line.substr(0, 6) == "FAULT ") ++struck;
      lines += std::string(line) + '\n';
    });
    card->power_on();
    write(script);
  }
  void write(const std::string& script) const { std::ofstream(folder.path / "card" / "faults") << script; }

  TempFolder folder;
  std::unique_ptr<Card> card;
  int struck = 0;
  std::string lines;
};

}  // namespace

TEST_CASE("a fault strikes once, at its command") {
  Bench at("# a comment\n\n  at 2 answer 6F00\n");
  CHECK(tx(*at.card, select_application) == "9000");
  CHECK(tx(*at.card, select_application) == "6F00");
  CHECK(tx(*at.card, select_application) == "9000");
  CHECK(at.struck == 1);
}

TEST_CASE("of: only commands that begin so count") {
  Bench at("at 2 of 0020 answer 6983\n");
  CHECK(tx(*at.card, select_application) == "9000");
  CHECK(tx(*at.card, select_pin) == "9000");
  CHECK(tx(*at.card, ask) == "63C3");
  CHECK(tx(*at.card, ask) == "6983");
  CHECK(tx(*at.card, ask) == "63C3");
}

TEST_CASE("before: the card has not seen the command; after: it has") {
  for (const bool after : {false, true}) {
    Bench at(std::string("at 1 of 0020 ") + (after ? "after" : "before") + " answer 6F00\n");
    CHECK(tx(*at.card, select_application) == "9000");
    CHECK(tx(*at.card, select_pin) == "9000");
    CHECK(tx(*at.card, "002000800439393939") == "6F00");
    CHECK(tx(*at.card, ask) == (after ? "63C2" : "63C3"));
  }
}

TEST_CASE("the answer: cut, garbled, lost") {
  Bench at("at 1 cut 1\nat 2 garble 0\nat 3 garble -1\nat 4 after mute\nat 5 mute\nat 6 garble 9\n");
  CHECK(tx(*at.card, select_application) == "90");
  CHECK(tx(*at.card, select_application) == "6F00");
  CHECK(tx(*at.card, select_application) == "90FF");
  CHECK(tx(*at.card, select_application).empty());
  CHECK(tx(*at.card, select_application).empty());
  CHECK(tx(*at.card, select_application) == "9000");
  CHECK(at.struck == 6);
}

TEST_CASE("contact lost, pulled, power and reset: what is left of the card's state") {
  struct Row {
    const char* fault;
    const char* next;  // answer to the counter query, where 6986 says that no file is current
    bool present;
  };
  const auto row = GENERATE(values<Row>(
      {{"drop", "", true}, {"pull", "", false}, {"reset", "6986", true}, {"power", "6986", true}}));
  Bench at(std::string("at 3 before ") + row.fault + "\n");
  tx(*at.card, select_application);
  tx(*at.card, select_pin);
  CHECK(tx(*at.card, ask) == row.next);
  CHECK(presence(at.folder.path / "card").present == row.present);
}

TEST_CASE("swapped for another card, which has seen nothing") {
  Bench at("");
  create_card(at.folder.path / "other", Kind::juki, test_issuer_key, {});
  at.write("at 1 after swap " + (at.folder.path / "other").string() + "\n");
  CHECK(tx(*at.card, select_application).empty());
  Folder here(at.folder.path / "card"), there(at.folder.path / "other");
  CHECK(here.settings().kind == Kind::juki);
  CHECK(there.settings().kind == Kind::mynumber);
  CHECK(presence(here.path()).present);
  CHECK_FALSE(presence(there.path()).present);
}

TEST_CASE("another program selects") {
  Bench at("at 3 select A000000001020304\n");
  set_switch(at.folder.path / "card", "other_application", "A000000001020304");
  tx(*at.card, select_application);
  tx(*at.card, select_pin);
  CHECK(tx(*at.card, ask) == "6986");
  CHECK(at.lines.find("A000000001020304") != std::string::npos);
}

TEST_CASE("scripts that are none name their line") {
  for (const std::string line :
       {"pull", "at pull", "at 0 pull", "at 1", "at 1 explode", "at 1 pull now", "at 1 of xyz pull",
        "at 1 answer", "at 1 answer 9", "at 1 cut -1", "at 1 swap /nowhere", "at 1 delay soon"}) {
    INFO(line);
    std::string said;
    try {
      parse_faults("# one\n" + line + "\n");
    } catch (const FolderError& error) {
      said = error.what();
    }
    CHECK(said.find("line 2") != std::string::npos);
  }
}

TEST_CASE("a bad script in the folder is told of in the log, and plays nothing") {
  Bench at("at 1 explode\n");
  CHECK(tx(*at.card, select_application) == "9000");
  CHECK(at.lines.find("explode") != std::string::npos);
  CHECK_THROWS_AS(at.card->faults_from(at.folder.path / "card" / "faults"), FolderError);
}

TEST_CASE("a script that comes anew counts anew; without it the card is well") {
  Bench at("at 1 answer 6F00\n");
  CHECK(tx(*at.card, select_application) == "6F00");
  fs::remove(at.folder.path / "card" / "faults");
  CHECK(tx(*at.card, select_application) == "9000");
  at.write("at 2 answer 6F01\n");
  CHECK(tx(*at.card, select_application) == "9000");
  CHECK(tx(*at.card, select_application) == "6F01");
}
