// The SQLite file of a software token: opened, held against its schema, every statement one row. The file's
// contents are not trusted.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "token/soft_errors.hpp"
#include "token/soft_fork.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace jpki::token {

/// All that is ever asked of the database; the texts are in soft_schema.cpp.
enum class Sql : std::uint8_t {
  begin,
  begin_change,
  commit,
  rollback,
  read_token,
  write_token,
  list,
  find_listed,
  write_listed,
  erase_listed,
  find_body,
  write_body,
  erase_body,
  erase_all_listed,
  erase_all_bodies,
};
inline constexpr std::size_t sql_count = 15;

/// One run of a prepared statement; ready for the next when it ends. Parameters count from 1, columns from 0.
/// Values that are bound must live as long as the run.
class Run {
 public:
  explicit Run(sqlite3_stmt* statement) : statement_(statement) {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run();

  Run& bind(std::int64_t value);
  Run& bind(ByteView value);
  Run& bind(std::string_view value);
  /// Whether there is a row (another row). Throws StoreError.
  bool step();

  // The row's values; StoreError (corrupt) where the type is another.
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] ByteView bytes(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] bool null(int column) const;

 private:
  sqlite3_stmt* statement_;
  int next_ = 1;
};

/// Not thread-safe: `in_use` is held by whoever calls.
class Database {
 public:
  enum class Access : std::uint8_t { writable, read_only, no_space };

  Database(std::filesystem::path file, std::mutex& in_use);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  /// Makes a database with empty tables of the newest schema out of an empty file; not open for others yet.
  struct New {};
  Database(New, std::filesystem::path file, std::mutex& in_use);
  /// Ends the making: from here on it is written as a write-ahead log.
  void finish_new();

  /// Opens again where a file that could not be written when it was opened may have changed, or can be now.
  void prepare_to_read();
  void prepare_to_change();
  /// Throws StoreError (no_space) where the next changes, small ones, might not all fit on the disk.
  void require_room() const;
  /// Access as it is now.
  [[nodiscard]] Access access();

  [[nodiscard]] Run run(Sql sql);
  void execute(Sql sql) { run(sql).step(); }
  [[nodiscard]] int changed() const;
  /// Rolls back what is open.
  void end_quietly() noexcept;
  /// Whether a commit waits for the disk. Without: a loss of power may undo it, a crash of the process not.
  void wait_for_disk(bool wait) noexcept;
  /// Whether a change waits for other processes, for some seconds.
  void wait_for_others(bool wait) noexcept;

  /// At the end the log stays where it is, if it is short: for a connection that left nothing in it that
  /// matters. Otherwise its contents go to the database's file, which takes the disk some time.
  void leave_log() noexcept;

  /// In a child of fork.
  void abandon() noexcept { guard_.disown(); }
  [[nodiscard]] bool abandoned() const { return guard_.inherited(); }

 private:
  void connect();
  void connect_checked();
  void open(const std::string& name, int flags);
  void configure();
  void close() noexcept;
  void connect_unchanging(const StoreError& error);
  [[nodiscard]] bool opened_read_only() const;
  [[nodiscard]] bool log_is_empty() const;
  [[nodiscard]] std::int64_t log_size() const;
  [[nodiscard]] std::uint64_t look() const;
  [[nodiscard]] std::int64_t number(const char* sql);
  void check_identity();
  void check_log();
  void check_schema();
  void command(const char* sql);

  const std::filesystem::path file_;
  ForkGuard guard_;
  Access access_ = Access::writable;
  bool unchanging_ = false;  // opened without locks and log: on a file system where those cannot be made
  std::uint64_t look_ = 0;   // of the files, when that was done
  std::array<sqlite3_stmt*, sql_count> statements_{};
};

/// Throws the StoreError that an SQLite result code means.
[[noreturn]] void raise(sqlite3* connection, int code);

/// The newest schema that this program knows, and the application id that marks a token's file.
inline constexpr int schema_version = 1;
inline constexpr int application_id = 0x4A504B31;  // "JPK1"
[[nodiscard]] const char* text_of(Sql sql);
/// Name and text of the tables, in the order in which they were made.
struct Table {
  std::string_view name, sql;
};
[[nodiscard]] std::span<const Table> schema_tables();

}  // namespace jpki::token
