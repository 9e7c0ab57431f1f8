#include "pcsc/link.hpp"

#include <reader.h>

#include "base/hex.hpp"
#include "fake_service.hpp"
#include "pcsc/tpdu.hpp"
#include "support/catch.hpp"

using namespace jpki;
using apdu::TransportError;
using pcsc::test::FakeService;
using Reason = TransportError::Reason;
using Strings = std::vector<std::string>;

namespace {

const std::string reader = "Reader 00 00";

Bytes hex(std::string_view text) { return from_hex(text).value(); }

template <class Call>
Reason reason_of(Call call) {
  try {
    call();
  } catch (const TransportError& error) {
    return error.reason();
  }
  throw std::logic_error("no TransportError");
}

/// A service with a card in its reader that answers 9000.
struct Fixture {
  Fixture() {
    service.plug(reader);
    service.insert(reader);
    service.card = [](ByteView) { return hex("9000"); };
  }
  [[nodiscard]] std::unique_ptr<apdu::Link> connect() const { return pcsc::connect(service.api(), reader); }
  FakeService service;
};

}  // namespace

TEST_CASE("a connection from end to end") {
  Fixture at;
  at.service.card = [](ByteView) { return hex("0102039000"); };
  {
    const auto link = at.connect();
    link->begin();
    CHECK(to_hex(link->transmit(hex("00B0000003"))) == "0102039000");
    link->end();
    CHECK(at.service.open_contexts() == 1);
  }
  CHECK(at.service.calls("connect") == Strings{"shared any " + reader});
  CHECK(at.service.calls("transmit") == Strings{"T1 00B0000003"});
  CHECK(at.service.calls("end") == Strings{"leave"});
  CHECK(at.service.calls("disconnect") == Strings{"leave"});
  CHECK(at.service.open_contexts() == 0);
  CHECK(at.service.open_connections() == 0);
}

TEST_CASE("a connection that does not come about") {
  struct Row {
    LONG code;
    Reason reason;
  };
  const auto row = GENERATE(values<Row>({
      {SCARD_E_SHARING_VIOLATION, Reason::busy},
      {SCARD_E_NO_SMARTCARD, Reason::removed},
      {SCARD_E_UNKNOWN_READER, Reason::removed},
      {SCARD_W_UNRESPONSIVE_CARD, Reason::failed},
      {SCARD_W_UNPOWERED_CARD, Reason::failed},  // nothing was lost to a reset: there was nothing yet
      {SCARD_E_PROTO_MISMATCH, Reason::failed},
      {SCARD_E_NO_SERVICE, Reason::service_lost},
  }));
  Fixture at;
  at.service.fail("connect", row.code);
  CHECK(reason_of([&] { (void)at.connect(); }) == row.reason);
  CHECK(at.service.open_contexts() == 0);
}

TEST_CASE("no service") {
  Fixture at;
  at.service.stop();
  CHECK(reason_of([&] { (void)at.connect(); }) == Reason::service_lost);
}

// --- Transactions
// -------------------------------------------------------------------------------------------------

TEST_CASE("a reset is told once, and the link works again") {
  const LONG code = GENERATE(SCARD_W_RESET_CARD, SCARD_W_UNPOWERED_CARD);
  Fixture at;
  const auto link = at.connect();
  at.service.reset_cards(code);
  CHECK(reason_of([&] { link->begin(); }) == Reason::reset);
  link->begin();
  CHECK(to_hex(link->transmit(hex("00200080"))) == "9000");
  link->end();
  CHECK(at.service.calls("disconnect") == Strings{"leave"});
  CHECK(at.service.open_connections() == 1);
}

TEST_CASE("a reset, and the card is gone as well") {
  Fixture at;
  const auto link = at.connect();
  at.service.reset_cards();
  at.service.fail("connect", SCARD_E_NO_SMARTCARD);
  CHECK(reason_of([&] { link->begin(); }) == Reason::removed);
}

