#include "pcsc/errors.hpp"

#include "support/catch.hpp"

using jpki::apdu::TransportError;
using jpki::pcsc::error_of;
using jpki::pcsc::reason_of;
using Reason = TransportError::Reason;

TEST_CASE("PC/SC codes in the words of a link") {
  // Numbers from the PC/SC return code list as Windows and pcsc-lite publish it.
  for (const LONG code : {0x80100069L, 0x8010000CL, 0x80100017L, 0x80100009L, 0x8010002EL, 0x80100011L})
    CHECK(reason_of(code) == Reason::removed);
  for (const LONG code : {0x80100068L, 0x80100067L}) CHECK(reason_of(code) == Reason::reset);
  CHECK(reason_of(0x8010000BL) == Reason::busy);
  for (const LONG code : {0x8010001DL, 0x8010001EL, 0x80100003L, 0x80100013L, 0x80100001L, 0x80100031L,
                          0x80100012L, 0x80100018L})
    CHECK(reason_of(code) == Reason::service_lost);
  for (const LONG code :
       {0x80100016L, 0x80100066L, 0x80100065L, 0x8010000FL, 0x8010000AL, 0x80100002L, 0x80100004L,
        0x80100008L, 0x8010002FL, 0x80100010L, 0x8010006AL, 0x80100014L, 0x8010001FL})
    CHECK(reason_of(code) == Reason::failed);
}

TEST_CASE("codes that nobody knows") {
  for (const LONG code : {1L, 0x80100FFFL, -1L, 0x7FFFFFFFL}) CHECK(reason_of(code) == Reason::failed);
}

TEST_CASE("the text names call, code and meaning") {
  const auto error = error_of(SCARD_E_SHARING_VIOLATION, "SCardConnect");
  CHECK(error.reason() == Reason::busy);
  CHECK(std::string(error.what()) ==
        "SCardConnect: 0x8010000B, another program holds the card for itself (gpg's scdaemon does so)");
}
