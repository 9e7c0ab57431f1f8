#include "base/terminal.hpp"

#include <fcntl.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

namespace jpki {
namespace {

constexpr std::size_t longest_line = 256;

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
};

// Signals that end or stop the program wait until the terminal is as it was.
class Quiet {
 public:
  explicit Quiet(int fd) : fd_(fd) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &signals_);
    tcgetattr(fd, &before_);
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    quiet.c_lflag |= ICANON;
    tcsetattr(fd, TCSAFLUSH, &quiet);
  }
  ~Quiet() {
    tcsetattr(fd_, TCSAFLUSH, &before_);
    pthread_sigmask(SIG_SETMASK, &signals_, nullptr);
  }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  int fd_;
  termios before_{};
  sigset_t signals_{};
};

constexpr char interrupt = 3;  // Ctrl+C, which is a character while the terminal is quiet

void say(int fd, const std::string& text) {
  if (write(fd, text.data(), text.size()) < 0) return;  // the question is not seen; the answer still counts
}

}  // namespace

std::optional<Secret> ask_terminal(const std::string& question) {
  const Descriptor tty{open("/dev/tty", O_RDWR | O_CLOEXEC)};
  if (tty.fd < 0) return std::nullopt;
  Secret line(longest_line);
  ssize_t size = 0;
  {
    const Quiet quiet(tty.fd);
    say(tty.fd, question + ": ");
    size = read(tty.fd, line.data(), line.size());
    say(tty.fd, "\n");
  }
  std::size_t length = size > 0 ? static_cast<std::size_t>(size) : 0;
  const auto typed = text_of(line.view().first(length));
  if (typed.find(interrupt) != typed.npos) return Secret();
  if (length > 0 && typed.back() == '\n') --length;
  return Secret(line.view().first(length));
}

}  // namespace jpki
