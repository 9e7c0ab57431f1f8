#include "tool/pinentry.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

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
  /// One line into a secret; its length.
  std::size_t receive(Secret& line) const {
    std::size_t size = 0;
    while (size < line.size() && read(out_, line.data() + size, 1) == 1 && line.data()[size] != '\n') ++size;
    return size;
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

bool is_ok(const Secret& line, std::size_t size) {
  return text_of(line.view().first(size)).starts_with("OK");
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

}  // namespace

std::optional<Secret> ask_pinentry(const std::string& question) {
  const Child child;
  Secret line(longest_line);
  if (!child.runs() || !is_ok(line, child.receive(line))) return std::nullopt;
  for (const std::string& command : {"SETDESC " + coded(question), std::string("SETPROMPT PIN")}) {
    if (!child.send(command) || !is_ok(line, child.receive(line))) return std::nullopt;
  }
  if (!child.send("GETPIN")) return std::nullopt;
  const std::size_t size = child.receive(line);
  if (!text_of(line.view().first(size)).starts_with("D ")) return std::nullopt;
  Secret pin = decoded(line, size);
  child.send("BYE");
  return pin;
}

}  // namespace jpki::tool
