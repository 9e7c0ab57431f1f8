#include "token/soft_database.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

#include "token/soft_folder.hpp"

namespace jpki::token {
namespace {

using Reason = StoreError::Reason;

constexpr int busy_milliseconds = 10000;
constexpr int max_value = 8 << 20;
constexpr std::int64_t max_log_left = 128 << 10;  // the next process has to read it

Reason reason_of_failed_io(sqlite3* connection) {
  const Reason reason = reason_of(connection != nullptr ? sqlite3_system_errno(connection) : 0);
  return reason == Reason::no_space || reason == Reason::read_only ? reason : Reason::failed;
}

Reason reason_of_code(sqlite3* connection, int code) {
  if (code == SQLITE_IOERR_SHORT_READ) return Reason::corrupt;
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return Reason::no_space;
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return Reason::read_only;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return Reason::busy;
    case SQLITE_NOTADB:
      return Reason::not_a_token;
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
      return reason_of_failed_io(connection);
    case SQLITE_NOMEM:
    case SQLITE_MISUSE:
    case SQLITE_INTERNAL:
      return Reason::failed;
    default:
      return Reason::corrupt;  // ERROR, CORRUPT, TOOBIG, CONSTRAINT ...: our statements and values are good
  }
}

void require_ok(sqlite3* connection, int code) {
  if (code != SQLITE_OK) raise(connection, code);
}

void require_sound(bool sound) {
  if (!sound) throw StoreError(Reason::corrupt, "the token's tables are not as they were written");
}

/// A statement that is used once.
struct Prepared {
  Prepared(sqlite3* connection, const char* sql) {
    require_ok(connection, sqlite3_prepare_v2(connection, sql, -1, &statement, nullptr));
  }
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;
  ~Prepared() { sqlite3_finalize(statement); }
  sqlite3_stmt* statement = nullptr;
};

/// SQLite's URI form (its documentation, "URI Filenames"): with an immutable file it takes no lock and makes
/// no log.
std::string unchanging_name(const std::filesystem::path& file) {
  constexpr auto digits = "0123456789ABCDEF";
  std::string name = "file:";
  for (const char c : std::filesystem::absolute(file).string()) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= 'a' && byte <= 'z') || c == '/' || c == '.' || c == '-' || c == '_';
    if (plain) {
      name += c;
    } else {
      name += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return name + "?immutable=1";
}

}  // namespace

void raise(sqlite3* connection, int code) {
  throw StoreError(reason_of_code(connection, code), "the token's file");
}

Run::~Run() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Run& Run::bind(std::int64_t value) {
  require_ok(nullptr, sqlite3_bind_int64(statement_, next_++, value));
  return *this;
}

Run& Run::bind(ByteView value) {
  const void* data = value.empty() ? "" : static_cast<const void*>(value.data());  // null would be NULL
  require_ok(nullptr, sqlite3_bind_blob64(statement_, next_++, data, value.size(), SQLITE_STATIC));
  return *this;
}

