// The driver against the virtual card, which was written from the same facts by other hands: every way of
// answering.
#include "support.hpp"
#include "support/temp_folder.hpp"
#include "vcard/card.hpp"
#include "vcard/create.hpp"
#include "vcard/issuer_channel.hpp"

using namespace jpki;
using namespace jpki::card;
using namespace jpki::card::test;

namespace {

constexpr const char* sha256_digest_info = "3031300D060960864801650304020105000420";

/// Something that begins like a certificate and is as long as it says.
Bytes look_alike(std::uint8_t mark) {
  Bytes der(1586, mark);
  der[0] = 0x30;
  der[1] = 0x82;
  der[2] = 0x06;
  der[3] = 0x2E;  // 1582
  return der;
}

/// A My Number Card without keys.
class VirtualCard {
 public:
  VirtualCard() {
    vcard::create_card(path(), vcard::Kind::mynumber, issuer_key());
    open();
  }
  /// As another one is, in a folder of its own.
  VirtualCard(const VirtualCard& other) {
    std::filesystem::copy(other.path(), path(), std::filesystem::copy_options::recursive);
    open();
  }
  VirtualCard& operator=(const VirtualCard&) = delete;

  /// Keys, and what stands for certificates.
  void finish() {
    vcard::IssuerChannel issuer([this](ByteView command) { return card_->transmit(command); }, issuer_key());
    for (const auto role : vcard::all_roles) {
      const auto mark = static_cast<std::uint8_t>(role);
      issuer.generate_key(role, {vcard::KeyType::rsa, 2048});
      issuer.write_certificate(role, look_alike(mark));
      issuer.write_ca_certificate(role, look_alike(static_cast<std::uint8_t>(mark + 0x10)));
    }
  }
  void set(std::string_view name, std::string_view value) const { vcard::set_switch(path(), name, value); }
  Bytes transmit(ByteView command) { return card_->transmit(command); }
  void power_cycle() {
    card_->power_off();
    card_->power_on();
  }

 private:
  static Bytes issuer_key() { return Bytes(vcard::issuer_key_size, 0x5A); }
  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "card"; }
  void open() {
    card_ = vcard::Card::open(path());
    card_->power_on();
  }
  jpki::test::TempFolder folder_;
  std::unique_ptr<vcard::Card> card_;
};

/// Making keys takes its time: once.
VirtualCard finished_card() {
  static const auto* const made = [] {
    auto* card = new VirtualCard;
    card->finish();
    return card;
  }();
  return *made;
}

struct Manner {
  const char *response_mode, *short_reads, *extended_le, *sfi, *first_command_6f00;
  apdu::ExtendedMode extended;
};
constexpr auto automatic = apdu::ExtendedMode::automatic, on = apdu::ExtendedMode::on;

// Every two values of different columns meet in some row.
const std::vector<Manner> manners{
    {"plain", "0", "true", "true", "false", automatic}, {"plain", "100", "false", "false", "true", on},
    {"plain", "7", "true", "false", "true", on},        {"61xx", "0", "false", "false", "true", on},
    {"61xx", "100", "true", "true", "false", on},       {"61xx", "7", "false", "true", "false", automatic},
    {"6Cxx", "0", "true", "true", "true", on},          {"6Cxx", "100", "false", "false", "false", automatic},
    {"6Cxx", "7", "false", "true", "true", on},         {"61xx", "0", "true", "false", "true", automatic},
    {"plain", "0", "false", "false", "false", on},
};

}  // namespace

