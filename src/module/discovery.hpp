// Discovery: readers become slots, cards become tokens.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "apdu/transport.hpp"
#include "core/slot.hpp"
#include "token/card_token.hpp"

namespace jpki::module {

/// Which half of each card a library shows.
enum class View : std::uint8_t { both, authentication, signature };
std::vector<card::Role> roles_of(View view);

/// One reader, and the card that was met in it. Thread-safe; the lock is held while a card is met, so a
/// reader is never asked twice at once.
class ReaderPlace {
 public:
  ReaderPlace(std::shared_ptr<apdu::Reader> reader, std::vector<card::Role> roles,
              token::CardOptions options);

  [[nodiscard]] const std::string& name() const { return reader_->name(); }
  [[nodiscard]] apdu::Presence presence() { return reader_->presence(); }

  /// The token of this half, after a look at the reader. A card is met once for each insertion: one SELECT
  /// for a foreign card, at most five commands for a JPKI card.
  [[nodiscard]] std::shared_ptr<core::Token> token(card::Role role);
  [[nodiscard]] std::shared_ptr<core::Token> known_token(card::Role role);

 private:
  void look();
  void forget();
  [[nodiscard]] bool meet();

  const std::shared_ptr<apdu::Reader> reader_;
  const std::vector<card::Role> roles_;
  const token::CardOptions options_;

  std::mutex mutex_;                   // guards all below
  std::optional<apdu::Presence> met_;  // empty: the reader was never looked at, or must be again
  std::shared_ptr<token::CardUnit> unit_;
  std::array<std::shared_ptr<token::CardToken>, 2> tokens_{};
};

/// One half of the card in a reader.
class ReaderSlot final : public core::Slot {
 public:
  ReaderSlot(CK_SLOT_ID id, std::shared_ptr<ReaderPlace> place, card::Role role)
      : Slot(id), place_(std::move(place)), role_(role) {}
  [[nodiscard]] std::string description() const override;
  [[nodiscard]] std::string manufacturer() const override { return "JPKI"; }
  [[nodiscard]] CK_FLAGS flags() const override { return CKF_REMOVABLE_DEVICE | CKF_HW_SLOT; }
  [[nodiscard]] std::shared_ptr<core::Token> token() override { return place_->token(role_); }
  [[nodiscard]] std::shared_ptr<core::Token> known_token() override { return place_->known_token(role_); }

 private:
  const std::shared_ptr<ReaderPlace> place_;
  const card::Role role_;
};

}  // namespace jpki::module
