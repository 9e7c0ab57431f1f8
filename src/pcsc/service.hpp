// The PC/SC service: its readers, and waiting for cards.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "apdu/transport.hpp"
#include "pcsc/api.hpp"
#include "pcsc/context.hpp"

namespace jpki::pcsc {

/// A reader as it was when somebody last looked.
struct Seen {
  std::string reader;
  apdu::Presence presence;
};

/// Thread-safe. Makes no thread; recovers by itself when the service comes back. A child of fork must leave the
/// parent's object alone (also its destructor): the socket to the service is shared.
class Service {
 public:
  explicit Service(const Api& api = {});

  /// Readers by name; none where the service is not there. No card is touched.
  [[nodiscard]] std::vector<std::shared_ptr<apdu::Reader>> readers();

  /// Returns true when a reader is no longer as seen, a reader came or left, the time is over, or cancel() was called;
  /// at once if it was. False: the service is not there.
  [[nodiscard]] bool wait(const std::vector<Seen>& seen, std::chrono::milliseconds at_most);

  /// Ends all waits, and every later one. Returns when nobody waits any more.
  void cancel();

 private:
  class Inquiry;
  class ServiceReader;
  void enter(Context* context);
  void leave(Context* context);

  const Api api_;
  const std::shared_ptr<Inquiry> inquiry_;

  std::mutex mutex_;  // guards the two below
  std::set<Context*> waiting_;
  bool cancelled_ = false;
  std::condition_variable left_;
};

}  // namespace jpki::pcsc
