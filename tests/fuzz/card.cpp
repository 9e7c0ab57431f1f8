// Cards and readers that say anything, at any step of whole operations: a card that behaves, whose answers
// the input replaces, cuts, garbles and drops. Every call ends, nothing but core::Error comes of it, no more
// PINs are sent than were given, none is called right that the card did not accept, and with card.isolation
// none stays in force that the card told of.
#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <utility>

#include "base/file.hpp"
#include "core/error.hpp"
#include "core/object_store.hpp"
#include "input.hpp"
#include "module/discovery.hpp"

namespace {

using namespace jpki;
using apdu::TransportError;
using fuzz::require;

const Bytes& certificate() {
  static const Bytes content = *read_file(std::filesystem::path(JPKI_FUZZ_DATA) / "certificate.der");
  return content;
}

Bytes with_status(std::uint32_t status, Bytes data = {}) {
  data.push_back(static_cast<std::uint8_t>(status >> 8));
  data.push_back(static_cast<std::uint8_t>(status));
  return data;
}

/// What is known of the card (docs/card-jpki.md), as briefly as it can be said.
class Honest {
 public:
  Bytes answer(ByteView command) {
    if (command.size() < 4) return with_status(0x6700);
    const unsigned instruction = command[1], p1 = command[2];
    const ByteView body = command.size() > 5
                              ? command.subspan(5, std::min<std::size_t>(command[4], command.size() - 5))
                              : ByteView{};
    if (instruction == 0xA4) return select(p1, body);
    if (instruction == 0x20) return verify(body);
    if (instruction == 0x24) return with_status(verified_[file_] ? 0x9000 : 0x6982);
    if (instruction == 0xB0) return read(command);
    if (instruction == 0x2A) return sign();
    return with_status(0x6D00);
  }
  void reset() { verified_.clear(), file_ = 0; }
  [[nodiscard]] bool in_force() const {
    return std::any_of(verified_.begin(), verified_.end(), [](const auto& pin) { return pin.second; });
  }

 private:
  Bytes select(unsigned p1, ByteView body) {
    if (p1 == 2 && body.size() == 2) file_ = static_cast<std::uint16_t>(body[0] << 8 | body[1]);
    return with_status(0x9000);
  }
  Bytes verify(ByteView pin) {
    unsigned& left = tries_.try_emplace(file_, file_ == 0x0018 ? 3 : 5).first->second;
    if (left == 0) return with_status(0x6984);
    if (pin.empty()) return with_status(0x63C0 | left);
    const auto right = text_of(pin);
    verified_[file_] = right == (file_ == 0x0018 ? "1234" : "ABC123");
    left = verified_[file_] ? (file_ == 0x0018 ? 3 : 5) : left - 1;
    return with_status(verified_[file_] ? 0x9000 : 0x63C0 | left);
  }
  Bytes content(std::uint16_t file) const {
    if (file == 0x0006) {
      Bytes info = copy_of(bytes_of("JPKIAPICCTOKEN2"));
      info.resize(160, ' ');
      return info;
    }
    if (file == 0x0008) return {0x8F, 0x8F, 0x00};
    return certificate();
  }
  Bytes read(ByteView command) {
    std::size_t offset = static_cast<std::size_t>(command[2]) << 8 | command[3];
    if ((command[2] & 0x80) != 0) file_ = command[2] & 0x1F, offset = command[3];
    if (file_ == 0x0001 && !verified_[0x001B]) return with_status(0x6982);
    const Bytes all = content(file_);
    if (offset >= all.size()) return with_status(0x6B00);
    std::size_t wanted = command.size() == 5 && command[4] != 0 ? command[4] : 256;
    if (command.size() == 7) wanted = static_cast<std::size_t>(command[5]) << 8 | command[6];
    const auto* begin = all.data() + offset;
    return with_status(0x9000, Bytes(begin, begin + std::min(wanted, all.size() - offset)));
  }
  Bytes sign() {
    return verified_[file_ == 0x0017 ? 0x0018 : 0x001B] ? with_status(0x9000, Bytes(256, 0x11))
                                                        : with_status(0x6982);
  }

