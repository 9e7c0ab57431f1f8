#include "tool/pins.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "tool/exits.hpp"
#include "tool/messages.hpp"
#include "tool/pinentry.hpp"
#include "tool/terminal.hpp"

namespace jpki::tool {
namespace {

using service::Tier;

constexpr std::size_t longest_pin = 64;  // more than any card takes; a longer file is no PIN file

[[noreturn]] void fail(const std::string& text) { throw Failure(Exit::pin, text); }

Secret without_newline(const Secret& read, std::size_t size) {
  if (size > 0 && read.view()[size - 1] == '\n') --size;
  return Secret(read.view().first(size));
}

Secret read_pin(int fd) {
  Secret buffer(longest_pin + 2);
  std::size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t got = ::read(fd, buffer.data() + size, buffer.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(tr("the PIN cannot be read"));
    if (got == 0) return without_newline(buffer, size);
    size += static_cast<std::size_t>(got);
  }
  fail(tr("the PIN file is too long for a PIN"));
}

std::string question_for(Tier tier) {
  return tier == Tier::sign ? tr("Signature PIN (6 to 16 letters and digits)")
                            : tr("Authentication PIN (4 digits)");
}

const char* where_to_unlock(Tier tier) {
  return tier == Tier::sign
             ? tr("The municipal office resets it (bring the card and a photo ID); with the "
                  "authentication PIN and a smartphone app, some convenience stores' kiosks do, too.")
             : tr("The municipal office resets it (bring the card and a photo ID); with the "
                  "signature PIN and a smartphone app, some convenience stores' kiosks do, too.");
}

}  // namespace

Secret read_pin_file(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail(tr("the PIN file cannot be opened"));
  struct Close {
    int fd;
    ~Close() { close(fd); }
  } const closing{fd};
  return read_pin(fd);
}

void require_tries(const Token& token, const Options& options) {
  if (token.is_locked()) fail(std::string(tr("this PIN is locked.")) + " " + where_to_unlock(token.tier));
  if (token.is_last_try() && !options.last_try)
    fail(tr("only one try is left for this PIN; a wrong one locks it. With --last-try it is asked for."));
}

std::optional<Secret> ask_person(const std::string& question) {
  auto typed = ask_terminal(question);
  return typed ? std::move(typed) : ask_pinentry(question);
}

Secret obtain_pin(Tier tier, const Options& options) {
  Secret pin;
  if (!options.pin_file.empty())
    pin = read_pin_file(options.pin_file);
  else if (options.pin_fd >= 0)
    pin = read_pin(options.pin_fd);
  else if (auto typed = ask_person(question_for(tier)))
    pin = std::move(*typed);
  else
    fail(tr("nobody to ask for the PIN: no terminal, no pinentry (--pin-file or --pin-fd give one)"));
  if (pin.empty()) fail(tr("no PIN was given; nothing was sent to the card"));
  return pin;
}

void throw_pin_failure(const client::Error& error, Tier tier, CK_FLAGS flags) {
  switch (error.rv()) {
    case CKR_PIN_INCORRECT:
      if ((flags & CKF_USER_PIN_FINAL_TRY) != 0) fail(tr("wrong PIN: one try is left"));
      fail(tr("wrong PIN: a try is spent"));
    case CKR_PIN_LOCKED:  // require_tries() saw it unlocked
      fail(std::string(tr("wrong PIN, and it is locked now.")) + " " + where_to_unlock(tier));
    case CKR_PIN_LEN_RANGE:
    case CKR_PIN_INVALID:
    case CKR_ARGUMENTS_BAD:
      fail(tr("this cannot be the PIN (length or characters); it was not sent, no try is spent"));
    default:
      throw Failure(Exit::failed, tr("the module answered: %1", {error.what()}));
  }
}

}  // namespace jpki::tool
