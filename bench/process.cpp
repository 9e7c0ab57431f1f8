#include "bench/process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <system_error>
#include <utility>

namespace jpki::bench {
namespace {

[[noreturn]] void fail(const char* what, int code = errno) {
  throw std::system_error(code, std::generic_category(), what);
}

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() { shut(); }
  void shut() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

struct Pipe {
  Descriptor out, in;
};

Pipe make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) fail("pipe");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

pid_t spawn(const std::string& program, const std::vector<std::string>& arguments, int standard_input,
            int standard_output) {
  std::vector<char*> words{const_cast<char*>("jpki-bench")};
  for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, standard_input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, standard_output, STDOUT_FILENO);
  pid_t pid = -1;
  const int failure = posix_spawn(&pid, program.c_str(), &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) fail("posix_spawn", failure);
  return pid;
}

std::string read_all(int fd) {
  std::string text;
  char some[4096];
  for (ssize_t got; (got = read(fd, some, sizeof some)) != 0;) {
    if (got > 0)
      text.append(some, static_cast<std::size_t>(got));
    else if (errno != EINTR)
      fail("read");
  }
  return text;
}

double ms_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
}

void reap(pid_t pid, Ended& ended) {
  int status = 0;
  rusage usage{};
  while (wait4(pid, &status, 0, &usage) < 0) {
    if (errno != EINTR) fail("wait4");
  }
  ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  ended.cpu_ms = ms_of(usage.ru_utime) + ms_of(usage.ru_stime);
}

}  // namespace

Ended run_self(const std::vector<std::string>& arguments, const std::string& input) {
  return run_program("/proc/self/exe", arguments, input);
}

Ended run_program(const std::string& program, const std::vector<std::string>& arguments,
                  const std::string& input) {
  Pipe to = make_pipe(), from = make_pipe();
  // It is short and fits into the pipe, so nobody need wait for a reader.
  if (write(to.in.get(), input.data(), input.size()) != static_cast<ssize_t>(input.size())) fail("write");
  to.in.shut();
  const auto begin = std::chrono::steady_clock::now();
  const pid_t pid = spawn(program, arguments, to.out.get(), from.in.get());
  from.in.shut();
  Ended ended;
  ended.output = read_all(from.out.get());
  reap(pid, ended);
  ended.wall_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  return ended;
}

}  // namespace jpki::bench
