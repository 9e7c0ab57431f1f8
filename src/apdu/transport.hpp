// The ports of a card reader: what the card driver asks of a transport. PC/SC (src/pcsc) and the in-process
// virtual card (src/module) implement them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "base/bytes.hpp"

namespace jpki::apdu {

/// A link that failed below the card's own answers.
class TransportError : public std::runtime_error {
 public:
  enum class Reason {
    removed,       // the card left the reader, or the reader left
    reset,         // somebody reset or powered the card since our last transaction: its states are gone
    busy,          // another program holds the card exclusively
    service_lost,  // the PC/SC service is not there (any more)
    failed,        // the exchange itself failed: mute card, protocol error, garbled answer
  };

  TransportError(Reason reason, const std::string& text) : std::runtime_error(text), reason_(reason) {}
  [[nodiscard]] Reason reason() const { return reason_; }

 private:
  Reason reason_;
};

/// An open connection to the card in a reader, shared with other programs. Not safe for use by two threads at
/// once. Destruction leaves the card powered and its states as they are.
class Link {
 public:
  virtual ~Link() = default;

  /// Begins a transaction: until end(), nobody else talks to the card. Throws TransportError; `reset` is told
  /// once, after which the link is usable again and the card is in its state after reset. Another program may
  /// reset it again before the next begin(): most_resets in a row are borne, more are no accident.
  virtual void begin() = 0;
  static constexpr int most_resets = 8;
  virtual void end() noexcept = 0;

  /// One command, one response (data and the two status bytes). Throws TransportError.
  virtual Bytes transmit(ByteView command) = 0;

  /// Most bytes of data in one command or response, where the reader passes extended APDUs and says so (ISO
  /// 7816-4, 5.2); 0 elsewhere.
  [[nodiscard]] virtual std::size_t extended_limit() const { return 0; }

  /// Takes the card's power away, whereby it forgets verified PINs, and closes the link; in a transaction as
  /// its end, so that nobody comes between. A warm reset would not do. Returns false if that could not be
  /// done; the link is closed in any case.
  virtual bool power_off() noexcept = 0;
};

/// What a reader says without exchanging a byte with the card.
struct Presence {
  bool present = false;
  /// Changes with every insertion and removal, so that a remembered answer is known to be stale.
  std::uint64_t insertion = 0;
  friend bool operator==(const Presence&, const Presence&) = default;
};

/// A place that may hold a card. Its name is unique and stays the same as long as the reader is there.
class Reader {
 public:
  virtual ~Reader() = default;
  [[nodiscard]] virtual const std::string& name() const = 0;
  /// No APDU. A reader that is gone answers "not present".
  [[nodiscard]] virtual Presence presence() = 0;
  /// Opens a shared connection. Throws TransportError (removed, busy, service_lost, failed).
  [[nodiscard]] virtual std::unique_ptr<Link> connect() = 0;
};

/// RAII for Link::begin and end.
class Transaction {
 public:
  explicit Transaction(Link& link) : link_(link) { link_.begin(); }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() { link_.end(); }

 private:
  Link& link_;
};

}  // namespace jpki::apdu