  std::uint16_t file_ = 0;
  std::map<std::uint16_t, bool> verified_;
  std::map<std::uint16_t, unsigned> tries_;
};

/// The card in its reader, with the faults that are left in the input, one byte (and more) a command.
struct World {
  explicit World(fuzz::Input faults_of_input) : faults(faults_of_input) {}

  Honest card;
  fuzz::Input faults;
  bool present = true, reset_untold = false;
  std::uint64_t insertion = 1;
  std::size_t limit = 0;
  unsigned commands = 0, pins_sent = 0, pins_given = 0;
  std::uint32_t last_verify = 0;  // the answer to the last PIN
  bool lied = false;              // a PIN is in force that the answer denied

  Bytes spoilt(Bytes answer) {
    switch (faults.byte() % 16) {
      case 1:
        return copy_of(faults.short_bytes());
      case 2:
        answer.resize(std::min<std::size_t>(answer.size(), faults.byte()));
        return answer;
      case 3:
        if (!answer.empty()) answer[faults.number(2) % answer.size()] ^= faults.byte();
        return answer;
      case 4:
        return with_status(faults.number(2));
      case 5:
        answer.resize(answer.size() >= 2 ? answer.size() - 2 : 0);
        return with_status(faults.number(2), std::move(answer));
      case 6: {
        const std::size_t size = faults.number(2);
        Bytes more(size, faults.byte());
        more.insert(more.end(), {0x90, 0x00});
        return more;
      }
      case 7:
        return fail(static_cast<TransportError::Reason>(faults.byte() % 5));
      case 8:
        present = false, ++insertion;
        card.reset();
        throw TransportError(TransportError::Reason::removed, "gone");
      case 9:
        card.reset();
        reset_untold = true;
        return answer;
      default:
        return answer;
    }
  }

  Bytes fail(TransportError::Reason reason) {
    // Who hears that the card is gone takes no power away.
    lied =
        lied || reason == TransportError::Reason::removed || reason == TransportError::Reason::service_lost;
    throw TransportError(reason, "as the input wants it");
  }

  Bytes transmit(ByteView command) {
    require(++commands < 20000);
    const bool verifies = command.size() > 5 && command[1] == 0x20;
    if (verifies) ++pins_sent, last_verify = 0;
    require(pins_sent <= pins_given);
    Bytes answer = spoilt(card.answer(command));
    if (verifies && answer.size() >= 2)
      last_verify = static_cast<std::uint32_t>(answer[answer.size() - 2]) << 8 | answer.back();
    if (verifies && last_verify != 0x9000) lied = lied || card.in_force();
    return answer;
  }
};

class Link final : public apdu::Link {
 public:
  explicit Link(World& world) : world_(world), insertion_(world.insertion) {}
  void begin() override {
    if (!world_.present || insertion_ != world_.insertion)
      throw TransportError(TransportError::Reason::removed, "gone");
    if (std::exchange(world_.reset_untold, false))
      throw TransportError(TransportError::Reason::reset, "reset");
  }
  void end() noexcept override {}
  Bytes transmit(ByteView command) override { return world_.transmit(command); }
  [[nodiscard]] std::size_t extended_limit() const override { return world_.limit; }
  bool power_off() noexcept override {
    world_.card.reset();
    world_.lied = false;
    return true;
  }

 private:
  World& world_;
  const std::uint64_t insertion_;
};

class Reader final : public apdu::Reader {
 public:
  explicit Reader(World& world) : world_(world) {}
  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] apdu::Presence presence() override { return {world_.present, world_.insertion}; }
  [[nodiscard]] std::unique_ptr<apdu::Link> connect() override {
    if (!world_.present) throw TransportError(TransportError::Reason::removed, "no card");
    return std::make_unique<Link>(world_);
  }

 private:
  World& world_;
  const std::string name_ = "fuzz";
};

std::vector<CK_OBJECT_HANDLE> all(core::Token& token) {
  return token.objects().search(core::Template(nullptr, 0));
}