TEST_CASE("transactions that do not begin") {
  struct Row {
    LONG code;
    Reason reason;
  };
  const auto row = GENERATE(values<Row>({
      {SCARD_W_REMOVED_CARD, Reason::removed},
      {SCARD_E_READER_UNAVAILABLE, Reason::removed},
      {SCARD_E_INVALID_VALUE, Reason::removed},  // pcsc-lite's answer where the reader was unplugged
      {SCARD_E_INVALID_HANDLE, Reason::service_lost},
      {SCARD_E_NO_SERVICE, Reason::service_lost},
      {SCARD_F_COMM_ERROR, Reason::service_lost},
      {SCARD_E_SHARING_VIOLATION, Reason::busy},
  }));
  Fixture at;
  const auto link = at.connect();
  at.service.fail("begin", row.code);
  CHECK(reason_of([&] { link->begin(); }) == row.reason);
  CHECK(at.service.calls("connect").size() == 1);
}

TEST_CASE(
    "a rival's transaction: nothing is called that would have to wait, and the rest is not waited for "
    "twice") {
  Fixture at;
  const auto patience = std::make_shared<pcsc::Patience>(std::chrono::milliseconds(20));
  const auto link = pcsc::connect(at.service.api(), reader, patience);
  at.service.rival = true;
  for (int i = 0; i < 2; ++i) CHECK(reason_of([&] { link->begin(); }) == Reason::busy);
  CHECK(at.service.calls("begin").empty());
  const auto asked = at.service.calls("ask").size();
  CHECK(reason_of([&] { link->begin(); }) == Reason::busy);
  CHECK(at.service.calls("ask").size() <= asked + 3);  // who waited in vain only looks
  at.service.rival = false;
  link->begin();
  link->end();
  CHECK(at.service.calls("begin").size() == 1);
}

TEST_CASE("a rival's transaction: no connection is asked for while the service would not give one") {
  Fixture at;
  const auto patience = std::make_shared<pcsc::Patience>(std::chrono::milliseconds(20));
  const auto connect = [&] { return pcsc::connect(at.service.api(), reader, patience); };
  at.service.rival = true;
  CHECK(connect() != nullptr);  // the card is in nobody's use: there is no one to wait for
  at.service.insert(reader, SCARD_STATE_INUSE);
  for (int i = 0; i < 2; ++i) CHECK(reason_of([&] { (void)connect(); }) == Reason::busy);
  CHECK(at.service.calls("connect").size() == 1);
  CHECK(at.service.calls("knock").size() == 1);  // the question stands until it is answered
  at.service.rival = false;
  CHECK(connect() != nullptr);
}

TEST_CASE("a rival's transaction: the power is not taken away, and that is told") {
  Fixture at;
  const auto patience = std::make_shared<pcsc::Patience>(std::chrono::milliseconds(20));
  const auto link = pcsc::connect(at.service.api(), reader, patience);
  at.service.rival = true;
  CHECK_FALSE(link->power_off());
  CHECK(at.service.calls("begin").empty());
  CHECK(at.service.open_connections() == 0);
}

// --- Exchanges
// ----------------------------------------------------------------------------------------------------

TEST_CASE("the longest answer") {
  Fixture at;
  at.service.card = [](ByteView) { return Bytes(65538, 0x90); };
  CHECK(at.connect()->transmit(hex("00B00000000000")).size() == 65538);
}

TEST_CASE("exchanges that fail") {
  struct Row {
    LONG code;
    Reason reason;
  };
  const auto row = GENERATE(values<Row>({
      {SCARD_W_REMOVED_CARD, Reason::removed},
      {SCARD_W_RESET_CARD, Reason::reset},
      {SCARD_E_NO_SERVICE, Reason::service_lost},
      {SCARD_F_COMM_ERROR, Reason::service_lost},
      {SCARD_E_SHARING_VIOLATION, Reason::busy},
  }));
  Fixture at;
  const auto link = at.connect();
  at.service.fail("transmit", row.code);
  CHECK(reason_of([&] { (void)link->transmit(hex("00200080")); }) == row.reason);
  CHECK(at.service.calls("transmit").size() == 1);
}

