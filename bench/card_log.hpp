// The card's own log (docs/virtual-card.md, "The log"): what really went to the card and came back. A
// driver's word on what it sends is never asked.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace jpki::bench {

/// What a card saw. Bytes count whole commands, and whole answers with their status words.
struct Traffic {
  unsigned apdus = 0;
  unsigned to_card = 0;
  unsigned from_card = 0;

  Traffic& operator+=(const Traffic& other);
  bool operator==(const Traffic&) const = default;
};

/// The traffic of one line of the log; none for a line that tells of power. Throws where it tells of neither.
Traffic traffic_of(std::string_view line);

class CardLog {
 public:
  explicit CardLog(std::filesystem::path path) : path_(std::move(path)) {}

  /// Where the log ends now. The card writes a line before it answers: what was answered is in it.
  [[nodiscard]] std::uintmax_t mark() const;
  [[nodiscard]] Traffic since(std::uintmax_t mark) const;
  /// Waits until the card has lost its power, as pcscd takes it away when nobody uses the reader: the next
  /// program then meets a cold card. Throws when it keeps it for seconds: somebody else uses the card.
  void wait_cold() const;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  [[nodiscard]] std::string text(std::uintmax_t from) const;
  [[nodiscard]] bool cold() const;

  std::filesystem::path path_;
};

}  // namespace jpki::bench
