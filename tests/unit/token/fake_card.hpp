// A My Number Card for the token's tests: a reader and links that play the card's answers, with faults on
// demand.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/hex.hpp"
#include "card/jpki/profile.hpp"
#include "support/vectors.hpp"
#include "token/card_token.hpp"

namespace jpki::test {

using apdu::TransportError;
using card::Role;

/// What the card and its reader are like now; tests turn the knobs.
struct FakeCard {
  using Reason = TransportError::Reason;

  // The reader's side
  bool present = true;
  std::uint64_t insertion = 1;
  int resets_untold = 0;                // begin() tells of so many, one after the other
  std::optional<Reason> connect_fails;  // what connect() throws
  int fails_at = -1;                    // so many commands from now one fails ...
  Reason failure = Reason::removed;     // ... so
  bool power_stays = false;             // power cannot be taken away

  // The card's side
  std::uint16_t selected = 0;
  std::map<std::uint16_t, std::string> pins{{0x0018, "1234"}, {0x001B, "ABC123"}};
  std::map<std::uint16_t, unsigned> tries{{0x0018, 3}, {0x001B, 5}};
  std::map<std::uint16_t, bool> verified;
  std::map<std::uint16_t, Bytes> files;
  Bytes signature = Bytes(256, 0x11);

  // What happened
  std::vector<std::string> commands;  // heads; of VERIFY and CHANGE with "+" where there was a body
  int power_offs = 0, late_power_offs = 0, begun = 0, open_links = 0;

  /// Another program resets the card, so often before the next transaction begins.
  void reset(int times = 1) {
    verified.clear();
    resets_untold = times;
  }
  [[nodiscard]] long count(const std::string& command) const {
    return std::count(commands.begin(), commands.end(), command);
  }
  [[nodiscard]] long pins_sent() const { return count("00200080+"); }

  Bytes answer(ByteView command);

 private:
  Bytes verify(ByteView pin);
  Bytes read(ByteView command) const;
};

inline Bytes status(std::uint16_t word, Bytes data = {}) {
  data.push_back(static_cast<std::uint8_t>(word >> 8));
  data.push_back(static_cast<std::uint8_t>(word));
  return data;
}

inline Bytes FakeCard::verify(ByteView pin) {
  auto& left = tries[selected];
  if (left == 0) return status(0x6984);
  if (pin.empty()) return status(static_cast<std::uint16_t>(0x63C0 | left));
  verified[selected] = text_of(pin) == pins[selected];
  left = verified[selected] ? (selected == 0x0018 ? 3 : 5) : left - 1;
  return verified[selected] ? status(0x9000) : status(static_cast<std::uint16_t>(0x63C0 | left));
}

inline Bytes FakeCard::read(ByteView command) const {
  if (selected == 0x0001 && (verified.count(0x001B) == 0 || !verified.at(0x001B))) return status(0x6982);
  const auto& content = files.at(selected);
  const std::size_t offset = static_cast<std::size_t>(command[2]) << 8 | command[3];
  const std::size_t wanted = command.back() == 0 ? 256 : command.back();
  if (offset >= content.size()) return status(0x6B00);
  const std::size_t size = std::min(wanted, content.size() - offset);
  const auto* begin = content.data() + offset;
  return status(0x9000, {begin, begin + size});
}

inline Bytes FakeCard::answer(ByteView command) {
  const std::string head = to_hex(command.first(4));
  const bool body = command.size() > 5;
  commands.push_back(head + (body && (head[3] == '0' || head[3] == '4') && head[2] == '2' ? "+" : ""));
  const ByteView data = body ? command.subspan(5, command[4]) : ByteView{};
  if (head == "00A4040C") return status(0x9000);
  if (head == "00A4020C") {
    const auto file = static_cast<std::uint16_t>(data[0] << 8 | data[1]);
    const bool key = file == 0x0017 || file == 0x001A;
    if (!key && pins.count(file) == 0 && files.count(file) == 0) return status(0x6A82);
    selected = file;
    return status(0x9000);
  }
  if (head == "00200080") return verify(data);
  if (head == "00240180") {
    if (!verified[selected]) return status(0x6982);
    pins[selected] = text_of(data);
    return status(0x9000);
  }
  if (head.substr(0, 4) == "00B0") return read(command);
  if (head == "802A0080" || head == "802A0480")
    return verified[selected == 0x0017 ? 0x0018 : 0x001B] ? status(0x9000, signature) : status(0x6982);
  return status(0x6D00);
}

class FakeLink final : public apdu::Link {
 public:
  explicit FakeLink(FakeCard& card) : card_(card), insertion_(card.insertion) { ++card_.open_links; }
  FakeLink(const FakeLink&) = delete;
  FakeLink& operator=(const FakeLink&) = delete;
  ~FakeLink() override {
    if (in_transaction_) end();
    --card_.open_links;
  }

