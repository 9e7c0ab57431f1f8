#include "token/soft_sqlite.hpp"

#include <dlfcn.h>

#include "token/soft_errors.hpp"

namespace jpki::token {
namespace {

using Reason = StoreError::Reason;

/// SQLite calls its own functions by their names too, and the host's come first unless the library's own
/// scope does. The sanitizers' runtimes end a process that asks for that; of those a host of any make may
/// have one. Where the host shows no SQLite, nothing is in the way, and what it puts before the C library (a
/// counter of syncs) stays before it.
int binding() {
  const bool sanitized = dlsym(RTLD_DEFAULT, "__sanitizer_set_report_path") != nullptr;
  const bool hosts_own = dlsym(RTLD_DEFAULT, "sqlite3_open_v2") != nullptr;
  return RTLD_NOW | RTLD_LOCAL | (hosts_own && !sanitized ? RTLD_DEEPBIND : 0);
}

template <class Function>
void find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (function == nullptr) throw StoreError(Reason::failed, "the system's SQLite is too old");
}

}  // namespace

constinit Sqlite sqlite;

void load_sqlite() {
  if (sqlite.open_v2 != nullptr) return;
  void* library = dlopen("libsqlite3.so.0", binding());
  if (library == nullptr)
    throw StoreError(Reason::failed, "the system's SQLite (libsqlite3.so.0) cannot be loaded");
  Sqlite found;
#define JPKI_SQLITE_FIND(name) find(library, "sqlite3_" #name, found.name);
  JPKI_SQLITE_FUNCTIONS(JPKI_SQLITE_FIND)
#undef JPKI_SQLITE_FIND
  sqlite = found;
}

}  // namespace jpki::token
