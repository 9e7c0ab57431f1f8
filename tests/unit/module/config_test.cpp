#include "module/config.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "base/file.hpp"
#include "base/log.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

using namespace jpki;
using module::Config;

namespace {

constexpr std::size_t authentication = 0, signature = 1;

/// A home without anything, and no variable of ours. What is set is unset again.
class Home {
 public:
  Home() {
    for (const char* name :
         {"JPKI_CONFIG", "JPKI_PCSC", "JPKI_VIRTUAL_CARDS", "JPKI_SOFT_TOKENS", "JPKI_LOG"})
      unsetenv(name);
    setenv("HOME", folder_.path().c_str(), 1);
    setenv("XDG_CONFIG_HOME", (folder_.path() / "xdg").c_str(), 1);
    std::filesystem::create_directories(folder_.path() / "xdg");
  }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;
  ~Home() {
    for (const char* name :
         {"JPKI_CONFIG", "JPKI_PCSC", "JPKI_VIRTUAL_CARDS", "JPKI_SOFT_TOKENS", "JPKI_LOG"})
      unsetenv(name);
    log::configure("off");
  }
  [[nodiscard]] std::filesystem::path path(const std::string& name) const { return folder_.path() / name; }
  std::string write(const std::string& name, const std::string& content, mode_t mode = 0600) const {
    std::filesystem::create_directories(path(name).parent_path());
    std::ofstream(path(name)) << content;
    REQUIRE(chmod(path(name).c_str(), mode) == 0);
    return path(name);
  }
  /// What was logged at level warning, by a reading of the configuration.
  std::string complaints() const {
    setenv("JPKI_LOG", ("warning:" + path("log").string()).c_str(), 1);
    static_cast<void>(module::read_config());
    const auto content = read_file(path("log"));
    return content ? std::string(text_of(*content)) : "";
  }

 private:
  test::TempFolder folder_;
};

std::vector<std::string> apply(Config& config, std::string_view text) {
  return module::apply_toml(config, text);
}

/// The rows of the document's table.
std::vector<std::vector<std::string>> documented() {
  std::ifstream file(JPKI_TEST_DATA "/../../docs/configuration.md");
  REQUIRE(file);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("| `", 0) != 0) continue;
    std::vector<std::string> cells;
    for (std::size_t at = 1; at < line.size();) {
      const auto end = line.find('|', at);
      auto cell = line.substr(at, end - at);
      std::erase(cell, '`');
      const auto first = cell.find_first_not_of(' ');
      cells.push_back(
          first == std::string::npos ? "" : cell.substr(first, cell.find_last_not_of(' ') - first + 1));
      at = end + 1;
    }
    rows.push_back(cells);
  }
  return rows;
}

}  // namespace

TEST_CASE("the document's table is the program's") {
  std::vector<std::vector<std::string>> rows;
  for (const auto& key : module::config_keys())
    rows.push_back({std::string(key.name), std::string(key.environment), std::string(key.values),
                    std::string(key.fallback), std::string(key.meaning)});
  CHECK(documented() == rows);
}

TEST_CASE("the defaults that the table names are the defaults") {
  const Config config;
  CHECK(config.pcsc);
  CHECK(config.virtual_cards.empty());
  CHECK(config.soft_tokens.empty());
  CHECK(config.log == "off");
  CHECK(config.card.extended == apdu::ExtendedMode::automatic);
  CHECK(config.card_wait == 30);
  CHECK(config.card.always_authenticate == std::array<bool, 2>{false, false});
  CHECK_FALSE(config.card.pss);
  CHECK_FALSE(config.card.official_labels);
  // And a default that is written down changes nothing.
  for (const auto& key : module::config_keys()) {
    Config same;
    if (!key.fallback.empty()) CHECK(key.set(same, key.fallback));
    CHECK(same.pcsc == config.pcsc);
    CHECK(same.log == config.log);
    CHECK(same.card.extended == config.card.extended);
    CHECK(same.card_wait == config.card_wait);
    CHECK(same.card.always_authenticate == config.card.always_authenticate);
    CHECK(same.card.pss == config.card.pss);
    CHECK(same.card.official_labels == config.card.official_labels);
    CHECK_FALSE(same.card.only_digest_info);
    CHECK(same.card.isolated == std::array<bool, 2>{false, false});
    CHECK(same.card.idle_timeout == std::array<unsigned, 2>{0, 0});
    CHECK(same.audit.empty());
  }
}

TEST_CASE("what guards a login and its signatures") {
  Config config;
  CHECK(apply(config,
              "audit = '/a'\n[card]\nraw = 'digestinfo'\n[login.idle_timeout]\nsignature = 60\n"
              "[card.isolation]\nsignature = 'power-off'\n")
            .empty());
  CHECK(config.card.isolated == std::array<bool, 2>{false, true});
  CHECK(apply(config, "[card.isolation]\nsignature = 'on'\n").size() == 1);
  CHECK(config.audit == "/a");
  CHECK(config.card.only_digest_info);
  CHECK(config.card.idle_timeout == std::array<unsigned, 2>{0, 60});
  CHECK(apply(config,
              "audit = 'a'\n[card]\nraw = 'some'\n[login.idle_timeout]\nsignature = -1\n"
              "authentication = 86401\n")
            .size() == 4);
}

