#include "vcard/vpcd.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>

#include "vcard/presence.hpp"

namespace jpki::vcard {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

void set_option(int socket, int option) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, option, &on, sizeof on);
}

Descriptor connect_to(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return Descriptor();
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> list(found, freeaddrinfo);
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    Descriptor candidate(socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol));
    if (candidate.get() < 0 || connect(candidate.get(), at->ai_addr, at->ai_addrlen) != 0) continue;
    set_option(candidate.get(), TCP_NODELAY);
    return candidate;
  }
  return Descriptor();
}

// Tells when a file of the folder was changed; the timeouts of wait() are for folders that cannot be watched.
class Watch {
 public:
  explicit Watch(const std::filesystem::path& folder) : fd_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    constexpr auto changes = IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF;
    if (fd_.get() >= 0) inotify_add_watch(fd_.get(), folder.c_str(), changes);
  }
  [[nodiscard]] int fd() const { return fd_.get(); }
  void drain() const {
    char events[4096];
    while (read(fd_.get(), events, sizeof events) > 0) {
    }
  }

 private:
  Descriptor fd_;
};

enum class Wakeup { stop, message, folder, timeout };

// One insertion: from the connection to its end.
class Conversation {
 public:
  Conversation(Card& card, const Reader& reader, const Watch& watch, const Descriptor& socket)
      : card_(card), reader_(reader), watch_(watch), socket_(socket.get()) {}

  /// Returns the word that says why it ended; empty for stop.
  std::string_view run() {
    const Presence at_start = presence(card_.folder());
    for (;;) {
      const Wakeup wakeup = wait(true);
      if (wakeup == Wakeup::stop) return {};
      if (!(presence(card_.folder()) == at_start)) return "removed";
      if (wakeup == Wakeup::message && !serve_message(at_start)) {
        return presence(card_.folder()) == at_start ? "disconnected" : "removed";
      }
    }
  }

 private:
  Wakeup wait(bool folder_too) const {
    pollfd fds[] = {
        {reader_.stop, POLLIN, 0}, {socket_, POLLIN, 0}, {folder_too ? watch_.fd() : -1, POLLIN, 0}};
    const int ready = poll(fds, 3, 1000);
    if (fds[0].revents != 0) return Wakeup::stop;
    if (ready > 0 && fds[1].revents != 0) return Wakeup::message;
    if (ready > 0 && fds[2].revents != 0) {
      watch_.drain();
      return Wakeup::folder;
    }
    return Wakeup::timeout;
  }

  // vpcd writes length and body separately. Without an acknowledgement at once, which must be asked for
  // before every single receive, its second packet waits 40 ms (Nagle's algorithm against delayed
  // acknowledgements).
  std::optional<Bytes> receive(std::size_t size) const {
    Bytes bytes(size);
    std::size_t filled = 0;
    while (filled < size) {
      const Wakeup wakeup = wait(false);
      if (wakeup == Wakeup::stop) return std::nullopt;
      if (wakeup != Wakeup::message) continue;
      set_option(socket_, TCP_QUICKACK);
      const ssize_t got = recv(socket_, bytes.data() + filled, size - filled, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return std::nullopt;
      filled += static_cast<std::size_t>(got);
    }
    return bytes;
  }

  bool answer(ByteView bytes) const {
    Bytes message{static_cast<std::uint8_t>(bytes.size() >> 8), static_cast<std::uint8_t>(bytes.size())};
    append(message, bytes);
    ByteView rest(message);
    while (!rest.empty()) {
      const ssize_t sent = send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent <= 0) return false;
      rest = rest.subspan(static_cast<std::size_t>(sent));
    }
    return true;
  }

  bool control(std::uint8_t code) {
    switch (code) {
      case 0:
        card_.power_off();
        return true;
      case 1:
        card_.power_on();
        return true;
      case 2:
        card_.reset();
        return true;
      case 4:
        return answer(card_.atr());
      default:
        return true;
    }
  }

  bool serve_message(const Presence& at_start) {
    const auto head = receive(2);
    if (!head) return false;
    const auto body = receive(static_cast<std::size_t>(head->at(0) << 8 | head->at(1)));
    if (!body) return false;
    if (body->empty()) return true;
    if (body->size() == 1) return control(body->front());
    const Bytes response = card_.transmit(*body);
    if (reader_.latency.count() > 0) std::this_thread::sleep_for(reader_.latency);
    const bool pulled = response.empty() && !(presence(card_.folder()) == at_start);
    return !pulled && answer(response);
  }

  Card& card_;
  const Reader& reader_;
  const Watch& watch_;
  int socket_;
};

// True when it is time to stop.
bool pause(int stop, const Watch& watch, int milliseconds) {
  pollfd fds[] = {{stop, POLLIN, 0}, {watch.fd(), POLLIN, 0}};
  poll(fds, 2, milliseconds);
  if (fds[1].revents != 0) watch.drain();
  return fds[0].revents != 0;
}

bool stopped_within(int stop, int milliseconds) {
  pollfd fd{stop, POLLIN, 0};
  return poll(&fd, 1, milliseconds) > 0;
}

}  // namespace

void serve(Card& card, const Reader& reader) {
  // pcscd looks for its card several times a second. A card that was back before it had noticed would be
  // given the rest of what the old one was told.
  constexpr int until_reader_ms = 100, until_folder_ms = 1000, until_noticed_ms = 1000;
  const Watch watch(card.folder());
  for (;;) {
    const bool inserted = presence(card.folder()).present;
    if (inserted) {
      std::optional<Descriptor> socket = connect_to(reader.host, reader.port);
      if (socket->get() >= 0) {
        reader.say("connected");
        const auto ending = Conversation(card, reader, watch, *socket).run();
        socket.reset();  // as long as it is open, vpcd waits for the answer of a card that is gone
        card.power_off();
        if (ending.empty()) return;
        reader.say(ending);
        if (ending == "removed" && stopped_within(reader.stop, until_noticed_ms)) return;
        continue;
      }
    }
    if (pause(reader.stop, watch, inserted ? until_reader_ms : until_folder_ms)) return;
  }
}

}  // namespace jpki::vcard
