// Asking for a connection in a way that need not be waited for.
//
// SCardConnect has no limit of time: pcscd answers it when nobody has a transaction (any more), and
// pcsc-lite's library waits for that answer for ever. Without a thread, only who speaks to the service's
// socket can stop waiting. So where another program uses the card, the service is asked for a connection
// here first; SCardConnect comes when it has been given.
#pragma once

#include <chrono>
#include <memory>
#include <string>

namespace jpki::pcsc {

class Knock {
 public:
  virtual ~Knock() = default;
  /// Waits so long for the service's answer, whatever it is; then true. Also true where nobody can be asked
  /// this way. May be called again after false.
  [[nodiscard]] virtual bool answered(std::chrono::milliseconds at_most) = 0;
};

/// A request at pcsc-lite's socket. Makes no thread.
std::unique_ptr<Knock> knock_at_service(const std::string& reader);

}  // namespace jpki::pcsc
