// The card's end of vpcd's protocol, against a reader made here.
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>
#include <thread>

#include "unit/vcard/support.hpp"
#include "vcard/vpcd.hpp"

using namespace jpki;
using namespace jpki::vcard;
using namespace jpki::vcard::test;

namespace {

/// vpcd: listens, and writes length and body separately, as it does.
class FakeReader {
 public:
  FakeReader() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(listen(listener_, 4) == 0);
    REQUIRE(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port = ntohs(address.sin_port);
  }
  ~FakeReader() {
    hang_up();
    close(listener_);
  }
  void accept_card() {
    hang_up();
    REQUIRE(readable(listener_));
    card_ = accept(listener_, nullptr, nullptr);
    REQUIRE(card_ >= 0);
  }
  void hang_up() {
    if (card_ >= 0) close(card_);
    card_ = -1;
  }
  void send_message(ByteView body) const {
    const std::uint8_t length[] = {static_cast<std::uint8_t>(body.size() >> 8),
                                   static_cast<std::uint8_t>(body.size())};
    REQUIRE(send(card_, length, 2, MSG_NOSIGNAL) == 2);
    REQUIRE(send(card_, body.data(), body.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(body.size()));
  }
  void send_bytes(ByteView bytes) const {
    REQUIRE(send(card_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
  }
  std::string receive_message() const {
    const Bytes head = receive(2);
    return to_hex(receive(static_cast<std::size_t>(head[0] << 8 | head[1])));
  }
  std::string exchange(std::string_view command) const {
    send_message(hex(command));
    return receive_message();
  }
  /// Waits until the card has closed the connection.
  [[nodiscard]] bool card_left() const {
    std::uint8_t byte = 0;
    return readable(card_) && recv(card_, &byte, 1, 0) <= 0;  // the end, or a reset if bytes were unread
  }
  std::uint16_t port = 0;

 private:
  static bool readable(int fd) {
    pollfd wanted{fd, POLLIN, 0};
    return poll(&wanted, 1, 10000) == 1;
  }
  [[nodiscard]] Bytes receive(std::size_t size) const {
    Bytes bytes(size);
    if (size != 0) REQUIRE(recv(card_, bytes.data(), size, MSG_WAITALL) == static_cast<ssize_t>(size));
    return bytes;
  }
  int listener_;
  int card_ = -1;
};

/// serve() in a thread, until the end of the test.
class Serving {
 public:
  Serving(const fs::path& folder, std::uint16_t port)
      : card_(Card::open(folder)), stop_(eventfd(0, EFD_CLOEXEC)) {
    Reader reader;
    reader.port = port;
    reader.stop = stop_;
    reader.say = [this](std::string_view event) {
      const std::lock_guard hold(mutex_);
      events_.emplace_back(event);
    };
    thread_ = std::thread([this, reader] { serve(*card_, reader); });
  }
  ~Serving() {
    stop();
    close(stop_);
  }
  void stop() {
    const std::uint64_t one = 1;
    if (!thread_.joinable() || write(stop_, &one, sizeof one) != sizeof one) return;
    thread_.join();
  }
  std::vector<std::string> events() {
    const std::lock_guard hold(mutex_);
    return events_;
  }

 private:
  std::unique_ptr<Card> card_;
  int stop_;
  std::mutex mutex_;
  std::vector<std::string> events_;
  std::thread thread_;
};

using Events = std::vector<std::string>;

}  // namespace

TEST_CASE("control codes and commands") {
  TestCard card;
  FakeReader reader;
  Serving serving(card.path(), reader.port);
  reader.accept_card();
  CHECK(reader.exchange("04") == "3BE000FF8131FE4514");
  CHECK(reader.exchange("00A40000") == "");  // no power yet
  reader.send_message(hex("01"));
  CHECK(reader.exchange("00A40000") == "6A86");
  CHECK(reader.exchange("00A4040C0A D392F000260100000001") == "9000");
  CHECK(reader.exchange("0020009804 31323334") == "9000");
  CHECK(reader.exchange("00B08A0000").size() == 2 * 258);
  reader.send_message(hex("02"));  // warm reset
  CHECK(reader.exchange("00A40000") == "6A86");
  CHECK(reader.exchange("00A4040C0A D392F000260100000001") == "9000");
  CHECK(reader.exchange("802A009701 00 00").size() == 2 * 258);
  reader.send_message(hex("00"));
  reader.send_message(hex("01"));
  CHECK(reader.exchange("00A4040C0A D392F000260100000001") == "9000");
  CHECK(reader.exchange("802A009701 00 00") == "6982");
  serving.stop();
  CHECK(reader.card_left());
  CHECK(serving.events() == Events{"connected"});
}

TEST_CASE("removal closes the connection, insertion connects again without PIN states") {
  TestCard card;
  FakeReader reader;
  Serving serving(card.path(), reader.port);
  reader.accept_card();
  reader.send_message(hex("01"));
  CHECK(reader.exchange("00A4040C0A D392F000260100000001") == "9000");
  CHECK(reader.exchange("0020009804 31323334") == "9000");
  vcard::remove(card.path());
  CHECK(reader.card_left());
  insert(card.path());
  reader.accept_card();
  reader.send_message(hex("01"));
  CHECK(reader.exchange("00A4040C0A D392F000260100000001") == "9000");
  CHECK(reader.exchange("802A009701 00 00") == "6982");
  serving.stop();
  CHECK(serving.events() == Events{"connected", "removed", "connected"});
}

TEST_CASE("a card that is out waits to be put in") {
  TestCard card;
  vcard::remove(card.path());
  FakeReader reader;
  Serving serving(card.path(), reader.port);
  insert(card.path());
  reader.accept_card();
  CHECK(reader.exchange("04") == "3BE000FF8131FE4514");
}

TEST_CASE("a reader that goes away is looked for again, and power is gone with it") {
  TestCard card;
  FakeReader reader;
  Serving serving(card.path(), reader.port);
  reader.accept_card();
  reader.send_message(hex("01"));
  CHECK(reader.exchange("00A4040C0A D392F000260100000001") == "9000");
  reader.accept_card();  // hangs up first
  CHECK(reader.exchange("00A4040C0A D392F000260100000001") == "");
  serving.stop();
  CHECK(serving.events() == Events{"connected", "disconnected", "connected"});
}

TEST_CASE("serving ends also in the middle of a message") {
  TestCard card;
  FakeReader reader;
  Serving serving(card.path(), reader.port);
  reader.accept_card();
  CHECK(reader.exchange("04") == "3BE000FF8131FE4514");
  reader.send_bytes(hex("0005 00A4"));
  serving.stop();
  CHECK(reader.card_left());
}
