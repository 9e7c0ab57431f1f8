#include "tool/browser.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "base/file.hpp"
#include "tool/exits.hpp"
#include "tool/messages.hpp"

extern char** environ;

namespace jpki::tool {
namespace {

namespace fs = std::filesystem;

constexpr const char* opener = "xdg-open";

// In memory, and gone at the latest when the user logs out (XDG Base Directory Specification); where there is
// no such folder, or it is not what that text demands, the one for temporary files.
fs::path place() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  struct stat status {};
  const bool good = runtime != nullptr && *runtime == '/' && lstat(runtime, &status) == 0 &&
                    S_ISDIR(status.st_mode) && status.st_uid == geteuid() && (status.st_mode & 0077) == 0;
  return good ? fs::path(runtime) : fs::temp_directory_path();
}

class PrivateFolder {
 public:
  PrivateFolder() : path_(place() / "jpki-XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) throw Failure(Exit::failed, tr("%1 cannot be written", {path_}));
  }
  ~PrivateFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  [[nodiscard]] fs::path file(const char* name) const { return fs::path(path_) / name; }

 private:
  std::string path_;  // std::string: mkdtemp writes into it
};

// What would end this program, and the end of its child, wait until asked for.
class HeldSignals {
 public:
  HeldSignals() {
    sigemptyset(&held_);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&held_, signal);
    pthread_sigmask(SIG_BLOCK, &held_, &before_);
  }
  ~HeldSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;

  [[nodiscard]] int wait() const {
    int signal = 0;
    sigwait(&held_, &signal);
    return signal;
  }
  void wait_for(std::chrono::seconds time) const {
    const timespec limit{time.count(), 0};
    while (true) {
      const int signal = sigtimedwait(&held_, nullptr, &limit);
      if (signal != SIGCHLD && (signal >= 0 || errno != EINTR)) return;
    }
  }
  [[nodiscard]] const sigset_t& before() const { return before_; }

 private:
  sigset_t held_{}, before_{};
};

// In a session of its own, so that Ctrl+C for us does not end a browser that was started with it.
pid_t start(const fs::path& page, const HeldSignals& signals) {
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t usual;
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setsigmask(&attributes, &signals.before());
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  std::string path = page;
  char* words[] = {const_cast<char*>(opener), path.data(), nullptr};
  pid_t child = -1;
  if (posix_spawnp(&child, opener, &actions, &attributes, words, environ) != 0) child = -1;
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return child;
}

/// False where somebody wants this program to end first.
bool wait_for_child(pid_t child, const HeldSignals& signals, int& status) {
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (signals.wait() != SIGCHLD) return false;
  }
  return true;
}

}  // namespace

void show_in_browser(const std::string& html, std::chrono::seconds keep) {
  const HeldSignals signals;  // before the folder, so that no signal leaves it behind
  const PrivateFolder folder;
  const fs::path page = folder.file("certificate.html");
  create_file(page, bytes_of(html), 0600);
  const pid_t child = start(page, signals);
  int status = -1;
  if (child > 0 && !wait_for_child(child, signals, status)) return;
  if (status != 0) throw Failure(Exit::failed, tr("xdg-open could not open a browser; the page is removed"));
  signals.wait_for(keep);
}

}  // namespace jpki::tool
