// Requests that were made out: one for each certificate, each once, each for its time.
#include "window/forms.hpp"

#include "support/catch.hpp"
#include "window/words.hpp"

using namespace jpki::window;
using namespace std::chrono_literals;

namespace {

const jpki::service::Instant now{1'800'000'000s};
Form form(const std::string& number, const std::string& certificate) {
  return {number, "subject", certificate, {"01"}, now + 60s, "text"};
}

}  // namespace

TEST_CASE("a number serves once") {
  Forms forms(10);
  REQUIRE(forms.keep(form("a", "c1"), now));
  CHECK(forms.find("a", now));
  CHECK(forms.find("a", now + 60s));
  CHECK_FALSE(forms.find("a", now + 61s));
  CHECK_FALSE(forms.find("", now));
  CHECK(forms.take("a"));
  CHECK_FALSE(forms.take("a"));
  CHECK_FALSE(forms.find("a", now));
}

TEST_CASE("one for each certificate, and no more than there is room for") {
  Forms forms(2);
  REQUIRE(forms.keep(form("a", "c1"), now));
  REQUIRE(forms.keep(form("b", "c1"), now));
  CHECK_FALSE(forms.find("a", now));
  CHECK(forms.find("b", now));
  REQUIRE(forms.keep(form("c", "c2"), now));
  CHECK_FALSE(forms.keep(form("d", "c3"), now));
  CHECK(forms.keep(form("e", "c2"), now));
  CHECK(forms.keep(form("d", "c3"), now + 61s));  // those of before are over
  CHECK_FALSE(forms.find("b", now + 61s));
}

TEST_CASE("numbers are long and differ") {
  const std::string one = Forms::new_number(), other = Forms::new_number();
  CHECK(one.size() == 32);
  CHECK(one != other);
}

TEST_CASE("the language of a page") {
  CHECK(language_of("", "") == Language::ja);
  CHECK(language_of("", "en") == Language::en);
  CHECK(language_of("", "fr,zh-Hant-TW;q=0.5, en") == Language::zh);
  CHECK(language_of("", "de-DE , EN-gb;q=0.1") == Language::en);
  CHECK(language_of("zh_CN", "en") == Language::zh);
  CHECK(language_of("english", "zh") == Language::zh);
  CHECK(language_of("", ",,;;,e,*") == Language::ja);
}
