// The card folder: made once, shared by processes, taken out and put back.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit/vcard/support.hpp"

using namespace jpki;
using namespace jpki::vcard;
using namespace jpki::vcard::test;

namespace {

/// Runs `work` in a process of its own; true if it returned true.
template <class Work>
pid_t in_child(Work work) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) _exit(work() ? 0 : 1);
  return child;
}

bool went_well(pid_t child) {
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string wrong_auth(Card& card) {
  tx(card, TestCard::select_jpki);
  tx(card, "00A4020C02 0018");
  return tx(card, "0020008004 39393939");
}

unsigned mode_of(const fs::path& path) {
  struct stat found {};
  REQUIRE(stat(path.c_str(), &found) == 0);
  return found.st_mode & 0777;
}

}  // namespace

TEST_CASE("a blank card is a whole card, and is never overwritten") {
  const TempFolder root;
  const auto path = root.path / "new/card";
  create_card(path, Kind::mynumber, test_issuer_key);
  CHECK(mode_of(path / "pins") == 0600);
  CHECK(mode_of(path / "issuer.key") == 0600);
  CHECK(presence(path).present);
  const auto before = *read_file(path / "issuer.key");
  CHECK_THROWS_AS(create_card(path, Kind::juki, Bytes(32, 1)), FolderError);
  CHECK(*read_file(path / "issuer.key") == before);
  const auto card = powered(path);
  CHECK(tx(*card, TestCard::select_jpki) == "9000");
  CHECK(tx(*card, "00A4020C02 000A") == "6A82");
  CHECK(tx(*card, "00A4020C02 0017") == "6A82");
  CHECK(tx(*card, "0020009804 31323334") == "9000");
  CHECK(tx(*card, "0020009B06 414243313233") == "9000");
}

TEST_CASE("what cannot be made is refused") {
  const TempFolder root;
  CHECK_THROWS_AS(create_card(root.path / "a", Kind::mynumber, Bytes(31, 1)), FolderError);
  Blank blank;
  blank.auth_pin = std::string(17, '1');
  CHECK_THROWS_AS(create_card(root.path / "b", Kind::mynumber, test_issuer_key, blank), FolderError);
  CHECK_FALSE(fs::exists(root.path / "b/card.toml"));
  CHECK_THROWS_AS(Card::open(root.path), FolderError);
  CHECK(new_issuer_key().size() == 32);
  CHECK(new_issuer_key() != new_issuer_key());
}

TEST_CASE("card.toml is checked, line by line") {
  TestCard card;
  const auto refused = [&](std::string_view text) {
    replace_file(card.path() / "card.toml", bytes_of(text));
    std::string complaint;
    try {
      Card::open(card.path());
    } catch (const FolderError& error) {
      complaint = error.what();
    }
    return complaint;
  };
  CHECK(refused("kind = \"passport\"\n").find("line 1") != std::string::npos);
  CHECK(refused("\nnonsense = 1\n").find("line 2") != std::string::npos);
  CHECK(refused("[switches]\nblocked_sw = 6985\n").find("blocked_sw") != std::string::npos);
  CHECK(refused("[switches]\nfiller = 1.5\n").find("line 2") != std::string::npos);
  CHECK(refused("[token]\nserial = \"12345678901234567\"\n").find("serial") != std::string::npos);
  CHECK(refused("[data]\n\"5F\" = \"x\"\n").find("line 2") != std::string::npos);
  CHECK(refused("atr = \"3\"\n").find("atr") != std::string::npos);
  CHECK(refused("kind = \n").find("line 1") != std::string::npos);
  CHECK(refused("").empty());
}

TEST_CASE("a running card keeps its settings when the file turns bad") {
  TestCard card;
  card.set("filler", "11");
  card.select_application();
  card.select_ef("000A");
  CHECK(card.tx("00B007FF01") == "119000");
  replace_file(card.path() / "card.toml", bytes_of("[switches]\nfiller = nonsense\n"));
  CHECK(card.tx("00B007FF01") == "119000");
  replace_file(card.path() / "card.toml", bytes_of("[switches]\nfiller = \"22\"\n"));
  CHECK(card.tx("00B007FF01") == "229000");
}

TEST_CASE("two processes on one folder share tries, and lose none") {
  TestCard card;
  CHECK(went_well(in_child([&] { return wrong_auth(*powered(card.path())) == "63C2"; })));
  CHECK(wrong_auth(*card) == "63C1");
  CHECK(went_well(in_child([&] { return wrong_auth(*powered(card.path())) == "63C0"; })));
  CHECK(wrong_auth(*card) == "6984");
}