  void begin() override {
    if (!card_.present || insertion_ != card_.insertion)
      throw TransportError(FakeCard::Reason::removed, "gone");
    if (card_.resets_untold > 0) {
      --card_.resets_untold;
      throw TransportError(FakeCard::Reason::reset, "reset");
    }
    ++card_.begun;
    in_transaction_ = true;
  }
  void end() noexcept override {
    --card_.begun;
    in_transaction_ = false;
  }
  Bytes transmit(ByteView command) override {
    if (card_.begun != 1) throw std::logic_error("a command outside a transaction");
    if (card_.fails_at == 0) throw TransportError(card_.failure, "as the test wants it");
    if (card_.fails_at > 0) --card_.fails_at;
    return card_.answer(command);
  }
  bool power_off() noexcept override {
    if (card_.power_stays) return false;
    card_.verified.clear();
    if (!in_transaction_) ++card_.late_power_offs;
    ++card_.power_offs;
    return true;
  }

 private:
  FakeCard& card_;
  const std::uint64_t insertion_;
  bool in_transaction_ = false;
};

class FakeReader final : public apdu::Reader {
 public:
  explicit FakeReader(FakeCard& card) : card_(card) {}
  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] apdu::Presence presence() override { return {card_.present, card_.insertion}; }
  [[nodiscard]] std::unique_ptr<apdu::Link> connect() override {
    if (card_.connect_fails) throw TransportError(*card_.connect_fails, "as the test wants it");
    if (!card_.present) throw TransportError(FakeCard::Reason::removed, "no card");
    return std::make_unique<FakeLink>(card_);
  }

 private:
  FakeCard& card_;
  const std::string name_ = "Fake reader";
};

/// The card met by a CardUnit, and both its tokens.
struct TokenBench {
  explicit TokenBench(const token::CardOptions& options)
      : TokenBench(Bytes(160, 'T'), {true, true}, options) {}
  explicit TokenBench(Bytes token_info = Bytes(160, 'T'), std::array<bool, 2> has = {true, true},
                      const token::CardOptions& options = {}) {
    card.files[0x000A] = card.files[0x0001] = vector_file("openssl/rsa2048.cert.der");
    unit = std::make_shared<token::CardUnit>(std::make_shared<FakeReader>(card),
                                             card::Identity{&card::profiles()[0], std::move(token_info), has},
                                             options);
    auth = std::make_unique<token::CardToken>(unit, Role::authentication);
    sign = std::make_unique<token::CardToken>(unit, Role::signature);
  }

  static core::PinOutcome login(core::Token& token, std::string_view pin) {
    return token.login(CKU_USER, bytes_of(pin));
  }
  /// A session and a login with the right PIN.
  void enter(core::Token& token) {
    token.session_opened(true);
    REQUIRE(login(token, &token == auth.get() ? "1234" : "ABC123") == core::PinOutcome::accepted);
  }
  static std::vector<CK_OBJECT_HANDLE> objects(core::Token& token, CK_OBJECT_CLASS wanted) {
    const CK_ATTRIBUTE attribute{CKA_CLASS, &wanted, sizeof wanted};
    return token.objects().search(core::Template(&attribute, 1));
  }
  static std::shared_ptr<core::PrivateKey> key(core::Token& token) {
    const auto found = objects(token, CKO_PRIVATE_KEY);
    REQUIRE(found.size() == 1);
    return token.objects().find(found[0])->private_key();
  }
  static Bytes use(core::PrivateKey& key, ByteView block) {
    Bytes out(key.signature_size());
    out.resize(key.sign({Scheme::Kind::rsa_pkcs1}, block, out));
    return out;
  }

  FakeCard card;
  std::shared_ptr<token::CardUnit> unit;
  std::unique_ptr<token::CardToken> auth, sign;
};

}  // namespace jpki::test