TEST_CASE("every key in a file") {
  Config config;
  CHECK(apply(config,
              "pcsc = false\nvirtual_cards = ['/a', '/b']\nsoft_tokens = '/t'\nlog = 'info'\n"
              "compat = 'official'\n[card]\nextended = 'off'\nwait = 5\npss = 'on'\n"
              "[card.always_authenticate]\nauthentication = true\nsignature = 'on'\n")
            .empty());
  CHECK(config.card_wait == 5);
  CHECK_FALSE(config.pcsc);
  CHECK(config.virtual_cards == std::vector<std::filesystem::path>{"/a", "/b"});
  CHECK(config.soft_tokens == "/t");
  CHECK(config.log == "info");
  CHECK(config.card.extended == apdu::ExtendedMode::off);
  CHECK(config.card.pss);
  CHECK(config.card.official_labels);
  CHECK(config.card.always_authenticate[authentication]);
  CHECK(config.card.always_authenticate[signature]);
}

TEST_CASE("the spellings of on and off, and of lists") {
  for (const char* text : {"pcsc = false", "pcsc = 'off'", "pcsc = 'false'", "pcsc = 0", "pcsc = '0'"}) {
    Config config;
    CHECK(apply(config, text).empty());
    CHECK_FALSE(config.pcsc);
  }
  for (const char* text : {"pcsc = true", "pcsc = 'on'", "pcsc = 'true'", "pcsc = 1"}) {
    Config config;
    config.pcsc = false;
    CHECK(apply(config, text).empty());
    CHECK(config.pcsc);
  }
  Config config;
  CHECK(apply(config, "virtual_cards = ':/a::/b:'").empty());
  CHECK(config.virtual_cards == std::vector<std::filesystem::path>{"/a", "/b"});
}

TEST_CASE("bad values and unknown keys are named and left out; the rest counts") {
  Config config;
  const auto complaints =
      apply(config,
            "pcsc = 'maybe'\nlog = 'loud'\ncolour = 'red'\nvirtual_cards = [1, 2]\n"
            "[card]\nextended = 'sometimes'\nsize = 3\n[card.always_authenticate]\nsignature = true\n");
  CHECK(complaints.size() == 6);
  const auto has = [&](const std::string& text) {
    return std::find(complaints.begin(), complaints.end(), text) != complaints.end();
  };
  CHECK(has("bad value for pcsc"));
  CHECK(has("bad value for log"));
  CHECK(has("bad value for virtual_cards"));
  CHECK(has("bad value for card.extended"));
  CHECK(has("unknown key colour"));
  CHECK(has("unknown key card.size"));
  CHECK(config.pcsc);
  CHECK(config.log == "off");
  CHECK(config.card.always_authenticate[signature]);
}

TEST_CASE("a file that is not TOML changes nothing, and its text is not quoted") {
  Config config;
  const auto complaints = apply(config, "pcsc = false\nsecret = [\n");
  REQUIRE(complaints.size() == 1);
  CHECK(complaints[0].rfind("not TOML at line ", 0) == 0);
  CHECK(complaints[0].find("secret") == std::string::npos);
  CHECK(config.pcsc);
}

TEST_CASE("a header without a key is no TOML") {
  // TOML 1.0, Table: a header is a key in brackets.
  for (const char* header : {"[,]", "[ = ]", "[[;]]", "[\x01]", "[]", "[[ ]]", "[", "[\n]", "  [,"}) {
    Config config;
    const auto complaints = module::apply_toml(config, "# first\n" + std::string(header));
    REQUIRE(complaints.size() == 1);
    CHECK(complaints[0] == "not TOML at line 2");
  }
  Config config;
  CHECK(apply(config, "[ card ]\nextended = 'off'\n[ \"card\".'always_authenticate' ]\n").empty());
}

TEST_CASE("a time that is none is no TOML") {
  // TOML 1.0, Local Date-Time: digits follow the T.
  for (const char* line : {"a = 1979-05-27T", "a = { b = 1979-05-27T\x01 }", "a = 1979-05-27Tx"}) {
    Config config;
    const auto complaints = module::apply_toml(config, std::string(line) + "\nlog = 'info'\n");
    REQUIRE(complaints.size() == 1);
    CHECK(complaints[0].starts_with("not TOML"));
  }
}

