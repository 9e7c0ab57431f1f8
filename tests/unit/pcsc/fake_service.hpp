// A PC/SC service of our own behind the table of functions, with the manners of pcsc-lite: events counted in
// the upper half of the state, a mute card or an unknown state answered at once, an SCardCancel forgotten
// that comes too early.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "pcsc/api.hpp"

namespace jpki::pcsc::test {

class FakeService {
 public:
  FakeService();
  FakeService(const FakeService&) = delete;
  FakeService& operator=(const FakeService&) = delete;
  ~FakeService();

  [[nodiscard]] Api api() const;

  struct Slot {
    bool present = false;
    DWORD flags = 0;  // SCARD_STATE_MUTE, _INUSE ... of a card that is present
    DWORD events = 0;
  };
  void plug(const std::string& reader);
  void unplug(const std::string& reader);
  void insert(const std::string& reader, DWORD flags = 0);
  void remove(const std::string& reader);
  void stop();  // handles and contexts of before are worth nothing
  void start();
  /// Handles of before this answer `code` to SCardBeginTransaction.
  void reset_cards(LONG code = SCARD_W_RESET_CARD);

  /// The time of all waits is over from now on.
  void expire();

  /// The next call of this name ("connect", "begin" ...) answers this and does nothing.
  void fail(const std::string& call, LONG code);

  std::atomic<bool> rival = false;     // another program has a transaction, and does not end it
  DWORD protocol = SCARD_PROTOCOL_T1;  // that connections get
  std::function<Bytes(ByteView command)> card;
  std::function<LONG(DWORD code, Bytes& answer)> control;
  /// Called, without lock, before a wait becomes one that SCardCancel finds.
  std::function<void()> before_wait;

  // What was seen.
  [[nodiscard]] std::vector<std::string> calls(
      const std::string& name) const;  // with what matters of the arguments
  [[nodiscard]] std::size_t open_contexts() const;
  [[nodiscard]] std::size_t open_connections() const;
  /// A context that two threads used at once, or that was released while in use.
  [[nodiscard]] bool misused() const;
  void until_called(const std::string& name, std::size_t times);

 private:
  friend struct Calls;
  struct Connection {
    SCARDCONTEXT context;
    std::string reader;
    LONG trouble = SCARD_S_SUCCESS;
    int transactions = 0;
  };
  struct ContextState {
    bool busy = false;
    bool waits = false;
    bool cancelled = false;
  };
  class Use;

  LONG told(const std::string& name, const std::string& arguments);
  [[nodiscard]] bool known(SCARDCONTEXT context) const { return contexts_.count(context) != 0; }
  bool answer(SCARD_READERSTATE& state, std::size_t readers_before);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool running_ = true;
  bool expired_ = false;
  bool misused_ = false;
  std::map<std::string, Slot> slots_;
  std::map<SCARDCONTEXT, ContextState> contexts_;
  std::map<SCARDHANDLE, Connection> connections_;
  std::map<std::string, std::deque<LONG>> failures_;
  std::vector<std::pair<std::string, std::string>> calls_;
  long next_ = 1;
};

}  // namespace jpki::pcsc::test
