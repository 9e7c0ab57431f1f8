// Addresses as RFC 1122 (3.2.1.3), RFC 4291 (2.5.3) and RFC 5735 know them.
#include "web/loopback.hpp"

#include "support/catch.hpp"

using jpki::web::is_loopback;

TEST_CASE("127.0.0.0/8 and ::1 are this machine's own, and nothing else is") {
  for (const char* address : {"127.0.0.1", "127.0.0.2", "127.255.255.255", "::1", "0:0:0:0:0:0:0:1"})
    CHECK(is_loopback(address));
  for (const char* address : {"0.0.0.0", "126.255.255.255", "128.0.0.1", "192.0.2.1", "::", "::2", "fe80::1",
                              "2001:db8::1", "::ffff:192.0.2.1"})
    CHECK_FALSE(is_loopback(address));
}

TEST_CASE("a name or half an address is no address") {
  for (const char* text :
       {"", "localhost", "127.1", "127.0.0.1.", "127.0.0.1:80", "[::1]", " 127.0.0.1", "0x7f.0.0.1"})
    CHECK_FALSE(is_loopback(text));
}
