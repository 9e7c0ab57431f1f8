// The sex as otherName .3 codes it.
#pragma once

#include <array>
#include <string_view>

namespace jpki::service {

struct SexRow {
  char code;
  std::string_view kanji, english;
};

inline constexpr std::array sex_rows{SexRow{'1', "男", "male"}, SexRow{'2', "女", "female"},
                                     SexRow{'3', "不明", "unknown"}};

/// By code, kanji or English word; null if there is none.
constexpr const SexRow* find_sex(std::string_view word) {
  for (const auto& row : sex_rows) {
    if (word == row.kanji || word == row.english || word == std::string_view(&row.code, 1)) return &row;
  }
  return nullptr;
}

}  // namespace jpki::service
