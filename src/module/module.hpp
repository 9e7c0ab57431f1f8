// Module: all that is behind the C ABI between C_Initialize and C_Finalize.
#pragma once

#include <cryptoki/pkcs11.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/session.hpp"
#include "core/slot.hpp"
#include "mechanism/host.hpp"
#include "module/config.hpp"
#include "module/discovery.hpp"
#include "module/soft_slots.hpp"
#include "pcsc/service.hpp"

namespace jpki::module {

/// The view of this library; each of the three libraries defines it.
extern const View library_view;

class Module {
 public:
  /// Touches no reader.
  Module(Config config, View view);
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  ~Module();

  /// Ids of all slots, or of those that hold a token; blank ones last. `grow`: look for new readers first.
  /// Ids never vanish: a reader that was taken away leaves a slot without a token, which works again when the
  /// reader is back.
  [[nodiscard]] std::vector<CK_SLOT_ID> slot_ids(bool with_token, bool grow);
  /// Throws CKR_SLOT_ID_INVALID.
  [[nodiscard]] core::Slot& slot(CK_SLOT_ID id);
  [[nodiscard]] core::Sessions& sessions() { return sessions_; }

  /// The next slot in which a card came or went since the last time it was told; empty if there is none and
  /// `block` is false. Throws CKR_CRYPTOKI_NOT_INITIALIZED once cancel_waits() was called.
  [[nodiscard]] std::optional<CK_SLOT_ID> wait_for_event(bool block);
  void cancel_waits();

  /// The host's generator.
  static void seed_random(ByteView seed) { mechanism::seed_random(seed); }
  [[nodiscard]] static std::unique_ptr<core::Randomness> make_randomness() {
    return mechanism::make_randomness();
  }

 private:
  struct Known {
    std::shared_ptr<ReaderPlace> place;
    std::vector<CK_SLOT_ID> slots;
    apdu::Presence reported;
    std::vector<CK_SLOT_ID> events;  // not yet told
  };
  void discover(bool card_is_news);
  void discover_soft_tokens();
  void discover_first();
  void add(std::shared_ptr<apdu::Reader> reader, bool card_is_news);
  [[nodiscard]] std::optional<CK_SLOT_ID> take_event(std::vector<pcsc::Seen>& seen);
  void wait(const std::vector<pcsc::Seen>& seen, std::chrono::milliseconds at_most);

  const Config config_;
  const View view_;
  std::optional<pcsc::Service> pcsc_;

  std::mutex registry_;  // guards the four below; never held while a card is spoken to
  std::deque<Known> readers_;
  std::optional<SoftSlots> soft_;
  std::vector<std::unique_ptr<core::Slot>> slots_;  // by id
  bool discovered_ = false;

  std::mutex events_;  // one reckoning of events at a time; taken before the registry's
  std::atomic<bool> cancelled_{false};
  std::condition_variable cancelled_changed_;
  core::Sessions sessions_;  // last: closed before the slots go
};

std::unique_ptr<Module> make_module();

}  // namespace jpki::module
