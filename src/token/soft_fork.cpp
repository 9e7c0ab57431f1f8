#include "token/soft_fork.hpp"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "token/soft_errors.hpp"
#include "token/soft_sqlite.hpp"

namespace jpki::token {

class ForkTable {
 public:
  /// Never destroyed: programs call into the module from exit handlers.
  static ForkTable& instance() {
    static auto& table = *new ForkTable;
    return table;
  }

  void enter(ForkGuard& guard) {
    const std::lock_guard lock(mutex_);  // the process does not fork amid the loading
    load_sqlite();
    if (!watching_) watching_ = pthread_atfork(before, after_in_parent, after_in_child) == 0;
    if (!watching_) throw StoreError(StoreError::Reason::failed, "no handlers for fork can be set");
    guards_.push_back(&guard);
  }

  void leave(ForkGuard& guard) noexcept {
    const std::lock_guard lock(mutex_);
    guards_.erase(std::remove(guards_.begin(), guards_.end(), &guard), guards_.end());
  }

  void disown(ForkGuard& guard) {
    const std::lock_guard lock(mutex_);
    guard.inherited_ = true;
    inherited_.store(true, std::memory_order_relaxed);
  }

  void close_inherited() {
    if (!inherited_.load(std::memory_order_relaxed)) return;  // a lock here would be one too many for hold()
    const std::lock_guard lock(mutex_);
    for (ForkGuard* guard : guards_) {
      if (!guard->inherited_ || guard->connection == nullptr) continue;
      if (guard->torn_)
        throw StoreError(StoreError::Reason::busy, "the process forked while it used a token");
      close_connection(guard->connection);
    }
    inherited_.store(false, std::memory_order_relaxed);
  }

 private:
  static void before() { instance().hold(); }
  static void after_in_parent() { instance().release(false); }
  static void after_in_child() { instance().release(true); }

  void hold() {
    mutex_.lock();
    for (ForkGuard* guard : guards_) guard->held_ = !guard->inherited_ && wait_for(guard->in_use_);
  }

  void release(bool in_child) {
    for (ForkGuard* guard : guards_) {
      if (in_child && !guard->inherited_) {
        guard->inherited_ = true;
        guard->torn_ = !guard->held_;
        inherited_.store(true, std::memory_order_relaxed);
      }
      if (guard->held_) guard->in_use_.unlock();
      guard->held_ = false;
    }
    mutex_.unlock();
  }

  /// Not for ever: the thread that forks may be the one that uses the connection.
  static bool wait_for(std::mutex& in_use) {
    constexpr auto step = std::chrono::milliseconds(1);
    for (int tries = 0; tries < 3000; ++tries) {
      if (in_use.try_lock()) return true;
      std::this_thread::sleep_for(step);
    }
    return false;
  }

  std::mutex mutex_;
  std::vector<ForkGuard*> guards_;
  bool watching_ = false;
  std::atomic<bool> inherited_{false};  // some connection is a parent's and not closed yet
};

ForkGuard::ForkGuard(std::mutex& in_use) : in_use_(in_use) { ForkTable::instance().enter(*this); }
void ForkGuard::disown() { ForkTable::instance().disown(*this); }
ForkGuard::~ForkGuard() { ForkTable::instance().leave(*this); }

void close_inherited() { ForkTable::instance().close_inherited(); }

void close_connection(sqlite3*& connection) noexcept {
  while (sqlite3_stmt* statement = sqlite.next_stmt(connection, nullptr)) sqlite.finalize(statement);
  sqlite.close(connection);
  connection = nullptr;
}

}  // namespace jpki::token
