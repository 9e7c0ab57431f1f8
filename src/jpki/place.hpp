// Prefectures and municipalities: their codes (全国地方公共団体コード, five digits without the check digit),
// names, and the romaji that certificates write.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace jpki::service {

struct PrefectureRow {
  std::string_view code;  // two digits
  std::string_view kanji, romaji;

  /// The romaji without its suffix: Iwate of Iwate-ken.
  [[nodiscard]] std::string_view bare() const { return romaji.substr(0, romaji.find('-')); }
};

struct MunicipalityRow {
  std::string_view code;  // five digits, the first two are the prefecture's
  std::string_view kanji, romaji;
};

/// All 47, by code.
std::span<const PrefectureRow> prefectures();
/// Some: the seats of the prefectural governments and Tokyo's special wards. Designated cities as a whole.
std::span<const MunicipalityRow> municipalities();

/// By code, kanji, romaji with or without suffix; null if there is none.
const PrefectureRow* find_prefecture(std::string_view name);
/// The one with which an address begins; null if it begins with none.
const PrefectureRow* prefecture_of_address(std::string_view address);
const MunicipalityRow* find_municipality(std::string_view code);

/// A resident's place, as certificates name it.
struct Place {
  const PrefectureRow* prefecture = nullptr;
  std::string code, city;  // municipality: five digits, romaji
};

/// By address. A municipality that is not among the rows becomes Test-shi with a code that nobody has. The
/// prefecture is null if the address begins with none.
Place place_of_address(std::string_view address);
/// By the municipality's code. The prefecture is null if there is no such prefecture, or not five digits.
Place place_of_code(std::string_view code);

}  // namespace jpki::service
