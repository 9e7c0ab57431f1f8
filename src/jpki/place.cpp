#include "jpki/place.hpp"

#include <array>

#include "jpki/date.hpp"

namespace jpki::service {
namespace {

constexpr std::array prefecture_rows{
    PrefectureRow{"01", "北海道", "Hokkaido"},      PrefectureRow{"02", "青森県", "Aomori-ken"},
    PrefectureRow{"03", "岩手県", "Iwate-ken"},     PrefectureRow{"04", "宮城県", "Miyagi-ken"},
    PrefectureRow{"05", "秋田県", "Akita-ken"},     PrefectureRow{"06", "山形県", "Yamagata-ken"},
    PrefectureRow{"07", "福島県", "Fukushima-ken"}, PrefectureRow{"08", "茨城県", "Ibaraki-ken"},
    PrefectureRow{"09", "栃木県", "Tochigi-ken"},   PrefectureRow{"10", "群馬県", "Gunma-ken"},
    PrefectureRow{"11", "埼玉県", "Saitama-ken"},   PrefectureRow{"12", "千葉県", "Chiba-ken"},
    PrefectureRow{"13", "東京都", "Tokyo-to"},      PrefectureRow{"14", "神奈川県", "Kanagawa-ken"},
    PrefectureRow{"15", "新潟県", "Niigata-ken"},   PrefectureRow{"16", "富山県", "Toyama-ken"},
    PrefectureRow{"17", "石川県", "Ishikawa-ken"},  PrefectureRow{"18", "福井県", "Fukui-ken"},
    PrefectureRow{"19", "山梨県", "Yamanashi-ken"}, PrefectureRow{"20", "長野県", "Nagano-ken"},
    PrefectureRow{"21", "岐阜県", "Gifu-ken"},      PrefectureRow{"22", "静岡県", "Shizuoka-ken"},
    PrefectureRow{"23", "愛知県", "Aichi-ken"},     PrefectureRow{"24", "三重県", "Mie-ken"},
    PrefectureRow{"25", "滋賀県", "Shiga-ken"},     PrefectureRow{"26", "京都府", "Kyoto-fu"},
    PrefectureRow{"27", "大阪府", "Osaka-fu"},      PrefectureRow{"28", "兵庫県", "Hyogo-ken"},
    PrefectureRow{"29", "奈良県", "Nara-ken"},      PrefectureRow{"30", "和歌山県", "Wakayama-ken"},
    PrefectureRow{"31", "鳥取県", "Tottori-ken"},   PrefectureRow{"32", "島根県", "Shimane-ken"},
    PrefectureRow{"33", "岡山県", "Okayama-ken"},   PrefectureRow{"34", "広島県", "Hiroshima-ken"},
    PrefectureRow{"35", "山口県", "Yamaguchi-ken"}, PrefectureRow{"36", "徳島県", "Tokushima-ken"},
    PrefectureRow{"37", "香川県", "Kagawa-ken"},    PrefectureRow{"38", "愛媛県", "Ehime-ken"},
    PrefectureRow{"39", "高知県", "Kochi-ken"},     PrefectureRow{"40", "福岡県", "Fukuoka-ken"},
    PrefectureRow{"41", "佐賀県", "Saga-ken"},      PrefectureRow{"42", "長崎県", "Nagasaki-ken"},
    PrefectureRow{"43", "熊本県", "Kumamoto-ken"},  PrefectureRow{"44", "大分県", "Oita-ken"},
    PrefectureRow{"45", "宮崎県", "Miyazaki-ken"},  PrefectureRow{"46", "鹿児島県", "Kagoshima-ken"},
    PrefectureRow{"47", "沖縄県", "Okinawa-ken"},
};

constexpr std::array municipality_rows{
    MunicipalityRow{"01100", "札幌市", "Sapporo-shi"},
    MunicipalityRow{"02201", "青森市", "Aomori-shi"},
    MunicipalityRow{"03201", "盛岡市", "Morioka-shi"},
    MunicipalityRow{"04100", "仙台市", "Sendai-shi"},
    MunicipalityRow{"05201", "秋田市", "Akita-shi"},
    MunicipalityRow{"06201", "山形市", "Yamagata-shi"},
    MunicipalityRow{"07201", "福島市", "Fukushima-shi"},
    MunicipalityRow{"08201", "水戸市", "Mito-shi"},
    MunicipalityRow{"09201", "宇都宮市", "Utsunomiya-shi"},
    MunicipalityRow{"10201", "前橋市", "Maebashi-shi"},
    MunicipalityRow{"11100", "さいたま市", "Saitama-shi"},
    MunicipalityRow{"12100", "千葉市", "Chiba-shi"},
    MunicipalityRow{"13101", "千代田区", "Chiyoda-ku"},
    MunicipalityRow{"13102", "中央区", "Chuo-ku"},
    MunicipalityRow{"13103", "港区", "Minato-ku"},
    MunicipalityRow{"13104", "新宿区", "Shinjuku-ku"},
    MunicipalityRow{"13105", "文京区", "Bunkyo-ku"},
    MunicipalityRow{"13106", "台東区", "Taito-ku"},
    MunicipalityRow{"13107", "墨田区", "Sumida-ku"},
    MunicipalityRow{"13108", "江東区", "Koto-ku"},
    MunicipalityRow{"13109", "品川区", "Shinagawa-ku"},
    MunicipalityRow{"13110", "目黒区", "Meguro-ku"},
    MunicipalityRow{"13111", "大田区", "Ota-ku"},
    MunicipalityRow{"13112", "世田谷区", "Setagaya-ku"},
    MunicipalityRow{"13113", "渋谷区", "Shibuya-ku"},
    MunicipalityRow{"13114", "中野区", "Nakano-ku"},
    MunicipalityRow{"13115", "杉並区", "Suginami-ku"},
    MunicipalityRow{"13116", "豊島区", "Toshima-ku"},
    MunicipalityRow{"13117", "北区", "Kita-ku"},
    MunicipalityRow{"13118", "荒川区", "Arakawa-ku"},
    MunicipalityRow{"13119", "板橋区", "Itabashi-ku"},
    MunicipalityRow{"13120", "練馬区", "Nerima-ku"},
    MunicipalityRow{"13121", "足立区", "Adachi-ku"},
    MunicipalityRow{"13122", "葛飾区", "Katsushika-ku"},
    MunicipalityRow{"13123", "江戸川区", "Edogawa-ku"},
    MunicipalityRow{"13221", "清瀬市", "Kiyose-shi"},
    MunicipalityRow{"14100", "横浜市", "Yokohama-shi"},
    MunicipalityRow{"15100", "新潟市", "Niigata-shi"},
    MunicipalityRow{"16201", "富山市", "Toyama-shi"},
    MunicipalityRow{"17201", "金沢市", "Kanazawa-shi"},
    MunicipalityRow{"18201", "福井市", "Fukui-shi"},
    MunicipalityRow{"19201", "甲府市", "Kofu-shi"},
    MunicipalityRow{"20201", "長野市", "Nagano-shi"},
    MunicipalityRow{"21201", "岐阜市", "Gifu-shi"},
    MunicipalityRow{"22100", "静岡市", "Shizuoka-shi"},
    MunicipalityRow{"23100", "名古屋市", "Nagoya-shi"},
    MunicipalityRow{"24201", "津市", "Tsu-shi"},
    MunicipalityRow{"25201", "大津市", "Otsu-shi"},
    MunicipalityRow{"26100", "京都市", "Kyoto-shi"},
    MunicipalityRow{"27100", "大阪市", "Osaka-shi"},
    MunicipalityRow{"28100", "神戸市", "Kobe-shi"},
    MunicipalityRow{"29201", "奈良市", "Nara-shi"},
    MunicipalityRow{"30201", "和歌山市", "Wakayama-shi"},
    MunicipalityRow{"31201", "鳥取市", "Tottori-shi"},
    MunicipalityRow{"32201", "松江市", "Matsue-shi"},
    MunicipalityRow{"33100", "岡山市", "Okayama-shi"},
    MunicipalityRow{"34100", "広島市", "Hiroshima-shi"},
    MunicipalityRow{"35203", "山口市", "Yamaguchi-shi"},
    MunicipalityRow{"36201", "徳島市", "Tokushima-shi"},
    MunicipalityRow{"37201", "高松市", "Takamatsu-shi"},
    MunicipalityRow{"38201", "松山市", "Matsuyama-shi"},
    MunicipalityRow{"39201", "高知市", "Kochi-shi"},
    MunicipalityRow{"40130", "福岡市", "Fukuoka-shi"},
    MunicipalityRow{"41201", "佐賀市", "Saga-shi"},
    MunicipalityRow{"42201", "長崎市", "Nagasaki-shi"},
    MunicipalityRow{"43100", "熊本市", "Kumamoto-shi"},
    MunicipalityRow{"44201", "大分市", "Oita-shi"},
    MunicipalityRow{"45201", "宮崎市", "Miyazaki-shi"},
    MunicipalityRow{"46201", "鹿児島市", "Kagoshima-shi"},
    MunicipalityRow{"47201", "那覇市", "Naha-shi"},
};

// No municipality has 999, and none is called so.
constexpr std::string_view unknown_suffix = "999", unknown_city = "Test-shi";

Place place_of_row(const MunicipalityRow& row) {
  return {find_prefecture(row.code.substr(0, 2)), std::string(row.code), std::string(row.romaji)};
}

}  // namespace

std::span<const PrefectureRow> prefectures() { return prefecture_rows; }
std::span<const MunicipalityRow> municipalities() { return municipality_rows; }

const PrefectureRow* find_prefecture(std::string_view name) {
  for (const auto& row : prefecture_rows) {
    if (name == row.code || name == row.kanji || name == row.romaji || name == row.bare()) return &row;
  }
  return nullptr;
}

const PrefectureRow* prefecture_of_address(std::string_view address) {
  for (const auto& row : prefecture_rows) {
    if (address.starts_with(row.kanji)) return &row;
  }
  return nullptr;
}

const MunicipalityRow* find_municipality(std::string_view code) {
  for (const auto& row : municipality_rows) {
    if (code == row.code) return &row;
  }
  return nullptr;
}

Place place_of_address(std::string_view address) {
  const PrefectureRow* prefecture = prefecture_of_address(address);
  if (prefecture == nullptr) return {};
  address.remove_prefix(prefecture->kanji.size());
  for (const auto& row : municipality_rows) {
    if (row.code.starts_with(prefecture->code) && address.starts_with(row.kanji)) return place_of_row(row);
  }
  return {prefecture, std::string(prefecture->code) + std::string(unknown_suffix), std::string(unknown_city)};
}

Place place_of_code(std::string_view code) {
  if (code.size() != 5 || !parse_number(code)) return {};
  if (const auto* row = find_municipality(code)) return place_of_row(*row);
  return {find_prefecture(code.substr(0, 2)), std::string(code), std::string(unknown_city)};
}

}  // namespace jpki::service