TEST_CASE("however the virtual card answers, it is the same card") {
  const auto manner = GENERATE(from_range(manners));
  auto virtual_card = finished_card();
  virtual_card.set("response_mode", manner.response_mode);
  virtual_card.set("short_reads", manner.short_reads);
  virtual_card.set("extended_le", manner.extended_le);
  virtual_card.set("sfi", manner.sfi);
  virtual_card.set("first_command_6f00", manner.first_command_6f00);
  virtual_card.power_cycle();
  CAPTURE(manner.response_mode, manner.short_reads, manner.extended_le, manner.sfi,
          manner.first_command_6f00);

  RuleLink link([&](ByteView command) { return virtual_card.transmit(command); });
  apdu::ChannelState state;
  state.mode = manner.extended;
  apdu::Channel channel(link, state);
  const auto identity = probe(channel);
  REQUIRE(identity);
  CHECK(identity->profile->name == "My Number Card");
  CHECK(identity->has == std::array<bool, 2>{true, true});
  if (manner.response_mode == std::string("plain") && manner.first_command_6f00 == std::string("false"))
    CHECK(link.commands.size() <= 5);

  JpkiCard card(channel, *identity);
  CHECK(card.pin_status(Role::authentication).tries_left == 3);
  CHECK(card.pin_status(Role::signature).tries_left == 5);
  CHECK(card.read_certificate(Role::authentication) == look_alike(1));
  CHECK(card.read_ca_certificate(Role::authentication) == look_alike(0x11));
  CHECK(card.read_ca_certificate(Role::signature) == look_alike(0x12));
  CHECK(failure_of([&] { (void)card.read_certificate(Role::signature); }).reason ==
        CardError::Reason::not_verified);
  const Bytes block = hex(sha256_digest_info + std::string(64, '5'));
  CHECK(failure_of([&] { (void)card.sign(Role::signature, block); }).reason ==
        CardError::Reason::not_verified);
  REQUIRE(card.verify(Role::signature, bytes_of("abc123")).outcome == PinResult::Outcome::accepted);
  CHECK(card.read_certificate(Role::signature) == look_alike(2));
  CHECK(card.sign(Role::signature, block).size() == 256);
  CHECK(failure_of([&] { (void)card.sign(Role::authentication, block); }).reason ==
        CardError::Reason::not_verified);
}

TEST_CASE("PINs of the virtual card to the last try, in both its ways of being blocked") {
  VirtualCard virtual_card;
  const std::string blocked = GENERATE("6984", "6983");
  const std::string query = GENERATE("63C0", "6984", "6983");
  virtual_card.set("blocked_sw", blocked);
  virtual_card.set("blocked_query_sw", query);
  RuleLink link([&](ByteView command) { return virtual_card.transmit(command); });
  Bench bench(link);
  bench.card.select_application();
  for (unsigned left = 3; left-- > 0;) {
    const auto result = bench.card.verify(Role::authentication, bytes_of("9999"));
    CHECK(result.outcome == PinResult::Outcome::wrong);
    CHECK(result.tries_left == left);
  }
  CHECK(bench.card.pin_status(Role::authentication).blocked());
  const auto sent = link.commands.size();
  CHECK(bench.card.verify(Role::authentication, bytes_of("1234")).outcome == PinResult::Outcome::blocked);
  CHECK(link.commands.size() == sent + 2);
  CHECK(bench.card.pin_status(Role::signature).tries_left == 5);
}

TEST_CASE("a new PIN on the virtual card") {
  VirtualCard virtual_card;
  RuleLink link([&](ByteView command) { return virtual_card.transmit(command); });
  Bench bench(link);
  bench.card.select_application();
  CHECK(bench.card.change_pin(Role::signature, bytes_of("ABC123"), bytes_of("new4you")).outcome ==
        PinResult::Outcome::accepted);
  virtual_card.power_cycle();
  bench.card.select_application();
  CHECK(bench.card.verify(Role::signature, bytes_of("ABC123")).outcome == PinResult::Outcome::wrong);
  CHECK(bench.card.verify(Role::signature, bytes_of("NEW4YOU")).outcome == PinResult::Outcome::accepted);
}

TEST_CASE("another application of the virtual card, with a certificate EF and a PIN EF of the same numbers") {
  auto virtual_card = finished_card();
  virtual_card.set("other_application", "A0000000031010");
  virtual_card.power_cycle();
  RuleLink link([&](ByteView command) { return virtual_card.transmit(command); });
  Bench bench(link);
  bench.card.select_application();
  REQUIRE(bench.card.verify(Role::signature, bytes_of("ABC123")).outcome == PinResult::Outcome::accepted);
  REQUIRE(to_hex(virtual_card.transmit(hex("00A4040C07A0000000031010"))) == "9000");
  CHECK(bench.card.read_certificate(Role::signature) == look_alike(2));
}

TEST_CASE("the virtual card without signature half, or foreign") {
  auto virtual_card = finished_card();
  struct Row {
    const char *name, *value;
    std::optional<std::array<bool, 2>> has;
  };
  const auto row = GENERATE(values<Row>({{"signature_half", "missing", std::array<bool, 2>{true, false}},
                                         {"signature_half", "empty", std::array<bool, 2>{true, false}},
                                         {"jpki_application", "false", std::nullopt}}));
  virtual_card.set(row.name, row.value);
  virtual_card.power_cycle();
  RuleLink link([&](ByteView command) { return virtual_card.transmit(command); });
  apdu::ChannelState state;
  apdu::Channel channel(link, state);
  const auto identity = probe(channel);
  CHECK(identity.has_value() == row.has.has_value());
  if (identity) CHECK(identity->has == *row.has);
  CHECK(link.commands.size() <= (row.has ? 5U : 1U));
}