void read_everything(core::Token& token) {
  for (const auto handle : all(token)) {
    std::array<CK_BYTE, 64> buffer{};
    std::array<CK_ATTRIBUTE, 4> asked{CK_ATTRIBUTE{CKA_VALUE, nullptr, 0},
                                      {CKA_SUBJECT, buffer.data(), buffer.size()},
                                      {CKA_MODULUS, nullptr, 0},
                                      {CKA_ID, buffer.data(), 1}};
    static_cast<void>(token.objects().read(handle, asked.data(), asked.size()));
  }
}

void sign(core::Token& token, ByteView block) {
  for (const auto handle : all(token)) {
    const auto object = token.objects().find(handle);
    const auto key = object ? object->private_key() : nullptr;
    if (!key) continue;
    Bytes out(key->signature_size());
    require(key->sign({Scheme::Kind::rsa_pkcs1}, block, out) <= out.size());
  }
}

void login(World& world, core::Token& token, std::string_view pin, bool again,
           std::shared_ptr<void>& permit) {
  ++world.pins_given;
  const auto outcome =
      again ? token.authenticate(bytes_of(pin), permit) : token.login(CKU_USER, bytes_of(pin));
  if (outcome == core::PinOutcome::accepted) require(world.last_verify == 0x9000);
}

void change_pin(World& world, core::Token& token, std::string_view pin) {
  ++world.pins_given;
  if (token.set_pin(bytes_of(pin), bytes_of(pin)) == core::PinOutcome::accepted)
    require(world.last_verify == 0x9000);
}

/// Sessions that are open, so that each is closed.
struct Open {
  std::shared_ptr<core::Token> token;
  bool session = false;
  std::shared_ptr<void> permit;
};

void step(World& world, module::ReaderPlace& place, std::array<Open, 2>& open, unsigned what) {
  const unsigned half = what & 1;
  auto& [token, session, permit] = open[half];
  const std::string_view pin = (what & 0x40) != 0 ? "0000" : half == 0 ? "1234" : "ABC123";
  const unsigned action = what >> 1 & 0x0F;
  if (action == 0) return void(world.present = true);
  if (!token) token = place.token(static_cast<card::Role>(half));
  if (!token) return;
  if (action != 1 && !session) token->session_opened(true), session = true;
  if (action == 1) static_cast<void>(token->info());
  if (action == 2) read_everything(*token);
  if (action == 3) login(world, *token, pin, false, permit);
  if (action == 4) login(world, *token, pin, true, permit);
  if (action == 5) sign(*token, Bytes(51, 0x30));
  if (action == 6) change_pin(world, *token, pin);
  if (action == 7) token->logout();
  if (action == 8) std::exchange(session, false), token->session_closed(true), token.reset();
  if (action == 10) permit.reset();
  if (action == 9) token = place.token(static_cast<card::Role>(half)), session = false;
}

/// Meet, list, log in, read, sign, change, log out: with both halves.
constexpr std::array<std::uint8_t, 16> whole{2, 3, 4, 5, 6, 7, 4, 5, 10, 11, 8, 12, 13, 14, 15, 17};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const unsigned options = input.byte();
  const auto given = input.bytes(input.byte() % 32);
  const ByteView steps = given.empty() ? ByteView(whole) : given;
  World world(input);
  world.limit = (options & 1) != 0 ? 0 : 65536;
  token::CardOptions wanted;
  if ((options & 2) != 0) wanted.always_authenticate = {true, true};
  if ((options & 4) != 0) wanted.extended = apdu::ExtendedMode::on;
  wanted.isolated = {(options & 8) != 0, (options & 16) != 0};
  module::ReaderPlace place(std::make_shared<Reader>(world), module::roles_of(module::View::both), wanted);
  std::array<Open, 2> open;
  for (const unsigned what : steps) {
    try {
      step(world, place, open, what);
    } catch (const core::Error&) {
    }
    if (wanted.isolated == std::array<bool, 2>{true, true} && !open[0].permit && !open[1].permit)
      require(world.lied || !world.card.in_force());
  }
  for (auto& [token, session, permit] : open) {
    try {
      if (session) token->session_closed(true);
    } catch (const core::Error&) {
    }
  }
  return 0;
}
