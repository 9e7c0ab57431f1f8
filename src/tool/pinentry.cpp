#include "tool/pinentry.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

extern char** environ;

namespace jpki::tool {
namespace {

constexpr std::size_t longest_line = 1024;  // Assuan's limit
constexpr const char* program = "pinentry";

/// The program with pipes to its standard input and output; ended with the object.
class Child {
 public:
  Child() {
    int to[2], from[2];
    if (pipe(to) != 0) return;
    if (pipe(from) != 0) {
      close(to[0]), close(to[1]);
      return;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], 0);
    posix_spawn_file_actions_adddup2(&actions, from[1], 1);
    for (const int fd : {to[0], to[1], from[0], from[1]}) posix_spawn_file_actions_addclose(&actions, fd);
    char* words[] = {const_cast<char*>(program), nullptr};
    if (posix_spawnp(&pid_, program, &actions, nullptr, words, environ) != 0) pid_ = -1;
    posix_spawn_file_actions_destroy(&actions);
    close(to[0]), close(from[1]);
    in_ = to[1], out_ = from[0];
  }
  ~Child() {
    if (in_ >= 0) close(in_), close(out_);
    if (pid_ > 0) waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] bool runs() const { return pid_ > 0; }
  bool send(const std::string& line) const {
    const std::string whole = line + "\n";
    return write(in_, whole.data(), whole.size()) == static_cast<ssize_t>(whole.size());
  }
  /// One line into a secret; its length, or nothing where the other side has ended.
  std::optional<std::size_t> receive(Secret& line) const {
    for (std::size_t size = 0; size < line.size(); ++size) {
      ssize_t got = 0;
      do got = read(out_, line.data() + size, 1);
      while (got < 0 && errno == EINTR);
      if (got != 1) return std::nullopt;
      if (line.data()[size] == '\n') return size;
    }
    return std::nullopt;
  }

 private:
  pid_t pid_ = -1;
  int in_ = -1, out_ = -1;
};

// Percent signs and line ends are coded.
std::string coded(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '%' ? "%25" : c == '\n' ? "%0A" : std::string(1, c);
  return out;
}

int hex_digit(std::uint8_t c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                : -1;
}

// The data of a "D " line, decoded in place.
Secret decoded(Secret& line, std::size_t size) {
  std::size_t to = 2;
  for (std::size_t at = 2; at < size; ++at) {
    std::uint8_t byte = line.data()[at];
    if (byte == '%' && at + 2 < size) {
      byte = static_cast<std::uint8_t>(hex_digit(line.data()[at + 1]) << 4 | hex_digit(line.data()[at + 2]));
      at += 2;
    }
    line.data()[to++] = byte;
  }
  return Secret(line.view().subspan(2, to - 2));
}

enum class Reply { ok, refused, ended };

/// A talk in Assuan's words: a line goes there, and lines come until OK or ERR. Comments (#) and status lines
/// (S) are passed over.
class Talk {
 public:
  Talk() : alive_(child_.runs() && reply() == Reply::ok) {}
  ~Talk() {
    if (alive_) child_.send("BYE");
  }
  Talk(const Talk&) = delete;
  Talk& operator=(const Talk&) = delete;

  [[nodiscard]] bool alive() const { return alive_; }
  Reply ask(const std::string& command) {
    data_ = Secret();
    const Reply found = alive_ && child_.send(command) ? reply() : Reply::ended;
    alive_ = found != Reply::ended;
    return found;
  }
  /// What came with the last answer.
  Secret take_data() { return std::move(data_); }

 private:
  Reply reply() {
    Secret line(longest_line);
    while (const auto size = child_.receive(line)) {
      const auto text = text_of(line.view().first(*size));
      if (text == "OK" || text.starts_with("OK ")) return Reply::ok;
      if (text.starts_with("ERR")) return Reply::refused;
      if (text.starts_with("D ")) data_ = decoded(line, *size);
    }
    return Reply::ended;
  }

  Child child_;
  Secret data_;
  bool alive_;
};

// Which terminal, for the pinentry that has no window, and the encoding of what it shows there. One that does
// not know an option refuses it, and that is all.
void set_options(Talk& talk) {
  for (const auto& [option, variable] :
       {std::pair{"ttyname", "GPG_TTY"}, {"ttytype", "TERM"}, {"display", "DISPLAY"}}) {
    const char* value = std::getenv(variable);
    if (value != nullptr && *value != 0) talk.ask(std::string("OPTION ") + option + "=" + coded(value));
  }
  talk.ask("OPTION lc-ctype=C.UTF-8");
}

}  // namespace

std::optional<Secret> ask_pinentry(const std::string& question) {
  Talk talk;
  if (!talk.alive()) return std::nullopt;
  set_options(talk);
  talk.ask("SETTITLE jpki");
  talk.ask("SETDESC " + coded(question));
  talk.ask("SETPROMPT PIN:");
  switch (talk.ask("GETPIN")) {
    case Reply::ok:
      return talk.take_data();
    case Reply::refused:
      return Secret();  // cancelled
    case Reply::ended:
      break;
  }
  return std::nullopt;
}

std::optional<bool> confirm_by_pinentry(const std::string& question) {
  Talk talk;
  if (!talk.alive()) return std::nullopt;
  set_options(talk);
  talk.ask("SETTITLE jpki");
  talk.ask("SETDESC " + coded(question));
  const Reply reply = talk.ask("CONFIRM");
  return reply == Reply::ended ? std::nullopt : std::optional(reply == Reply::ok);
}

}  // namespace jpki::tool
