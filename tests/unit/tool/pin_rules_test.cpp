// Rules for new PINs: the service's (docs/card-jpki.md), and advice.
#include "tool/pin_rules.hpp"
#include "support/catch.hpp"

using namespace jpki;
using service::Tier;
using tool::pin_advice, tool::pin_fault;

TEST_CASE("the authentication PIN has four digits") {
  CHECK(pin_fault(bytes_of("1357"), Tier::auth, false) == nullptr);
  for (const char* bad : {"", "135", "13579", "135A", "１３５７"}) {
    CAPTURE(bad);
    CHECK(pin_fault(bytes_of(bad), Tier::auth, false) != nullptr);
  }
}

TEST_CASE("the signature PIN has six to sixteen letters and digits, both") {
  for (const char* good : {"ABC123", "abc123", "A234567890123456"}) {
    CAPTURE(good);
    CHECK(pin_fault(bytes_of(good), Tier::sign, false) == nullptr);
  }
  for (const char* bad :
       {"", "AB123", "A2345678901234567", "ABCDEF", "123456", "ABC 123", "ABC-123", "ÄBC123"}) {
    CAPTURE(bad);
    CHECK(pin_fault(bytes_of(bad), Tier::sign, false) != nullptr);
  }
}

TEST_CASE("a Juki card takes four to sixteen letters or digits") {
  CHECK(pin_fault(bytes_of("1234"), Tier::sign, true) == nullptr);
  CHECK(pin_fault(bytes_of("ABCD"), Tier::sign, true) == nullptr);
  CHECK(pin_fault(bytes_of("123"), Tier::sign, true) != nullptr);
  CHECK(pin_fault(bytes_of("12345678901234567"), Tier::sign, true) != nullptr);
}

TEST_CASE("rows and repetitions are advised against") {
  for (const char* row : {"1234", "4321", "0000", "ABCDEF"}) {
    CAPTURE(row);
    CHECK(pin_advice(bytes_of(row)) != nullptr);
  }
  for (const char* other : {"1357", "1243", "ABC123", "8", ""}) {
    CAPTURE(other);
    CHECK(pin_advice(bytes_of(other)) == nullptr);
  }
}
