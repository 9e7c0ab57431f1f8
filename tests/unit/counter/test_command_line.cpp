// The command line: words in any order, exit status, and what is never printed.
#include <CLI/CLI.hpp>

#include "base/file.hpp"
#include "support.hpp"
#include "support/catch.hpp"

using namespace jpki;
using counter_test::hierarchies;
using counter_test::run_counter;
using counter_test::TempFolder;
using Words = std::vector<std::string>;

TEST_CASE("the verb may follow its options") {
  CLI::App app;
  std::string text;
  bool flag = false;
  auto& verb = *app.add_subcommand("issue");
  verb.add_option("--name", text);
  verb.add_flag("--test-pins", flag);
  const struct {
    Words given, ordered;
  } rows[] = {{{"issue", "--name", "x"}, {"issue", "--name", "x"}},
              {{"--name", "issue", "issue"}, {"issue", "--name", "issue"}},
              {{"--test-pins", "issue", "a"}, {"issue", "--test-pins", "a"}},
              {{"--name=issue", "issue"}, {"issue", "--name=issue"}},
              {{"--help", "issue"}, {"issue", "--help"}},
              {{"--help"}, {"--help"}},
              {{"--name"}, {"--name"}},
              {{"--", "issue"}, {"--", "issue"}},
              {{}, {}}};
  for (const auto& row : rows) CHECK(jpki::counter::verb_first(app, row.given) == row.ordered);
}

TEST_CASE("help is no failure and tells the exit status") {
  for (const Words& words : {Words{"--help"}, Words{"issue", "--help"}, Words{"new-ca", "-h"}}) {
    const auto outcome = run_counter(words);
    CHECK(outcome.status == 0);
    CHECK(outcome.out.find("Exit status: 0 done, 1 failed") != std::string::npos);
    CHECK(outcome.err.empty());
  }
}

TEST_CASE("wrong usage is 2, and nothing is done") {
  const TempFolder folder;
  const std::string ca = hierarchies().mynumber, juki = hierarchies().juki, card = (folder / "card").string();
  const Words rows[] = {{},
                        {"frobnicate"},
                        {"new-ca"},
                        {"issue"},
                        {"issue", ca},
                        {"issue", ca, card, "more"},
                        {"issue", ca, card, "--name"},
                        {"issue", ca, card, "--kind", "passport"},
                        {"issue", ca, card, "--kind", "juki"},
                        {"issue", juki, card, "--kind", "mynumber"},
                        {"issue", ca, card, "--bits", "1024"},
                        {"issue", juki, card, "--bits", "512"},
                        {"issue", ca, card, "--governor", "Iwate"},
                        {"issue", ca, card, "--auth-pin", "1234"},
                        {"issue", ca, card, "--test-pins", "--auth-pin-file", "/dev/null"},
                        {"issue", ca, card, "--sign-pin-file", "/dev/null"},
                        {"issue", juki, card, "--auth-pin-file", "/dev/null"},
                        {"issue", ca, card, "--issued", "2015-12-31"},   // before the CA's first day
                        {"issue", ca, card, "--expires", "2036-11-21"},  // after the CA's last day
                        {"issue", ca, card, "--issued", "2035-01-01"},
                        {"new-ca", (folder / "ca").string(), "--from", "2016-02-30"},
                        {"new-ca", (folder / "ca").string(), "--until", "2015-12-31"}};
  for (const auto& words : rows) {
    CAPTURE(words);
    const auto outcome = run_counter(words);
    CHECK(outcome.status == 2);
    CHECK_FALSE(outcome.err.empty());
    CHECK(outcome.out.empty());
  }
  CHECK(std::filesystem::is_empty(folder / ""));
  CHECK(run_counter({"issue", (folder / "nothing").string(), card}).status == 1);
}

TEST_CASE("no personal data and no PIN is printed") {
  const TempFolder folder;
  create_file(folder / "auth", bytes_of("7319\n"));
  create_file(folder / "sign", bytes_of("SESAME42"));
  const Words form = {"--name",     "名乗　太郎", "--birth",
                      "1966-06-16", "--address",  "京都府京都市中京区一の船入町",
                      "--sex",      "unknown"};
  const auto check_quiet = [&](const auto& outcome) {
    for (const char* word : {"名乗", "太郎", "1966", "06-16", "京都", "中京", "7319", "SESAME"}) {
      CAPTURE(word);
      CHECK((outcome.out + outcome.err).find(word) == std::string::npos);
    }
  };
  Words good{"issue",
             hierarchies().mynumber,
             (folder / "card").string(),
             "--auth-pin-file",
             (folder / "auth").string(),
             "--sign-pin-file",
             (folder / "sign").string()};
  good.insert(good.end(), form.begin(), form.end());
  const auto done = run_counter(good);
  CHECK(done.status == 0);
  CHECK(done.out.find("serial ") != std::string::npos);
  check_quiet(done);
  for (const Words& more : {Words{"太郎"}, Words{"--auth-pin", "7319"}, Words{"--sign-pin=SESAME42"},
                            Words{"--expires", "1966-06-16"}, Words{"--substituted-name", "1966"}, Words{}}) {
    Words bad = good;
    bad.insert(bad.end(), more.begin(), more.end());
    const auto outcome = run_counter(bad);  // without more words: the card has a certificate already
    CHECK(outcome.status != 0);
    check_quiet(outcome);
  }
}
