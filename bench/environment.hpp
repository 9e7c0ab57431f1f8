// The environment of this process, which modules read: set before there is any other thread.
#pragma once

#include <cstdlib>
#include <filesystem>

namespace jpki::bench {

// NOLINTBEGIN(concurrency-mt-unsafe): said above
inline void set_variable(const char* name, const std::filesystem::path& value) {
  setenv(name, value.c_str(), 1);
}
inline void unset_variable(const char* name) { unsetenv(name); }
// NOLINTEND(concurrency-mt-unsafe)

}  // namespace jpki::bench
