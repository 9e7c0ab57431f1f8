// A card on the counter's desk: its folder, wherever the card sits, and the issuer channel into it.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "counter/draft.hpp"
#include "vcard/issuer_channel.hpp"

namespace jpki::vcard {
class Card;
}

namespace jpki::counter {

/// The card is not fit for what is wanted.
class DeskError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class CardOnDesk {
 public:
  /// Throws FolderError where there is no card, DeskError where it is not inserted or another hierarchy's.
  CardOnDesk(const std::filesystem::path& folder, ByteView issuer_key);
  ~CardOnDesk();

  [[nodiscard]] vcard::IssuerChannel& channel() { return *channel_; }
  [[nodiscard]] vcard::Kind kind() { return channel_->status().kind; }
  [[nodiscard]] vcard::HalfStatus half(vcard::Role role);
  [[nodiscard]] bool has_certificate(vcard::Role role) { return half(role).has_certificate; }
  /// The half's own certificate; null if there is none.
  [[nodiscard]] Certificate certificate(vcard::Role role);

  static bool is_card(const std::filesystem::path& folder);

 private:
  std::unique_ptr<vcard::Card> card_;
  std::optional<vcard::IssuerChannel> channel_;
};

}  // namespace jpki::counter
