// The virtual JPKI card: bytes in, bytes out. Written from what is publicly known of the card, and sharing
// nothing with the driver that it tests.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace jpki::vcard {

class Card;

/// A folder that is no card, or that cannot be used as one.
class FolderError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Stands between a reader and the card, for fault scripts. Both functions may call the card's power_off(),
/// power_on(), reset() and transmit(); what they transmit themselves is not intercepted.
class Interceptor {
 public:
  virtual ~Interceptor() = default;
  /// Before the card sees a command. Bytes returned here are the answer, and the card never sees the command;
  /// an empty answer is a mute card.
  virtual std::optional<Bytes> before(Card& card, ByteView command);
  /// After the card has answered; `response` may be changed on its way to the reader.
  virtual void after(Card& card, ByteView command, Bytes& response);
};

/// One card folder in one reader. PIN states and the selection live in this object and end with its power;
/// all else is in the folder, where several processes may use it at once. One thread at a time: the caller's
/// duty.
class Card {
 public:
  /// Throws FolderError. The card is without power until power_on().
  static std::unique_ptr<Card> open(const std::filesystem::path& folder);
  ~Card();
  Card(const Card&) = delete;
  Card& operator=(const Card&) = delete;

  [[nodiscard]] const std::filesystem::path& folder() const;
  /// The answer to reset, also while the card is without power.
  [[nodiscard]] Bytes atr() const;

  /// A folder that was taken out (see presence) takes no power.
  void power_on();
  void power_off();
  /// Warm reset: the selection is lost, verified PINs survive (unless the switch reset_clears_pin says
  /// otherwise).
  void reset();
  [[nodiscard]] bool powered() const;

  /// One command, one response: data and status word. Never throws for what a card may meet; an empty answer
  /// means a mute card: without power, or taken out (also if put back since: it must be powered on anew).
  Bytes transmit(ByteView command);

  /// Further destinations for the log lines that docs/virtual-card.md describes.
  void log_to(const std::filesystem::path& file);
  void log_to(std::function<void(std::string_view line)> sink);

  /// Null for none. Not owned. While there is one, no fault script is played.
  void intercept(Interceptor* interceptor);

  /// Where the fault script is (faults.hpp): the file "faults" of the folder, unless told. It is read when it
  /// comes or changes; commands count from then on. Throws FolderError for a script that is there and bad.
  void faults_from(const std::filesystem::path& file);

  /// How often the card was reset or lost its power while it was in its place.
  [[nodiscard]] std::uint64_t resets() const;

 private:
  class State;
  explicit Card(std::unique_ptr<State> state);
  Bytes exchange(ByteView command);

  std::unique_ptr<State> state_;
};

}  // namespace jpki::vcard
