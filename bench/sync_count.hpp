// How often this process waits for the disk.
#pragma once

namespace jpki::bench {

/// Calls of fsync, fdatasync, sync_file_range, syncfs and msync(MS_SYNC) so far, whichever library made them:
/// the functions of those names in this program come before libc's.
[[nodiscard]] unsigned long sync_count();

}  // namespace jpki::bench
