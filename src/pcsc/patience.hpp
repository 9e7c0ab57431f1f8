// How long other programs' transactions are waited for.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "pcsc/api.hpp"

namespace jpki::pcsc {

/// Of one reader, shared by all links to it. PC/SC's own calls wait without limit, so nothing is called that
/// would have to wait. Who has waited in vain once does not wait again: as long as the other program goes on,
/// later calls fail at once. Thread-safe.
class Patience {
 public:
  static constexpr std::chrono::seconds usual{30};

  /// Whether another program has the card. pcsc-lite keeps the readers' states in one place for all contexts,
  /// so that who asks has to take turns with whoever else does.
  using InUse = std::function<bool()>;

  /// Without `in_use` a link asks by itself.
  explicit Patience(std::chrono::milliseconds at_most = usual, InUse in_use = {})
      : at_most_(at_most), in_use_(std::move(in_use)) {}

  /// Until SCardBeginTransaction would be answered at once. False: the time is over.
  [[nodiscard]] bool for_transaction(const Api& api, SCARDHANDLE card);
  /// The same of SCardConnect.
  [[nodiscard]] bool for_connection(const Api& api, SCARDCONTEXT context, const std::string& reader);

 private:
  [[nodiscard]] std::chrono::milliseconds left() const;

  const std::chrono::milliseconds at_most_;
  const InUse in_use_;
  std::mutex mutex_;  // guards all below; held while one waits, so that the others wait no longer than it
  bool spent_ = false;
  std::unique_ptr<Knock> knock_;  // not yet answered
};

}  // namespace jpki::pcsc
