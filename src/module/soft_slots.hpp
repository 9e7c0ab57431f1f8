// Software tokens' slots: one for each token of a folder, and one in which the next can be made.
#pragma once

#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/slot.hpp"
#include "module/discovery.hpp"
#include "token/soft_store.hpp"

namespace jpki::module {

/// What all slots of a folder share.
struct SoftFolder {
  std::filesystem::path path;
  token::StoreOptions options;  // of tokens that are made here
  const core::MechanismTable& mechanisms;
};

/// The token of one file, or the place of one that is not yet made. Thread-safe.
class SoftSlot final : public core::Slot {
 public:
  /// `file`: empty for a blank slot.
  SoftSlot(CK_SLOT_ID id, const SoftFolder& folder, std::filesystem::path file);
  ~SoftSlot() override;

  [[nodiscard]] std::string description() const override;
  [[nodiscard]] std::string manufacturer() const override { return "JPKI"; }
  [[nodiscard]] CK_FLAGS flags() const override { return 0; }
  /// Null where the file is gone or cannot be read; the log says why.
  [[nodiscard]] std::shared_ptr<core::Token> token() override;
  [[nodiscard]] std::shared_ptr<core::Token> token_to_open() override;
  [[nodiscard]] std::shared_ptr<core::Token> known_token() override;
  [[nodiscard]] bool blank() const override { return file().empty(); }
  void init_token(ByteView so_pin, ByteView label) override;

  [[nodiscard]] std::filesystem::path file() const;

 private:
  class Blank;
  [[nodiscard]] bool open();
  void make(ByteView so_pin, std::string_view label);
  void make_anew(ByteView so_pin, std::string_view label);

  const SoftFolder& folder_;
  mutable std::mutex mutex_;  // guards all below
  std::filesystem::path file_;
  std::shared_ptr<core::Token> token_;
};

/// The slots of one folder. The module's registry lock guards it.
class SoftSlots {
 public:
  SoftSlots(SoftFolder folder, View view) : folder_(std::move(folder)), view_(view) {}
  SoftSlots(const SoftSlots&) = delete;
  SoftSlots& operator=(const SoftSlots&) = delete;

  /// Slots for tokens that were made since the last call, and a blank one where none is left; `next`: the id
  /// of the first. A view of one half of cards has the tokens that stand for it, and no blank slot.
  [[nodiscard]] std::vector<std::unique_ptr<SoftSlot>> discover(CK_SLOT_ID next);

 private:
  [[nodiscard]] bool shows(const std::filesystem::path& file) const;

  const SoftFolder folder_;
  const View view_;
  std::vector<SoftSlot*> slots_;
};

}  // namespace jpki::module