TEST_CASE("an exchange fails before the service knows that the card was pulled") {
  const LONG code = GENERATE(SCARD_E_NOT_TRANSACTED, SCARD_F_UNKNOWN_ERROR, SCARD_E_COMM_DATA_LOST);
  Fixture at;
  const auto link = at.connect();
  at.service.fail("transmit", code);
  SECTION("but it knows already") { at.service.remove(reader); }
  SECTION("but the reader is gone altogether") { at.service.unplug(reader); }
  SECTION("but finds out while it is asked") {
    at.service.before_wait = [&] { at.service.remove(reader); };
  }
  SECTION("but finds another card there") {
    at.service.before_wait = [&] {
      at.service.remove(reader);
      at.service.insert(reader);
    };
  }
  CHECK(reason_of([&] { (void)link->transmit(hex("00200080")); }) == Reason::removed);
  CHECK(at.service.calls("transmit").size() == 1);
}

TEST_CASE("an exchange fails, and then the service is gone") {
  Fixture at;
  const auto link = at.connect();
  at.service.fail("transmit", SCARD_E_NOT_TRANSACTED);
  at.service.before_wait = [&] { at.service.stop(); };
  CHECK(reason_of([&] { (void)link->transmit(hex("00200080")); }) == Reason::service_lost);
}

TEST_CASE("success without a byte is a failed exchange") {
  Fixture at;
  const auto link = at.connect();
  at.service.card = [](ByteView) { return Bytes{}; };
  at.service.before_wait = [&] { at.service.remove(reader); };
  CHECK(reason_of([&] { (void)link->transmit(hex("00200080")); }) == Reason::removed);
}

TEST_CASE("a card that stays and does not answer") {
  Fixture at;
  const auto link = at.connect();
  at.service.fail("transmit", SCARD_E_NOT_TRANSACTED);
  // The time that the service gets to find out is over at once.
  at.service.before_wait = [&] { at.service.expire(); };
  CHECK(reason_of([&] { (void)link->transmit(hex("00200080")); }) == Reason::failed);
  // The first: whether somebody uses the reader whom the connection would have to wait for.
  CHECK(at.service.calls("status_change") == Strings{"0", "0", "1000"});
}

// --- T=0
// ----------------------------------------------------------------------------------------------------------

TEST_CASE("T=0 framing") {
  CHECK(to_hex(pcsc::for_t0(hex("00200080"))) == "0020008000");                  // case 1
  CHECK(to_hex(pcsc::for_t0(hex("00B0000000"))) == "00B0000000");                // case 2
  CHECK(to_hex(pcsc::for_t0(hex("00A4020C020001"))) == "00A4020C020001");        // case 3
  CHECK(to_hex(pcsc::for_t0(hex("802A008003AABBCC00"))) == "802A008003AABBCC");  // case 4
  CHECK_THROWS_AS(pcsc::for_t0(hex("00B00000000000")), TransportError);          // case 2, extended
  CHECK_THROWS_AS(pcsc::for_t0(hex("00B000000000010000")), TransportError);      // case 4, extended
  CHECK_THROWS_AS(pcsc::for_t0(hex("00A4020C0200010000")), TransportError);      // none
  CHECK_THROWS_AS(pcsc::for_t0(hex("00A4020C0500")), TransportError);            // none
}

TEST_CASE("over T=0 commands are framed so, and none is extended") {
  Fixture at;
  at.service.protocol = SCARD_PROTOCOL_T0;
  const auto link = at.connect();
  (void)link->transmit(hex("802A008003AABBCC00"));
  (void)link->transmit(hex("00200080"));
  CHECK(at.service.calls("transmit") == Strings{"T0 802A008003AABBCC", "T0 0020008000"});
  CHECK(link->extended_limit() == 0);
  CHECK(at.service.calls("control").empty());
}

// --- Power
// --------------------------------------------------------------------------------------------------------

TEST_CASE("power off, in a transaction") {
  Fixture at;
  {
    const auto link = at.connect();
    CHECK(link->power_off());
    CHECK(at.service.open_connections() == 0);
  }
  CHECK(at.service.calls("begin").size() == 1);
  CHECK(at.service.calls("disconnect") == Strings{"unpower"});
}

