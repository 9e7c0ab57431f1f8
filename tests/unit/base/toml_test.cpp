#include "base/toml.hpp"

#include "support/catch.hpp"

using namespace jpki;

namespace {

std::string string_in(std::string_view text) { return toml_string(read_toml(text), "a"); }

std::string complaint_about(std::string_view text) {
  try {
    read_toml(text);
  } catch (const TomlError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("every kind of value, with its line") {
  const auto table = read_toml("b = true\na = 'text'\n\nc = -7\nd = ['x', \"y\"]\n[e]\nf = 1.5\ng = [1]\n");
  REQUIRE(table.size() == 5);
  CHECK(table[0].key == "a");
  CHECK(table[0].line == 2);
  CHECK(std::get<std::string>(table[0].value) == "text");
  CHECK(std::get<bool>(table[1].value));
  CHECK(std::get<std::int64_t>(table[2].value) == -7);
  CHECK(std::get<std::vector<std::string>>(table[3].value) == std::vector<std::string>{"x", "y"});
  const auto& inner = std::get<TomlTable>(table[4].value);
  REQUIRE(inner.size() == 2);
  CHECK(inner[0].line == 7);
  CHECK(std::holds_alternative<std::monostate>(inner[0].value));
  CHECK(std::holds_alternative<std::monostate>(inner[1].value));
}

TEST_CASE("strings keep every character, also what is written by its number") {
  CHECK(string_in("a = 'é~^公'") == "é~^公");
  CHECK(string_in(R"(a = "~\u007E41\U0000007e5E\u005e")") == "~~41~5E^");
  CHECK(string_in(R"(a = '~\u007E41')") == R"(~\u007E41)");
  CHECK(string_in(R"(a = "\u00E9\U0001F600")") == "é😀");
  CHECK(toml_string(read_toml("\xEF\xBB\xBF['é']\n\"~\" = 'ü'"), "é.~") == "ü");
  CHECK(toml_string(read_toml("a = 1\n[b]\nc = 'd'"), "a").empty());
  CHECK(toml_string(read_toml("a = 1\n[b]\nc = 'd'"), "a.c").empty());
  CHECK(toml_string(read_toml("a = 1\n[b]\nc = 'd'"), "b.c") == "d");
}

TEST_CASE("what is no UTF-8 is no TOML") {
  // RFC 3629, 4: cut off, a byte that begins nothing, too long an encoding, a surrogate, beyond U+10FFFF.
  for (const char* bytes :
       {"\xC3", "\xE5\x85", "\xF0\x9F\x98", "\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"})
    CHECK(complaint_about("# first\na = '" + std::string(bytes) + "'\n") == "not TOML at line 2");
  for (const char* character :
       {"\xC2\x80", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
    CHECK(string_in("a = '" + std::string(character) + "'") == character);
}

TEST_CASE("a quote within a word begins no string") {
  CHECK(complaint_about("a = 1\nb = [0'\xEF\xB4\xBF']\n") == "not TOML at line 2");
}

TEST_CASE("the complaint tells nothing of the text") {
  const auto complaint = complaint_about("a = 1\nsecret = [\n");
  CHECK(complaint.starts_with("not TOML at line "));
  CHECK(complaint.find("secret") == std::string::npos);
}
