#include "counter/hand_out.hpp"

#include "base/file.hpp"
#include "crypto/hash.hpp"

namespace jpki::counter {
namespace {

namespace fs = std::filesystem;
using service::Tier;

constexpr unsigned for_all = 0644, for_owner = 0600;

struct Words {
  const char *title, *test, *issued, *until, *cas, *compare, *passwords, *sign_rule, *auth_rule, *locked,
      *loss, *move, *sign, *auth, *bridge, *juki;
};

// Rules of the passwords and what voids a certificate: municipal notices, as docs/card-jpki.md has them.
constexpr Words japanese{
    "公的個人認証サービス 利用のご案内（試験用）",
    "この電子証明書は試験用です。実際の手続には使えません。",
    "発行日",
    "有効期間の満了日",
    "認証局の自己署名証明書のフィンガープリント",
    "カードの中の認証局の証明書が本物であることを、次の値と見比べて確かめてください。",
    "パスワード",
    "署名用：英大文字と数字を混ぜた6文字から16文字。5回続けて間違えるとロックされます。",
    "利用者証明用：数字4桁。3回続けて間違えるとロックされます。",
    "ロックされたとき、忘れたときは、市区町村の窓口で手続をしてください。",
    "カードをなくしたり盗まれたりしたときは、すぐに市区町村の窓口で失効の申請をしてください。",
    "住所や氏名などが変わると、署名用電子証明書は失効します。窓口で新しいものを申請してください。",
    "署名用電子証明書",
    "利用者証明用電子証明書",
    "ブリッジ認証局",
    "署名用：英大文字と数字、4文字から16文字（推定）。5回続けて間違えるとロックされます。",
};
constexpr Words english{
    "How to use the service (for tests)",
    "This certificate is for tests. No real procedure accepts it.",
    "Day of issue",
    "Last day",
    "Fingerprints of the CAs' self-signed certificates",
    "Compare the CA's certificate in the card with these, to be sure that it is genuine.",
    "Passwords",
    "Signature: 6 to 16 capital letters and digits, at least one of each. Five wrong ones in a row lock it.",
    "Authentication: four digits. Three wrong ones in a row lock it.",
    "If it is locked or forgotten, the municipal office helps.",
    "If the card is lost or stolen, have the certificates revoked at the municipal office at once.",
    "The signature certificate ends when name or address change. The office issues a new one.",
    "Signature certificate",
    "Authentication certificate",
    "Bridge CA",
    "Signature: 4 to 16 capital letters and digits (assumed). Five wrong ones in a row lock it.",
};

struct Item {
  enum Kind { title, heading, paragraph, code } kind;
  std::string text;
};

const char* title_of(const Words& words, Tier tier) { return tier == Tier::sign ? words.sign : words.auth; }

std::string day_of(service::Instant instant) { return service::date_text(service::day_in_japan(instant)); }

void add_fingerprints(std::vector<Item>& items, const std::string& name, ByteView der) {
  items.push_back({Item::paragraph, name});
  items.push_back({Item::code, "SHA-256 " + fingerprint(Hash::sha256, der)});
  items.push_back({Item::code, "SHA-1   " + fingerprint(Hash::sha1, der)});
}

void add_days(std::vector<Item>& items, const Words& words, CaFolder& ca, const X509& certificate) {
  const auto entry = ca.find(certificate);
  const bool is_auth = entry && entry->issuer == issuer_of(Tier::auth);
  const Period period = period_of(certificate);
  items.push_back({Item::paragraph, std::string(is_auth ? words.auth : words.sign) + ": " + words.issued +
                                        ' ' + day_of(period.first) + ", " + words.until + ' ' +
                                        day_of(period.last)});
}

void add_language(std::vector<Item>& items, const Words& words, CaFolder& ca,
                  const std::vector<const X509*>& certificates) {
  const bool is_juki = ca.hierarchy().kind == vcard::Kind::juki;
  items.push_back({Item::title, words.title});
  items.push_back({Item::paragraph, words.test});
  for (const X509* certificate : certificates) add_days(items, words, ca, *certificate);
  items.push_back({Item::heading, words.cas});
  items.push_back({Item::paragraph, words.compare});
  for (const Tier tier : tiers_of(ca.hierarchy().kind))
    add_fingerprints(items, title_of(words, tier), certificate_der(*ca.authority(tier).certificate));
  if (const auto bridge = read_file(ca.path() / bridge_copy)) add_fingerprints(items, words.bridge, *bridge);
  items.push_back({Item::heading, words.passwords});
  items.push_back({Item::paragraph, is_juki ? words.juki : words.sign_rule});
  if (!is_juki) items.push_back({Item::paragraph, words.auth_rule});
  for (const char* text : {words.locked, words.loss, words.move}) items.push_back({Item::paragraph, text});
}

std::vector<Item> items_of(CaFolder& ca, const std::vector<const X509*>& certificates) {
  std::vector<Item> items;
  for (const Words* words : {&japanese, &english}) add_language(items, *words, ca, certificates);
  return items;
}

std::string stamp(service::Instant instant) {
  using namespace std::chrono;
  std::string text = instant_text(instant + hours(9));  // Japan
  std::erase_if(text, [](char c) { return c < '0' || c > '9'; });
  return text;
}

}  // namespace

std::string fingerprint(Hash hash, ByteView der) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string text;
  for (const std::uint8_t byte : crypto::digest(hash, der)) {
    if (!text.empty()) text += ':';
    text += {digits[byte >> 4], digits[byte & 15]};
  }
  return text;
}

std::string leaflet_text(CaFolder& ca, const std::vector<const X509*>& certificates) {
  std::string text;
  for (const auto& item : items_of(ca, certificates)) {
    if (item.kind == Item::title || item.kind == Item::heading) text += text.empty() ? "" : "\n";
    text += item.kind == Item::title ? "== " : item.kind == Item::code ? "    " : "";
    text += item.text + '\n';
  }
  return text;
}

// Nothing of it was typed by anybody: no text needs escaping but the apostrophe, which HTML takes as it is.
std::string leaflet_html(CaFolder& ca, const std::vector<const X509*>& certificates) {
  static constexpr const char* tags[] = {"h1", "h2", "p", "pre"};
  std::string html = "<!DOCTYPE html>\n<html lang=\"ja\">\n<head><meta charset=\"utf-8\"><title>" +
                     std::string(japanese.title) + "</title></head>\n<body>\n";
  for (const auto& item : items_of(ca, certificates)) {
    const char* const tag = tags[item.kind];
    html.append("<").append(tag).append(">").append(item.text).append("</").append(tag).append(">\n");
  }
  return html + "</body>\n</html>\n";
}

std::vector<fs::path> hand_out(const fs::path& folder, CaFolder& ca,
                               const std::vector<const X509*>& certificates, service::Instant now) {
  fs::create_directories(folder);
  std::vector<fs::path> files;
  const auto write = [&](const std::string& name, ByteView content, unsigned mode) {
    create_file(folder / name, content, mode);
    files.push_back(folder / name);
  };
  for (const X509* certificate : certificates) {
    const auto entry = ca.find(*certificate);
    const bool is_auth = entry && entry->issuer == issuer_of(Tier::auth);
    write(std::string(is_auth ? "CertUserAuth" : "CertUserSign") + stamp(now) + ".cer",
          certificate_der(*certificate), for_owner);
  }
  write("leaflet.txt", bytes_of(leaflet_text(ca, certificates)), for_all);
  write("leaflet.html", bytes_of(leaflet_html(ca, certificates)), for_all);
  return files;
}

}  // namespace jpki::counter
