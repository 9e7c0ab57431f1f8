// The PC/SC service: its readers, and waiting for cards.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "apdu/transport.hpp"
#include "pcsc/api.hpp"
#include "pcsc/context.hpp"
#include "pcsc/patience.hpp"

namespace jpki::pcsc {

/// A reader as it was when somebody last looked.
struct Seen {
  std::string reader;
  apdu::Presence presence;
};

/// Thread-safe, and makes no thread. Each question, wait and connection has a context of its own or waits its
/// turn: pcsc-lite mixes up the answers of a context that two threads use. It recovers by itself when the
/// service comes back.
///
/// A child of fork must leave the parent's object and its readers and links alone, and never destroy them:
/// the sockets to the service are shared with the parent, whose contexts would be released. The child leaks
/// them and makes its own.
class Service {
 public:
  /// `patience`: how long a link waits for another program's transaction.
  explicit Service(const Api& api = {}, std::chrono::milliseconds patience = Patience::usual);

  /// Readers by name; none where the service is not there. No card is touched.
  [[nodiscard]] std::vector<std::shared_ptr<apdu::Reader>> readers();

  /// Returns true when a reader is no longer as seen, a reader came or left, the time is over, or cancel()
  /// was called; at once if it already was. `seen` names all readers that the caller knows. False: the
  /// service is not there.
  [[nodiscard]] bool wait(const std::vector<Seen>& seen, std::chrono::milliseconds at_most);

  /// Ends all waits, and every later one. Returns when nobody waits any more.
  void cancel();

 private:
  class Inquiry;
  class ServiceReader;
  class Waiting;
  [[nodiscard]] std::optional<std::vector<SCARD_READERSTATE>> questions(const std::vector<Seen>& seen);

  const Api api_;
  const std::chrono::milliseconds patience_;
  const std::shared_ptr<Inquiry> inquiry_;

  std::mutex mutex_;  // guards the two below
  std::set<Context*> waiting_;
  bool cancelled_ = false;
  std::condition_variable left_;
};

}  // namespace jpki::pcsc
