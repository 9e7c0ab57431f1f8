// What happens to database connections in a child of fork.
//
// SQLite must not be used in a child with a connection of its parent, nor may the child open the same file as
// long as the library's tables name that connection: the locks that they count are the parent's alone, and
// other processes would believe that nobody holds the file. So no connection is in use while the process
// forks, and the child closes what it inherited, unused, before it opens anything. Closing gives up no lock
// of the parent: POSIX locks belong to the process that took them.
#pragma once

#include <mutex>

struct sqlite3;

namespace jpki::token {

/// One connection, known to the process as long as this lives.
class ForkGuard {
 public:
  /// Loads SQLite, if it is the first. `in_use` is held by whoever uses the connection. Throws StoreError.
  explicit ForkGuard(std::mutex& in_use);
  ForkGuard(const ForkGuard&) = delete;
  ForkGuard& operator=(const ForkGuard&) = delete;
  ~ForkGuard();

  sqlite3* connection = nullptr;

  /// This is the parent's: it must not be used.
  [[nodiscard]] bool inherited() const { return inherited_; }
  /// As a child of fork has it: for one made without the handlers that the C library calls.
  void disown();

 private:
  friend class ForkTable;
  std::mutex& in_use_;
  bool held_ = false;  // while the process forks
  bool inherited_ = false;
  bool torn_ = false;  // it was in use when the process forked, and cannot be closed
};

/// Closes what a child of fork inherited. Throws StoreError (busy) where that cannot be done safely.
void close_inherited();
/// Closes a connection with all that was prepared for it.
void close_connection(sqlite3*& connection) noexcept;

}  // namespace jpki::token