TEST_CASE("processes that try at the same time spend one try each") {
  for (int round = 0; round < 5; ++round) {
    TestCard card;
    const auto try_once = [&] {
      const auto own = powered(card.path());
      tx(*own, TestCard::select_jpki);
      const auto answer = tx(*own, "0020009B06 5A5A5A5A5A5A");
      return answer.substr(0, 3) == "63C";
    };
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i) children.push_back(in_child(try_once));
    for (const pid_t child : children) CHECK(went_well(child));
    card.select_application();
    CHECK(card.tx("0020009B") == "63C1");
  }
}

TEST_CASE("a command sees what another process changed") {
  TestCard card;
  card.select_application();
  card.select_ef("000A");
  CHECK(card.tx("00B0000004") == "3082062E9000");
  CHECK(went_well(in_child([&] {
    replace_file(card.path() / "certs/auth.der", look_alike(0x77, 1000));
    return true;
  })));
  CHECK(card.tx("00B0000006") == "308203E477779000");
}

TEST_CASE("a folder can be moved") {
  TestCard card;
  const TempFolder elsewhere;
  fs::rename(card.path(), elsewhere.path / "moved");
  const auto moved = powered(elsewhere.path / "moved");
  CHECK(tx(*moved, TestCard::select_jpki) == "9000");
  CHECK(tx(*moved, "0020009804 31323334") == "9000");
  CHECK(tx(*moved, "802A009701 00 00").size() == 2 * 258);
  CHECK_FALSE(presence(card.path()).present);
}

TEST_CASE("insertion numbers tell every insertion and removal") {
  TestCard card;
  const Presence first = presence(card.path());
  CHECK(first.present);
  vcard::remove(card.path());
  const Presence second = presence(card.path());
  CHECK_FALSE(second.present);
  CHECK(second.insertion != first.insertion);
  vcard::remove(card.path());
  CHECK(presence(card.path()) == second);
  insert(card.path());
  const Presence third = presence(card.path());
  CHECK(third.present);
  CHECK(third.insertion > second.insertion);
  CHECK(second.insertion > first.insertion);
  CHECK_FALSE(presence(card.path() / "keys").present);
  CHECK_THROWS_AS(insert(card.path() / "keys"), FolderError);
}

TEST_CASE("a folder that never had a presence file holds an inserted card") {
  TestCard card;
  fs::remove(card.path() / "presence");
  const Presence before = presence(card.path());
  CHECK(before.present);
  vcard::remove(card.path());
  CHECK_FALSE(presence(card.path()).present);
  CHECK(presence(card.path()).insertion != before.insertion);
}

TEST_CASE("a card that was taken out is mute, and has forgotten its PINs when it is back") {
  TestCard card;
  card.login(Role::auth);
  vcard::remove(card.path());
  CHECK(card.tx("00A4020C02 0017").empty());
  CHECK_FALSE(card->powered());
  card->power_on();
  CHECK_FALSE(card->powered());
  insert(card.path());
  CHECK(card.tx("00A4020C02 0017").empty());  // not powered on yet
  card->power_on();
  CHECK(card.tx("00A4020C02 0017") == "6A82");
  card.select_application();
  CHECK(card.tx("802A009701 00 00") == "6982");
}

TEST_CASE("out and in again between two commands is noticed") {
  TestCard card;
  card.login(Role::auth);
  vcard::remove(card.path());
  insert(card.path());
  CHECK(card.tx("00A4020C02 0017").empty());
}

TEST_CASE("an interceptor stands between reader and card") {
  struct Script : Interceptor {
    std::optional<Bytes> before(Card& card, ByteView command) override {
      if (++commands == 1) return hex("6F00");  // the card never sees it
      if (commands == 3) vcard::remove(card.folder());
      if (commands == 4) {
        insert(card.folder());
        card.power_on();
        card.transmit(command);
      }
      return std::nullopt;
    }
    void after(Card&, ByteView, Bytes& response) override {
      if (commands == 2) response.back() ^= 1;
    }
    int commands = 0;
  } script;
  TestCard card;
  std::vector<std::string> lines;
  card->log_to([&](std::string_view line) { lines.emplace_back(line.substr(0, 4)); });
  card->intercept(&script);
  CHECK(card.tx(TestCard::select_jpki) == "6F00");
  CHECK(card.tx(TestCard::select_jpki) == "9001");
  CHECK(card.tx(TestCard::select_jpki).empty());
  CHECK(card.tx(TestCard::select_jpki) == "9000");
  card->intercept(nullptr);
  CHECK(card.tx(TestCard::select_jpki) == "9000");
  CHECK(lines == std::vector<std::string>{"APDU", "POWE", "POWE", "APDU", "APDU", "APDU"});
}