Run& Run::bind(std::string_view value) {
  const char* data = value.empty() ? "" : value.data();
  require_ok(nullptr,
             sqlite3_bind_text64(statement_, next_++, data, value.size(), SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

bool Run::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) raise(sqlite3_db_handle(statement_), code);
  return false;
}

std::int64_t Run::integer(int column) const {
  require_sound(sqlite3_column_type(statement_, column) == SQLITE_INTEGER);
  return sqlite3_column_int64(statement_, column);
}

ByteView Run::bytes(int column) const {
  require_sound(sqlite3_column_type(statement_, column) == SQLITE_BLOB);
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string_view Run::text(int column) const {
  require_sound(sqlite3_column_type(statement_, column) == SQLITE_TEXT);
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

bool Run::null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

Database::Database(std::filesystem::path file, std::mutex& in_use) : file_(std::move(file)), guard_(in_use) {
  connect();
}

Database::Database(New, std::filesystem::path file, std::mutex& in_use)
    : file_(std::move(file)), guard_(in_use) {
  try {
    make_file(file_);
    open(file_.string(), SQLITE_OPEN_READWRITE);
    configure();
    execute(Sql::begin_change);
    for (const Table& table : schema_tables()) command(std::string(table.sql).c_str());
    command(("PRAGMA application_id=" + std::to_string(application_id)).c_str());
    command(("PRAGMA user_version=" + std::to_string(schema_version)).c_str());
  } catch (...) {
    close();
    throw;
  }
}

void Database::finish_new() {
  execute(Sql::commit);
  command("PRAGMA journal_mode=WAL");
  close();
}

Database::~Database() { close(); }

void Database::close() noexcept {
  statements_.fill(nullptr);
  if (abandoned() || guard_.connection == nullptr) return;
  close_connection(guard_.connection);
}

void Database::open(const std::string& name, int flags) {
  close_inherited();
  constexpr int always = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
  require_ok(guard_.connection, sqlite3_open_v2(name.c_str(), &guard_.connection, flags | always, nullptr));
}

// What SQLite's documentation advises for files that are not trusted ("Defense Against The Dark Arts").
void Database::configure() {
  sqlite3* connection = guard_.connection;
  for (const int on : {SQLITE_DBCONFIG_DEFENSIVE}) sqlite3_db_config(connection, on, 1, nullptr);
  for (const int off : {SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_TRIGGER,
                        SQLITE_DBCONFIG_ENABLE_VIEW, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION}) {
    sqlite3_db_config(connection, off, 0, nullptr);
  }
  sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, max_value);
  sqlite3_limit(connection, SQLITE_LIMIT_SQL_LENGTH, 10000);
  sqlite3_limit(connection, SQLITE_LIMIT_ATTACHED, 0);
  wait_for_others(true);
  // Freed bytes are zeroed, so that no former row can come back through a broken page.
  // A listing goes through the file once: more than a small cache would only be memory to fill.
  command(
      "PRAGMA cell_size_check=ON; PRAGMA secure_delete=ON; PRAGMA mmap_size=0; PRAGMA synchronous=FULL; "
      "PRAGMA cache_size=64");
}

/// What is not sound is not left open.
void Database::connect() {
  try {
    connect_checked();
  } catch (...) {
    close();
    throw;
  }
}

void Database::connect_checked() {
  check_file(file_);
  unchanging_ = false;
  try {
    open(file_.string(), SQLITE_OPEN_READWRITE);
    configure();
    execute(Sql::begin);  // one look at the file for all that is checked
    check_identity();
    check_log();
    access_ = opened_read_only() ? Access::read_only : Access::writable;
  } catch (const StoreError& error) {
    connect_unchanging(error);
  }
  check_schema();
  execute(Sql::rollback);
}

/// Where the log and its index cannot be made (a read-only or full file system) and there is nothing in a
/// log.
void Database::connect_unchanging(const StoreError& error) {
  const bool full = error.reason() == Reason::no_space;
  const bool refused = error.reason() == Reason::read_only || opened_read_only();
  if ((!full && !refused) || error.reason() == Reason::corrupt || !log_is_empty()) throw error;
  close();
  look_ = look();
  open(unchanging_name(file_), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
  configure();
  execute(Sql::begin);
  check_identity();
  access_ = full ? Access::no_space : Access::read_only;
  unchanging_ = true;
}

/// SQLite does so by itself where a file cannot be opened for writing.
bool Database::opened_read_only() const {
  return guard_.connection != nullptr && sqlite3_db_readonly(guard_.connection, "main") == 1;
}

bool Database::log_is_empty() const { return log_size() == 0; }

std::int64_t Database::log_size() const {
  struct stat status {};
  return stat((file_.string() + "-wal").c_str(), &status) == 0 ? status.st_size : 0;
}

void Database::leave_log() noexcept {
  if (abandoned() || guard_.connection == nullptr || log_size() > max_log_left) return;
  sqlite3_db_config(guard_.connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

/// What changes when somebody writes the file after all.
std::uint64_t Database::look() const {
  std::uint64_t sum = 0;
  for (const char* ending : {"", "-wal"}) {
    struct stat status {};
    if (stat((file_.string() + ending).c_str(), &status) != 0) continue;
    for (const auto value : {status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec}) {
      sum = (sum ^ static_cast<std::uint64_t>(value)) * 0x100000001B3U;
    }
  }
  return sum;
}

void Database::prepare_to_read() {
  if (abandoned()) throw StoreError(Reason::failed, "the token was opened by the parent process");
  if (guard_.connection != nullptr && (!unchanging_ || look() == look_)) return;
  close();
  connect();
}

void Database::prepare_to_change() {
  prepare_to_read();
  if (access_ == Access::writable) return;
  close();
  connect();
  if (access_ == Access::writable) return;
  throw StoreError(access_ == Access::no_space ? Reason::no_space : Reason::read_only,
                   "the token cannot be changed");
}

void Database::require_room() const {
  constexpr std::uint64_t room = 64 << 10;
  struct statvfs status {};
  if (statvfs(file_.c_str(), &status) != 0 || std::uint64_t{status.f_bavail} * status.f_frsize >= room)
    return;
  throw StoreError(Reason::no_space, "the disk is all but full");
}

Database::Access Database::access() {
  prepare_to_read();
  if (access_ != Access::writable) return access_;
  return faccessat(AT_FDCWD, file_.c_str(), W_OK, AT_EACCESS) == 0 ? Access::writable : Access::read_only;
}

void Database::check_identity() {
  if (number("PRAGMA application_id") != application_id) {
    throw StoreError(Reason::not_a_token, "not a software token's file");
  }
  const std::int64_t version = number("PRAGMA user_version");
  if (version > schema_version)
    throw StoreError(Reason::newer_schema, "written by a later version of this program");
  if (version < 1) throw StoreError(Reason::corrupt, "a software token without a version");
}

// Nothing but our tables, word for word: no trigger, view, index, or table that looks like ours.
void Database::check_schema() {
  const Prepared prepared(guard_.connection, "SELECT name, sql FROM sqlite_schema ORDER BY rowid");
  Run run(prepared.statement);
  for (const Table& table : schema_tables()) {
    require_sound(run.step() && run.text(0) == table.name && run.text(1) == table.sql);
  }
  require_sound(!run.step());
}

/// A header that says otherwise would hide what is in the log.
void Database::check_log() {
  const Prepared prepared(guard_.connection, "PRAGMA journal_mode");
  Run run(prepared.statement);
  require_sound(run.step() && run.text(0) == "wal");
}

std::int64_t Database::number(const char* sql) {
  const Prepared prepared(guard_.connection, sql);
  Run run(prepared.statement);
  require_sound(run.step());
  return run.integer(0);
}

void Database::command(const char* sql) {
  require_ok(guard_.connection, sqlite3_exec(guard_.connection, sql, nullptr, nullptr, nullptr));
}

Run Database::run(Sql sql) {
  auto& statement = statements_[static_cast<std::size_t>(sql)];
  if (statement == nullptr) {
    require_ok(guard_.connection, sqlite3_prepare_v3(guard_.connection, text_of(sql), -1,
                                                     SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
  }
  return Run(statement);
}

int Database::changed() const { return sqlite3_changes(guard_.connection); }

void Database::end_quietly() noexcept {
  if (abandoned() || guard_.connection == nullptr || sqlite3_get_autocommit(guard_.connection) != 0) return;
  sqlite3_exec(guard_.connection, text_of(Sql::rollback), nullptr, nullptr, nullptr);
}

// Cannot fail but for want of memory; it then stays the safer way, or becomes it with the next connection.
void Database::wait_for_disk(bool wait) noexcept {
  if (guard_.connection == nullptr) return;
  sqlite3_exec(guard_.connection, wait ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL", nullptr,
               nullptr, nullptr);
}

void Database::wait_for_others(bool wait) noexcept {
  if (guard_.connection != nullptr) sqlite3_busy_timeout(guard_.connection, wait ? busy_milliseconds : 0);
}

}  // namespace jpki::token
