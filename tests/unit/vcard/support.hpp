// Cards for the tests: folders that vanish, and commands written as hexadecimal text.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/file.hpp"
#include "base/hex.hpp"
#include "support/catch.hpp"
#include "vcard/card.hpp"
#include "vcard/create.hpp"
#include "vcard/folder.hpp"
#include "vcard/issuer_channel.hpp"
#include "vcard/presence.hpp"

namespace jpki::vcard::test {

namespace fs = std::filesystem;

class TempFolder {
 public:
  TempFolder() {
    std::string name = (fs::temp_directory_path() / "vcard.XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  fs::path path;
};

inline Bytes hex(std::string_view text) { return from_hex(text).value(); }

/// Sends a command, answers in hexadecimal.
inline std::string tx(Card& card, std::string_view command) { return to_hex(card.transmit(hex(command))); }

/// The status word alone.
inline std::string sw(Card& card, std::string_view command) {
  const std::string answer = tx(card, command);
  return answer.size() < 4 ? answer : answer.substr(answer.size() - 4);
}

inline const Bytes test_issuer_key(32, 0x5A);

/// Something that begins like a certificate (30 82) and is as long as it says.
inline Bytes look_alike(std::uint8_t mark, std::size_t size = 1586) {
  Bytes der(size, mark);
  const std::size_t content = size - 4;
  der[0] = 0x30;
  der[1] = 0x82;
  der[2] = static_cast<std::uint8_t>(content >> 8);
  der[3] = static_cast<std::uint8_t>(content);
  return der;
}

inline IssuerChannel::Transmit over(Card& card) {
  return [&card](ByteView command) { return card.transmit(command); };
}

inline std::unique_ptr<Card> powered(const fs::path& folder) {
  auto card = Card::open(folder);
  card->power_on();
  return card;
}

/// The folder of a finished card, made once per kind: keys made in the card, look-alikes of certificates
/// marked by EF number.
inline const fs::path& finished_folder(Kind kind) {
  static const TempFolder root;
  static fs::path made[2];
  fs::path& path = made[kind == Kind::juki ? 0 : 1];
  if (!path.empty()) return path;
  path = root.path / std::string(row_of(kind).name);
  create_card(path, kind, test_issuer_key);
  const auto card = powered(path);
  IssuerChannel issuer(over(*card), test_issuer_key);
  for (const Role role : all_roles) {
    if (!has_role(kind, role)) continue;
    const std::uint8_t mark = role == Role::sign ? 0x01 : 0x0A;
    issuer.generate_key(role, {KeyType::rsa, static_cast<std::uint16_t>(kind == Kind::juki ? 1024 : 2048)});
    issuer.write_certificate(role, look_alike(mark));
    issuer.write_ca_certificate(role, look_alike(static_cast<std::uint8_t>(mark + 1)));
  }
  return path;
}

/// A finished card of its own, powered.
class TestCard {
 public:
  explicit TestCard(Kind kind = Kind::mynumber) {
    fs::copy(finished_folder(kind), path(), fs::copy_options::recursive);
    reopen();
  }
  [[nodiscard]] fs::path path() const { return root_.path / "card"; }
  void reopen() { card_ = powered(path()); }
  void set(std::string_view name, std::string_view value) { set_switch(path(), name, value); }
  Card& operator*() { return *card_; }
  Card* operator->() { return card_.get(); }

  std::string tx(std::string_view command) { return test::tx(*card_, command); }
  std::string sw(std::string_view command) { return test::sw(*card_, command); }

  void select_application() { REQUIRE(tx(select_jpki) == "9000"); }
  void select_ef(std::string_view id) { REQUIRE(tx("00A4020C02" + std::string(id)) == "9000"); }
  /// The application, the PIN EF, and the right PIN.
  void login(Role role) {
    select_application();
    select_ef(role == Role::auth ? "0018" : "001B");
    REQUIRE(tx(role == Role::auth ? "0020008004 31323334" : "0020008006 414243313233") == "9000");
  }

  static constexpr std::string_view select_jpki = "00A4040C0A D392F000260100000001";

 private:
  TempFolder root_;
  std::unique_ptr<Card> card_;
};

}  // namespace jpki::vcard::test
