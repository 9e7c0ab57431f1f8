#include "pcsc/knock.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <winscard.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <type_traits>

namespace jpki::pcsc {
namespace {

using Clock = std::chrono::steady_clock;

// pcsc-lite's messages, version 4 of its protocol (its src/winscard_msg.h; these are the same since 2010).
// Numbers are in the host's order. A request is a head and a body; the answer is the body, filled in.
struct Head {
  std::uint32_t size, command;
};
enum Command : std::uint32_t {
  establish_context = 0x01,
  connect_card = 0x04,
  disconnect_card = 0x06,
  version = 0x11
};
constexpr std::int32_t major_version = 4;
struct Version {
  std::int32_t major = major_version, minor = 4;
  std::uint32_t code = 0;
};
struct Establish {
  std::uint32_t scope = SCARD_SCOPE_SYSTEM, context = 0, code = 0;
};
struct Connect {
  std::uint32_t context = 0;
  char reader[128] = {};
  std::uint32_t share = SCARD_SHARE_SHARED, protocols = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;
  std::int32_t card = 0;
  std::uint32_t protocol = 0, code = 0;
};
struct Disconnect {
  std::int32_t card = 0;
  std::uint32_t disposition = SCARD_LEAVE_CARD, code = 0;
};

sockaddr_un service_address() {
  const char* path = secure_getenv("PCSCLITE_CSOCK_NAME");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path != nullptr ? path : "/run/pcscd/pcscd.comm",
               sizeof address.sun_path - 1);
  return address;
}

class ServiceKnock final : public Knock {
 public:
  explicit ServiceKnock(const std::string& reader) {
    std::copy_n(reader.begin(), std::min(reader.size(), sizeof request_.reader - 1), request_.reader);
    open();
  }
  ServiceKnock(const ServiceKnock&) = delete;
  ServiceKnock& operator=(const ServiceKnock&) = delete;
  ~ServiceKnock() override { close_socket(); }

  bool answered(std::chrono::milliseconds at_most) override {
    if (socket_ < 0) return true;
    if (!receive(request_, Clock::now() + at_most)) return socket_ < 0;
    give_back();
    close_socket();
    return true;
  }

 private:
  /// Up to the request for a connection, whose answer may take its time.
  void open() {
    constexpr std::chrono::seconds patience{2};  // the service answers these at once
    const auto until = Clock::now() + patience;
    const sockaddr_un address = service_address();
    socket_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    Establish establish;
    if (socket_ < 0 || connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        !greet(until) || !ask(establish_context, establish, until) || establish.code != SCARD_S_SUCCESS)
      return close_socket();
    request_.context = establish.context;
    if (!send(connect_card, request_)) close_socket();
  }

  /// pcscd refuses every version but its own, and names that: 4.4 for long, 4.5 from pcsc-lite 2.3 on, which
  /// has a message more. Of messages that changed it would refuse the size.
  bool greet(Clock::time_point until) {
    Version spoken;
    if (!ask(version, spoken, until)) return false;
    if (spoken.code != SCARD_S_SUCCESS && spoken.major == major_version) {
      spoken.code = SCARD_S_SUCCESS;
      if (!ask(version, spoken, until)) return false;
    }
    return spoken.code == SCARD_S_SUCCESS;
  }

  /// A connection that just ends would make pcscd reset the card.
  void give_back() {
    if (request_.code != SCARD_S_SUCCESS) return;
    constexpr std::chrono::seconds patience{2};
    Disconnect disconnect;
    disconnect.card = request_.card;
    static_cast<void>(ask(disconnect_card, disconnect, Clock::now() + patience));
  }

  template <class Body>
  bool ask(Command command, Body& body, Clock::time_point until) {
    return send(command, body) && receive(body, until);
  }

  template <class Body>
  bool send(Command command, const Body& body) {
    static_assert(std::is_trivially_copyable_v<Body>);
    const Head head{sizeof body, command};
    char message[sizeof head + sizeof body];
    std::memcpy(message, &head, sizeof head);
    std::memcpy(message + sizeof head, &body, sizeof body);
    return ::send(socket_, message, sizeof message, MSG_NOSIGNAL) == static_cast<ssize_t>(sizeof message);
  }

  /// False: not yet; or, with the socket closed, never.
  template <class Body>
  bool receive(Body& body, Clock::time_point until) {
    while (filled_ < sizeof body) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
      pollfd fds{socket_, POLLIN, 0};
      const int ready = poll(&fds, 1, static_cast<int>(std::max<long>(left, 0)));
      if (ready == 0) return false;
      if (ready < 0 && errno == EINTR) continue;
      const ssize_t got = ready < 0 ? -1 : recv(socket_, buffer_ + filled_, sizeof body - filled_, 0);
      if (got <= 0) {
        close_socket();
        return false;
      }
      filled_ += static_cast<std::size_t>(got);
    }
    std::memcpy(&body, buffer_, sizeof body);
    filled_ = 0;
    return true;
  }

  void close_socket() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }

  int socket_ = -1;
  Connect request_;
  char buffer_[sizeof(Connect)] = {};
  std::size_t filled_ = 0;
};

}  // namespace

std::unique_ptr<Knock> knock_at_service(const std::string& reader) {
  return std::make_unique<ServiceKnock>(reader);
}

}  // namespace jpki::pcsc