TEST_CASE("beyond ASCII there are strings and comments alone") {
  // TOML 1.0: Keys, Comment, String.
  for (const char* line :
       {"a = 1 Ы", "б = 1", "a = 'x' é", R"(a = "\"" é)", R"(a = "" é)", "a = '''x''''' é"}) {
    Config config;
    const auto complaints = module::apply_toml(config, "# é\n" + std::string(line) + "\nlog = 'info'\n");
    REQUIRE(complaints.size() == 1);
    CHECK(complaints[0] == "not TOML at line 2");
  }
  for (const char* folder : {"'/é'", R"("/é")", R"("""/é"""  # é)", "'''/é'''", "\"\"\"\\\n/é\"\"\""}) {
    Config config;
    CHECK(module::apply_toml(config,
                             "\xEF\xBB\xBFsoft_tokens = " + std::string(folder) + "\nlog = 'info'  # é\n")
              .empty());
    CHECK(config.soft_tokens == "/é");
    CHECK(config.log == "info");
  }
}

TEST_CASE("the user's file, then the named one, then the environment") {
  const Home home;
  home.write("xdg/jpki-pkcs11.toml", "soft_tokens = '/user'\npcsc = false\nlog = 'error'\n");
  auto config = module::read_config();
  CHECK(config.soft_tokens == "/user");
  CHECK_FALSE(config.pcsc);
  setenv("JPKI_CONFIG", home.write("named.toml", "soft_tokens = '/named'\n").c_str(), 1);
  config = module::read_config();
  CHECK(config.soft_tokens == "/named");
  CHECK_FALSE(config.pcsc);
  setenv("JPKI_SOFT_TOKENS", "/environment", 1);
  setenv("JPKI_PCSC", "on", 1);
  setenv("JPKI_VIRTUAL_CARDS", "/a:/b", 1);
  config = module::read_config();
  CHECK(config.soft_tokens == "/environment");
  CHECK(config.pcsc);
  CHECK(config.virtual_cards.size() == 2);
  CHECK(config.log == "error");
}

TEST_CASE("without XDG_CONFIG_HOME the user's file is in ~/.config") {
  const Home home;
  unsetenv("XDG_CONFIG_HOME");
  home.write(".config/jpki-pkcs11.toml", "soft_tokens = '/dot-config'\n");
  CHECK(module::read_config().soft_tokens == "/dot-config");
}

TEST_CASE("a file that others may write is not read, nor one that is no file") {
  const Home home;
  for (const mode_t mode : {0620, 0602, 0666}) {
    setenv("JPKI_CONFIG", home.write("open.toml", "soft_tokens = '/planted'\n", mode).c_str(), 1);
    CHECK(module::read_config().soft_tokens.empty());
  }
  CHECK(home.complaints().find("open.toml: not read, others may write it") != std::string::npos);
  setenv("JPKI_CONFIG", home.path("").c_str(), 1);
  CHECK(module::read_config().soft_tokens.empty());
  if (geteuid() != 0) return;  // only root can give a file to somebody else
  const auto path = home.write("foreign.toml", "soft_tokens = '/planted'\n");
  REQUIRE(chown(path.c_str(), 65534, 65534) == 0);
  setenv("JPKI_CONFIG", path.c_str(), 1);
  CHECK(module::read_config().soft_tokens.empty());
}

TEST_CASE("mistakes are in the log, not fatal") {
  const Home home;
  setenv("JPKI_CONFIG", home.write("bad.toml", "pcsc = 'maybe'\nnobody = 'knows'\n").c_str(), 1);
  setenv("JPKI_PCSC", "perhaps", 1);
  const auto said = home.complaints();
  for (const char* text :
       {"bad.toml: bad value for pcsc", "bad.toml: unknown key nobody", "bad value in JPKI_PCSC"})
    CHECK(said.find(text) != std::string::npos);
  CHECK(said.find("maybe") == std::string::npos);
  CHECK(said.find("perhaps") == std::string::npos);
  setenv("JPKI_CONFIG", home.path("absent.toml").c_str(), 1);
  CHECK(home.complaints().find("absent.toml: is not there") != std::string::npos);
}

TEST_CASE("a bad level in the environment leaves the file's level") {
  const Home home;
  setenv("JPKI_CONFIG", home.write("log.toml", "log = 'warning:" + home.path("log").string() + "'\n").c_str(),
         1);
  setenv("JPKI_LOG", "loud", 1);
  CHECK(module::read_config().log == "warning:" + home.path("log").string());
  CHECK(text_of(*read_file(home.path("log"))).find("bad value in JPKI_LOG") != std::string_view::npos);
}

TEST_CASE("the log's file is the owner's alone, and not reached through a link") {
  const Home home;
  setenv("JPKI_LOG", ("debug:" + home.path("log").string()).c_str(), 1);
  static_cast<void>(module::read_config());
  struct stat info {};
  REQUIRE(stat(home.path("log").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  home.write("target", "");
  std::filesystem::create_symlink(home.path("target"), home.path("link"));
  setenv("JPKI_LOG", ("debug:" + home.path("link").string()).c_str(), 1);
  static_cast<void>(module::read_config());
  log::error("never written");
  CHECK(std::filesystem::file_size(home.path("target")) == 0);
}