TEST_CASE("power off after somebody's reset: the card is dark or not, so it is done all the same") {
  Fixture at;
  const auto link = at.connect();
  at.service.reset_cards();
  CHECK(link->power_off());
  CHECK(at.service.calls("disconnect") == Strings{"leave", "unpower"});
}

TEST_CASE("power off beside a program that resets the card again before each transaction") {
  Fixture at;
  const auto link = at.connect();
  for (int i = 0; i < 3; ++i) at.service.fail("begin", SCARD_W_RESET_CARD);
  CHECK(link->power_off());
  CHECK(at.service.calls("disconnect") == Strings{"leave", "leave", "leave", "unpower"});
}

TEST_CASE("power off of a card that is gone") {
  Fixture at;
  const auto link = at.connect();
  at.service.remove(reader);
  CHECK(link->power_off());
}

TEST_CASE("power off that cannot be done closes the link all the same") {
  Fixture at;
  const auto link = at.connect();
  SECTION("the service is gone") { at.service.fail("begin", SCARD_E_NO_SERVICE); }
  SECTION("the service refuses") { at.service.fail("disconnect", SCARD_E_SHARING_VIOLATION); }
  CHECK_FALSE(link->power_off());
  CHECK(at.service.calls("disconnect").back() == "leave");
  CHECK(at.service.open_connections() == 0);
}

// --- PC/SC part 10
// ------------------------------------------------------------------------------------------------

namespace {

constexpr DWORD properties_code = 0x42000DCC;

/// A reader that has these features and properties, each a list of tag, length, value.
void state(FakeService& service, const std::string& features, const std::string& properties) {
  service.control = [=](DWORD code, Bytes& answer) -> LONG {
    if (code == CM_IOCTL_GET_FEATURE_REQUEST) answer = hex(features);
    if (code == properties_code) answer = hex(properties);
    return code == CM_IOCTL_GET_FEATURE_REQUEST || code == properties_code ? SCARD_S_SUCCESS
                                                                           : SCARD_E_UNSUPPORTED_FEATURE;
  };
}

}  // namespace

TEST_CASE("a reader states the size of APDUs, and is asked once for each connection") {
  Fixture at;
  // FEATURE_GET_TLV_PROPERTIES (12) among others, its code in network order; dwMaxAPDUDataSize (0A),
  // little-endian
  state(at.service, "060442000D48 120442000DCC", "010200FF 0A0400000100 0B02E604");
  const auto link = at.connect();
  CHECK(at.service.calls("control").empty());
  CHECK(link->extended_limit() == 65536);
  CHECK(link->extended_limit() == 65536);
  CHECK(at.service.calls("control").size() == 2);
}

TEST_CASE("what readers state") {
  struct Row {
    std::string features, properties;
    std::size_t limit;
  };
  const auto row = GENERATE(values<Row>({
      {"120442000DCC", "0A0400080000", 2048},
      {"120442000DCC", "0A0400000000", 0},
      {"120442000DCC", "0A04FFFFFFFF", 0xFFFFFFFF},
      {"120442000DCC", "0A020008", 0},    // not four bytes
      {"120442000DCC", "0A04000800", 0},  // cut off
      {"120442000DCC", "0A", 0},
      {"120442000DCC", "", 0},
      {"120442000DCC", "0904000800000B00", 0},  // not among them
      {"060442000D48", "0A0400080000", 0},
      {"1203420DCC", "0A0400080000", 0},
      {"1204", "0A0400080000", 0},
      {"120442000DCD", "0A0400080000", 0},  // a code that the reader refuses
      {"", "0A0400080000", 0},
  }));
  CAPTURE(row.features, row.properties);
  Fixture at;
  state(at.service, row.features, row.properties);
  CHECK(at.connect()->extended_limit() == row.limit);
}

TEST_CASE("a reader that knows no features, as vpcd") {
  Fixture at;
  const auto link = at.connect();
  CHECK(link->extended_limit() == 0);
  CHECK(link->extended_limit() == 0);
  CHECK(at.service.calls("control").size() == 1);
}
