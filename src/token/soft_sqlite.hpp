// The system's SQLite, loaded when the first software token is met: who uses a card alone never needs it.
//
// Not linked, neither way. A host may bring functions of these names (Firefox does: a SQLite built for
// itself), and they would answer our calls. A copy of our own in each of the module's libraries would be
// several SQLites in one process, of which one lets go of the other's locks when it closes a file (SQLite's
// documentation, "How To Corrupt An SQLite Database File", 2.2.1).
#pragma once

#include <sqlite3.h>

namespace jpki::token {

// clang-format off
/// All that is called of it: sqlite3_ and the name.
#define JPKI_SQLITE_FUNCTIONS(F) \
  F(bind_blob64)                 \
  F(bind_int64)                  \
  F(bind_text64)                 \
  F(busy_timeout)                \
  F(changes)                     \
  F(clear_bindings)              \
  F(close)                       \
  F(column_blob)                 \
  F(column_bytes)                \
  F(column_int64)                \
  F(column_text)                 \
  F(column_type)                 \
  F(db_config)                   \
  F(db_handle)                   \
  F(db_readonly)                 \
  F(exec)                        \
  F(finalize)                    \
  F(get_autocommit)              \
  F(limit)                       \
  F(next_stmt)                   \
  F(open_v2)                     \
  F(prepare_v2)                  \
  F(prepare_v3)                  \
  F(reset)                       \
  F(step)                        \
  F(system_errno)
// clang-format on

struct Sqlite {
#define JPKI_SQLITE_MEMBER(name) \
  decltype(&sqlite3_##name) name = nullptr;  // NOLINT(bugprone-macro-parentheses): a name
  JPKI_SQLITE_FUNCTIONS(JPKI_SQLITE_MEMBER)
#undef JPKI_SQLITE_MEMBER
};

/// Filled before there is a connection: ForkGuard sees to it.
extern constinit Sqlite sqlite;

/// Fills `sqlite`, once; never unloaded. Throws StoreError, and tries anew the next time. Not thread-safe.
void load_sqlite();

}  // namespace jpki::token
