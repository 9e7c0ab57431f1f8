// The request for a connection at pcsc-lite's socket, with a service whose messages are written down here
// from pcsc-lite's src/winscard_msg.h (1.9.9 and 2.3.3): 4.4 and 4.5 are versions of its protocol.
#include "pcsc/knock.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <winscard.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <future>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/temp_folder.hpp"

namespace {

using namespace jpki;
using namespace std::chrono_literals;

constexpr std::uint32_t establish = 0x01, connect_card = 0x04, disconnect_card = 0x06, version = 0x11;
const std::string reader = "Some Reader 00 00";

/// One client long: answers as pcscd does; to a request for a connection when it is let.
class Service {
 public:
  Service(std::int32_t major, std::int32_t minor) : major_(major), minor_(minor) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = folder_.path() / "socket";
    REQUIRE(path.size() < sizeof address.sun_path);
    std::memcpy(address.sun_path, path.c_str(), path.size());
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(listen(listener_, 1) == 0);
    setenv("PCSCLITE_CSOCK_NAME", path.c_str(), 1);
    thread_ = std::thread([this] { serve(accept(listener_, nullptr, nullptr)); });
  }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service() {
    unsetenv("PCSCLITE_CSOCK_NAME");
    shutdown(listener_, SHUT_RDWR);  // where nobody has come
    if (thread_.joinable()) thread_.join();
    close(listener_);
  }

  void grant() { granted_.set_value(); }
  /// What the client asked, when it has gone.
  std::vector<std::uint32_t> commands() {
    thread_.join();
    return commands_;
  }
  std::string asked_for;
  std::uint32_t disposition = 99;

 private:
  void serve(int client) {
    std::array<std::uint32_t, 2> head{};  // size, command
    while (recv(client, head.data(), sizeof head, MSG_WAITALL) == sizeof head) {
      std::vector<std::uint32_t> body(head[0] / 4);
      if (recv(client, body.data(), head[0], MSG_WAITALL) != static_cast<ssize_t>(head[0])) break;
      commands_.push_back(head[1]);
      answer(head[1], body);
      if (send(client, body.data(), head[0], MSG_NOSIGNAL) < 0) break;
    }
    close(client);
  }

  /// The last number of each is the code.
  void answer(std::uint32_t command, std::vector<std::uint32_t>& body) {
    const std::uint32_t own[] = {static_cast<std::uint32_t>(major_), static_cast<std::uint32_t>(minor_)};
    if (command == version) {
      const bool same = body.at(0) == own[0] && body.at(1) == own[1];
      body = {own[0], own[1], same ? 0U : static_cast<std::uint32_t>(SCARD_E_SERVICE_STOPPED)};
    } else if (command == establish) {
      body.at(1) = 0x1234;
    } else if (command == connect_card) {  // context, reader (128), share, protocols, card, protocol, code
      asked_for = reinterpret_cast<const char*>(&body.at(1));
      granted_.get_future().wait();
      body.at(35) = 0x5678;
    } else if (command == disconnect_card) {
      disposition = body.at(0) == 0x5678 ? body.at(1) : 98;
    }
  }

  test::TempFolder folder_;
  std::int32_t major_, minor_;
  int listener_ = -1;
  std::vector<std::uint32_t> commands_;
  std::promise<void> granted_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("a knock in the version that the service speaks: answered when it is, and given back") {
  const int minor = GENERATE(4, 5);
  CAPTURE(minor);
  Service service(4, minor);
  {
    const auto knock = pcsc::knock_at_service(reader);
    CHECK_FALSE(knock->answered(1ms));
    service.grant();
    CHECK(knock->answered(10s));
  }
  std::vector<std::uint32_t> expected{version, establish, connect_card, disconnect_card};
  if (minor != 4) expected.insert(expected.begin(), version);
  CHECK(service.commands() == expected);
  CHECK(service.asked_for == reader);
  CHECK(service.disposition == SCARD_LEAVE_CARD);
}

TEST_CASE("a service of another protocol is asked for nothing") {
  Service service(5, 0);
  CHECK(pcsc::knock_at_service(reader)->answered(0ms));
  CHECK(service.commands() == std::vector<std::uint32_t>{version});
}
