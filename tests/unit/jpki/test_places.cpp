// Prefectures, municipalities, sexes, and text counted in characters.
#include <set>

#include "jpki/place.hpp"
#include "jpki/sex.hpp"
#include "jpki/text.hpp"
#include "support/catch.hpp"

using namespace jpki::service;

TEST_CASE("47 prefectures, numbered from north to south") {
  REQUIRE(prefectures().size() == 47);
  std::set<std::string_view> kanji, romaji;
  int n = 0;
  for (const auto& row : prefectures()) {
    CAPTURE(row.code);
    CHECK(std::stoi(std::string(row.code)) == ++n);
    CHECK(row.code.size() == 2);
    kanji.insert(row.kanji);
    romaji.insert(row.bare());
  }
  CHECK(kanji.size() == 47);
  CHECK(romaji.size() == 47);
}

TEST_CASE("the suffixes: one -to, two -fu, Hokkaido without, 43 -ken") {
  struct Suffix {
    std::string_view kanji, romaji;
    int count = 0;
  };
  Suffix suffixes[] = {{"都", "-to"}, {"府", "-fu"}, {"道", ""}, {"県", "-ken"}};
  for (const auto& row : prefectures()) {
    for (auto& suffix : suffixes) {
      if (!row.kanji.ends_with(suffix.kanji)) continue;
      ++suffix.count;
      CHECK(row.romaji.substr(row.bare().size()) == suffix.romaji);
    }
  }
  CHECK(suffixes[0].count == 1);
  CHECK(suffixes[1].count == 2);
  CHECK(suffixes[2].count == 1);
  CHECK(suffixes[3].count == 43);
}

TEST_CASE("a prefecture is found by each of its names") {
  for (const char* name : {"03", "岩手県", "Iwate-ken", "Iwate"}) {
    CAPTURE(name);
    REQUIRE(find_prefecture(name) != nullptr);
    CHECK(find_prefecture(name)->code == "03");
  }
  CHECK(find_prefecture("Tokyo")->romaji == "Tokyo-to");
  CHECK(find_prefecture("Kanagawa")->code == "14");
  CHECK(find_prefecture("Hokkaido")->code == "01");
  for (const char* name : {"", "iwate", "Iwate-", "岩手", "48", "00"}) {
    CAPTURE(name);
    CHECK(find_prefecture(name) == nullptr);
  }
}

TEST_CASE("municipalities belong to prefectures and have names of their own") {
  std::set<std::string_view> codes;
  for (const auto& row : municipalities()) {
    CAPTURE(row.code);
    CHECK(row.code.size() == 5);
    CHECK(find_prefecture(row.code.substr(0, 2)) != nullptr);
    CHECK(codes.insert(row.code).second);
    CHECK(row.kanji.ends_with("区") == row.romaji.ends_with("-ku"));
    CHECK(row.kanji.ends_with("市") == row.romaji.ends_with("-shi"));
  }
  for (const auto& row : prefectures()) {
    CAPTURE(row.code);
    CHECK(std::any_of(codes.begin(), codes.end(), [&](auto code) { return code.starts_with(row.code); }));
  }
}

TEST_CASE("an address tells the place") {
  struct Row {
    const char *address, *prefecture, *code, *city;
  };
  const Row rows[] = {{"東京都港区虎ノ門5丁目", "Tokyo-to", "13103", "Minato-ku"},
                      {"東京都清瀬市中里", "Tokyo-to", "13221", "Kiyose-shi"},
                      {"岩手県盛岡市内丸1", "Iwate-ken", "03201", "Morioka-shi"},
                      {"京都府京都市中京区", "Kyoto-fu", "26100", "Kyoto-shi"},
                      {"大阪府中央区", "Osaka-fu", "27999", "Test-shi"},  // Chuo-ku is Tokyo's
                      {"東京都奥多摩町", "Tokyo-to", "13999", "Test-shi"},
                      {"沖縄県", "Okinawa-ken", "47999", "Test-shi"}};
  for (const auto& row : rows) {
    CAPTURE(row.address);
    const Place place = place_of_address(row.address);
    REQUIRE(place.prefecture != nullptr);
    CHECK(place.prefecture->romaji == row.prefecture);
    CHECK(place.code == row.code);
    CHECK(place.city == row.city);
  }
  CHECK(place_of_address("港区虎ノ門5丁目").prefecture == nullptr);
  CHECK(place_of_address("").prefecture == nullptr);
}

TEST_CASE("a code tells the place") {
  CHECK(place_of_code("13103").city == "Minato-ku");
  CHECK(place_of_code("03202").city == "Test-shi");
  CHECK(place_of_code("03202").code == "03202");
  CHECK(place_of_code("03202").prefecture->romaji == "Iwate-ken");
  for (const char* bad : {"", "1310", "131032", "48101", "00101", "1310a", "-3103"}) {
    CAPTURE(bad);
    CHECK(place_of_code(bad).prefecture == nullptr);
  }
}

TEST_CASE("sexes by code and word") {
  CHECK(find_sex("male")->code == '1');
  CHECK(find_sex("女")->code == '2');
  CHECK(find_sex("3")->kanji == "不明");
  CHECK(find_sex("9") == nullptr);
  CHECK(find_sex("") == nullptr);
}

TEST_CASE("text is counted in characters") {
  CHECK(count_characters("") == 0);
  CHECK(count_characters("公的　一郎") == 5);
  CHECK(count_characters("東京都港区虎ノ門5丁目") == 11);
  CHECK(count_characters("𠮷野") == 2);  // U+20BB7, four bytes
  // RFC 3629, 4 and 10: cut off, stray, overlong, surrogate, beyond U+10FFFF
  for (const char* bad : {"\xE5\x85", "\x80", "a\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80",
                          "\xF4\x90\x80\x80", "\xFF", "\xF8\x88\x80\x80\x80"}) {
    CHECK_FALSE(count_characters(bad));
    CHECK_FALSE(is_plain_text(bad));
  }
  CHECK(is_plain_text("公的　一郎 O'Brien"));
  for (const char* bad : {"a\nb", "\x1B[2J", "\x7F", "\xC2\x85"}) CHECK_FALSE(is_plain_text(bad));
}
