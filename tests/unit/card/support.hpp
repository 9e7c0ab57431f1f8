// Cards for the tests of the card driver.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "card/jpki/jpki_card.hpp"
#include "support/scripted_link.hpp"

namespace jpki::card::test {

using jpki::test::counted;
using jpki::test::hex;
using jpki::test::ScriptedLink;
using jpki::test::Step;

/// A link that answers by rule, and remembers what it was told.
class RuleLink final : public apdu::Link {
 public:
  explicit RuleLink(std::function<Bytes(ByteView)> rule) : rule_(std::move(rule)) {}
  void begin() override {}
  void end() noexcept override {}
  bool power_off() noexcept override { return true; }
  [[nodiscard]] std::size_t extended_limit() const override { return limit; }
  Bytes transmit(ByteView command) override {
    commands.push_back(to_hex(command));
    return rule_(command);
  }

  std::size_t limit = 0;
  std::vector<std::string> commands;

 private:
  const std::function<Bytes(ByteView)> rule_;
};

inline Bytes with_status(std::uint16_t status, ByteView data = {}) {
  Bytes answer = copy_of(data);
  answer.push_back(static_cast<std::uint8_t>(status >> 8));
  answer.push_back(static_cast<std::uint8_t>(status));
  return answer;
}

/// A My Number Card (row 0) or a Juki card (row 1), as probe would describe it.
inline Identity identity_of(std::size_t row) { return {&profiles()[row], {}, {row == 0, true}}; }

/// A card at the far end of any link.
struct Bench {
  // The analyzer does not see JpkiCard's constructor, which is in another file.
  // NOLINTBEGIN(clang-analyzer-optin.cplusplus.UninitializedObject)
  explicit Bench(apdu::Link& link, std::size_t row = 0)
      : identity(identity_of(row)), channel(link, state), card(channel, identity) {}
  // NOLINTEND(clang-analyzer-optin.cplusplus.UninitializedObject)
  apdu::ChannelState state;
  Identity identity;
  apdu::Channel channel;
  JpkiCard card;
};

/// The reason and status of the CardError that a call throws.
struct Failure {
  CardError::Reason reason;
  std::uint16_t status;
  friend bool operator==(const Failure&, const Failure&) = default;
};
inline std::ostream& operator<<(std::ostream& out, const Failure& failure) {
  return out << static_cast<int>(failure.reason) << " status " << failure.status;
}
template <class Call>
Failure failure_of(Call call) {
  try {
    call();
  } catch (const CardError& error) {
    return {error.reason(), error.status()};
  }
  throw std::logic_error("no CardError");
}

inline constexpr const char* select_jpki = "00A4040C0AD392F000260100000001";

inline std::string select(const std::string& file) { return "00A4020C02" + file; }

}  // namespace jpki::card::test
