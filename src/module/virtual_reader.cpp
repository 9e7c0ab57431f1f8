#include "module/virtual_reader.hpp"

#include <mutex>
#include <semaphore>
#include <utility>

#include "base/log.hpp"
#include "vcard/card.hpp"
#include "vcard/presence.hpp"

namespace jpki::module {
namespace {

using apdu::TransportError;
using Reason = TransportError::Reason;

/// Unlike a mutex it may be given back by another thread: a transaction can last from one call to the next.
class Turn {
 public:
  void lock() { free_.acquire(); }
  void unlock() { free_.release(); }

 private:
  std::binary_semaphore free_{1};
};

/// The card in the reader, shared by all links to it. Its power stays on between links, as that of a card in
/// a reader does for a while.
class Socket {
 public:
  explicit Socket(std::filesystem::path folder) : folder_(std::move(folder)) {}
  [[nodiscard]] apdu::Presence presence() const {
    const auto found = vcard::presence(folder_);
    return {found.present, found.insertion};
  }

  Turn transaction;  // held from begin to end

  /// The functions below need the transaction.
  void power_on() {
    if (!card_) card_ = vcard::Card::open(folder_);
    if (!card_->powered()) card_->power_on();
    if (!card_->powered()) throw TransportError(Reason::removed, "no card");
  }
  Bytes transmit(ByteView command) {
    Bytes response = card_->transmit(command);
    if (!response.empty()) return response;
    if (!vcard::presence(folder_).present || !card_->powered())
      throw TransportError(Reason::removed, "card removed");
    throw TransportError(Reason::failed, "mute card");
  }
  void power_off() {
    if (card_) card_->power_off();
  }
  [[nodiscard]] std::uint64_t resets() const { return card_->resets(); }

 private:
  const std::filesystem::path folder_;
  std::unique_ptr<vcard::Card> card_;
};

class VirtualLink final : public apdu::Link {
 public:
  /// Needs the transaction.
  explicit VirtualLink(std::shared_ptr<Socket> socket)
      : socket_(std::move(socket)), insertion_(socket_->presence()), resets_(socket_->resets()) {}
  ~VirtualLink() override { end(); }
  VirtualLink(const VirtualLink&) = delete;
  VirtualLink& operator=(const VirtualLink&) = delete;

  void begin() override {
    socket_->transaction.lock();
    in_transaction_ = true;
    try {
      if (socket_->presence() != insertion_ || !insertion_.present)
        throw TransportError(Reason::removed, "no card");
      // As PC/SC does: whoever did not do it is told of a reset, once.
      if (std::exchange(resets_, socket_->resets()) != socket_->resets())
        throw TransportError(Reason::reset, "the card was reset");
      socket_->power_on();
    } catch (...) {
      end();
      throw;
    }
  }
  void end() noexcept override {
    if (std::exchange(in_transaction_, false)) socket_->transaction.unlock();
  }
  Bytes transmit(ByteView command) override { return socket_->transmit(command); }
  bool power_off() noexcept override {
    if (!std::exchange(in_transaction_, true)) socket_->transaction.lock();
    socket_->power_off();
    end();
    return true;
  }

 private:
  const std::shared_ptr<Socket> socket_;
  const apdu::Presence insertion_;
  std::uint64_t resets_;
  bool in_transaction_ = false;
};

class VirtualReader final : public apdu::Reader {
 public:
  VirtualReader(const std::filesystem::path& folder, std::string name)
      : name_(std::move(name)), socket_(std::make_shared<Socket>(folder)) {}
  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] apdu::Presence presence() override { return socket_->presence(); }
  [[nodiscard]] std::unique_ptr<apdu::Link> connect() override {
    try {
      const std::lock_guard lock(socket_->transaction);
      socket_->power_on();
      return std::make_unique<VirtualLink>(socket_);
    } catch (const vcard::FolderError& error) {
      log::warning(error.what());
      throw TransportError(Reason::failed, "the folder is no card");
    }
  }

 private:
  const std::string name_;
  const std::shared_ptr<Socket> socket_;
};

}  // namespace

std::shared_ptr<apdu::Reader> virtual_reader(const std::filesystem::path& folder, std::size_t number) {
  const auto last = folder.has_filename() ? folder.filename() : folder.parent_path().filename();
  char digits[24];
  std::snprintf(digits, sizeof digits, " %02zu", number);
  const std::string name = "Virtual card " + last.string() + digits;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(folder / "card.toml", ignored))
    log::warning(name + ": the folder is no card");
  return std::make_shared<VirtualReader>(folder, name);
}

}  // namespace jpki::module
