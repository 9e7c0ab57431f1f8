// Rules for new PINs: the service's (docs/card-jpki.md), and advice.
#include "tool/pin_rules.hpp"
#include "support/catch.hpp"

using namespace jpki;
using service::Tier;
using tool::pin_advice, tool::pin_fault, tool::resembles_birth, tool::resembles_telephone;

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

TEST_CASE("a PIN is compared with a birth date as people write it") {
  // 1977-11-07 is in the 52nd year of Showa, as the service's guide writes its specimen's.
  for (const char* taken : {"1107", "0711", "1977", "7711", "1177", "5211", "1152", "A1B1C0D7", "XY771107"}) {
    CAPTURE(taken);
    CHECK(resembles_birth(bytes_of(taken), bytes_of("1977-11-07")));
  }
  for (const char* other : {"2580", "1108", "7107", "ABC123", "52", ""}) {
    CAPTURE(other);
    CHECK_FALSE(resembles_birth(bytes_of(other), bytes_of("1977-11-07")));
  }
  CHECK(resembles_birth(bytes_of("1950"), bytes_of("1950-00-00")));
  CHECK_FALSE(resembles_birth(bytes_of("0000"), bytes_of("1950-00-00")));
  for (const char* none : {"", "7 November", "1977-13-07", "19771107"}) {
    CAPTURE(none);
    CHECK_FALSE(resembles_birth(bytes_of("1107"), bytes_of(none)));
  }
}

TEST_CASE("a PIN is compared with any four digits of a telephone number") {
  for (const char* taken : {"0312", "1234", "5678", "3456", "AB5678C"}) {
    CAPTURE(taken);
    CHECK(resembles_telephone(bytes_of(taken), bytes_of("03-1234-5678")));
  }
  CHECK_FALSE(resembles_telephone(bytes_of("8765"), bytes_of("03-1234-5678")));
  CHECK_FALSE(resembles_telephone(bytes_of("ABC567"), bytes_of("03-1234-5678")));
  CHECK_FALSE(resembles_telephone(bytes_of("1234"), bytes_of("")));
}
