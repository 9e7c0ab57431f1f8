// The four facts of a signature certificate. Expected values: what the applicant wrote on the form, and
// certificates that the openssl command makes of a configuration file.
#include "jpki/person.hpp"
#include "support.hpp"
#include "support/catch.hpp"

using namespace jpki_test;
using service::Certificate, service::MarkedText, service::Person, service::Tier;

namespace {

Person person(const counter::Form& form) {
  return service::person_of(mynumber().issue(Tier::sign, form)).value();
}

/// A self-signed certificate with this subjectAltName section, by the openssl command.
Certificate with_names(const std::string& section) {
  const Folder folder;
  const auto config =
      folder.write("config",
                   "utf8=yes\nstring_mask=utf8only\n[req]\ndistinguished_name=dn\n[dn]\n[ext]\n"
                   "subjectAltName=@names\n[names]\n" +
                       section);
  shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + folder / "key" +
        " -subj /CN=test -config " + config + " -extensions ext -out " + folder / "cert");
  return read(folder / "cert");
}

constexpr const char* fact = "1.2.392.200149.8.5.5.";

}  // namespace

TEST_CASE("the guide's specimen says the guide's four facts") {
  const Person found = person({});
  CHECK(found.name.value().text == "公的　一郎");
  CHECK(found.birth.value().code == "319771107");
  CHECK(service::japanese_text(found.birth.value().date.value()) == "昭和52年11月7日");
  CHECK(service::gregorian_text(found.birth.value().date.value()) == "1977-11-07");
  CHECK(found.sex.value().row->kanji == "男");
  CHECK(found.address.value().text == "東京都港区虎ノ門5丁目");
  CHECK(found.name->fits());
  CHECK(found.name->substituted().empty());
  CHECK(found.others.empty());
}

TEST_CASE("the Juki specimen says the same") {
  const auto found = service::person_of(juki().issue(Tier::sign)).value();
  CHECK(found.name.value().text == "公的　一郎");
  CHECK(found.address.value().text == "東京都港区虎ノ門5丁目");
}

TEST_CASE("an authentication or CA certificate states no fact") {
  CHECK_FALSE(service::person_of(mynumber().issue(Tier::auth)));
  CHECK_FALSE(service::person_of(mynumber().ca(Tier::sign)));
}

TEST_CASE("two hundred people come back as they went in") {
  const std::string names[] = {"山田　太郎", "SMITH JOHN O'BRIEN", "𠮷野　〓子", "あ",
                               "ＮＧＵＹＥＮ　ＶＡＮ　Ａ"};
  std::string far = "北海道";
  for (std::size_t i = 3; i < service::longest_address; ++i) far += "市";
  const std::string addresses[] = {"東京都港区虎ノ門5丁目", "沖縄県", far, "京都府京都市中京区〓町1"};
  struct Birth {
    const char *form, *japanese;
  };
  // Each era's first day, the day before an era, and births of which parts are not known.
  const Birth births[] = {{"1868-01-25", "明治元年1月25日"},       {"1900-12-31", "明治33年12月31日"},
                          {"1912-07-29", "明治45年7月29日"},       {"1912-07-30", "大正元年7月30日"},
                          {"1926-12-25", "昭和元年12月25日"},      {"1989-01-07", "昭和64年1月7日"},
                          {"1989-01-08", "平成元年1月8日"},        {"2019-05-01", "令和元年5月1日"},
                          {"1950-06-00", "昭和25年6月（日不明）"}, {"1950-00-00", "昭和25年（月日不明）"}};
  int people = 0;
  for (const auto& name : names) {
    for (const auto& address : addresses) {
      for (const auto& birth : births) {
        counter::Form form;
        form.name = name, form.address = address, form.birth = birth.form, form.expires = "2030-01-01";
        form.sex = people % 3 == 0 ? "male" : people % 3 == 1 ? "female" : "unknown";
        const Person found = person(form);
        CAPTURE(people);
        CHECK(found.name.value().text == name);
        CHECK(found.address.value().text == address);
        CHECK(found.sex.value().row->english == form.sex);
        CHECK(service::japanese_text(found.birth.value().date.value()) == birth.japanese);
        ++people;
      }
    }
  }
  CHECK(people == 200);
}

TEST_CASE("substitute characters are known by their places") {
  counter::Form form;
  form.name = "𠮷〓　一郎", form.substituted_name = "01000", form.substituted_address = "00000000001";
  const Person found = person(form);
  CHECK(found.name.value().substituted() == std::vector<std::size_t>{1});
  CHECK(found.address.value().substituted() == std::vector<std::size_t>{10});
  CHECK(MarkedText{"公的", ""}.fits() == false);
  CHECK(MarkedText{"公的", "012"}.fits() == false);
  CHECK(MarkedText{"公的", "02"}.fits() == false);
  CHECK(MarkedText{"公的", "011"}.substituted().empty());
}

TEST_CASE("birth codes: unknown parts, and what contradicts itself") {
  struct Row {
    const char *code, *japanese, *gregorian;
  };
  const Row rows[] = {{"319771107", "昭和52年11月7日", "1977-11-07"},
                      {"420081031", "平成20年10月31日", "2008-10-31"},
                      {"400000000", "平成（年月日不明）", "???\?-?\?-?\?"},
                      {"000000000", "不明", "???\?-?\?-?\?"},
                      {"319500000", "昭和25年（月日不明）", "1950-?\?-?\?"},
                      {"319500600", "昭和25年6月（日不明）", "1950-06-?\?"},
                      {"300000229", "昭和2月29日（年不明）", "???\?-02-29"},
                      {"019771107", "1977年11月7日", "1977-11-07"},
                      {"520190501", "令和元年5月1日", "2019-05-01"},
                      {"319890107", "昭和64年1月7日", "1989-01-07"}};
  for (const auto& row : rows) {
    CAPTURE(row.code);
    const auto birth = service::read_birth_code(row.code);
    REQUIRE(birth);
    CHECK(service::japanese_text(*birth) == row.japanese);
    CHECK(service::gregorian_text(*birth) == row.gregorian);
  }
  for (const char* bad : {"", "31977110", "3197711070", "619771107", "319770229", "319771301", "319771132",
                          "419771107", "320081031", "1a9771107", "319771 07", "３19771107"}) {
    CAPTURE(bad);
    CHECK_FALSE(service::read_birth_code(bad));
  }
}

TEST_CASE("unknown otherNames and other types of text are no obstacle") {
  const std::string base = fact;
  const auto found = service::person_of(with_names(
      "otherName.1=" + base + "1;FORMAT:UTF8,UTF8:公的　一郎\notherName.2=" + base +
      "7;FORMAT:UTF8,UTF8:コウテキ　イチロウ\n" + "otherName.3=" + base +
      "5;FORMAT:UTF8,BMPSTRING:東京都\notherName.4=1.2.3.4;INTEGER:5\notherName.5=" + base +
      "1;FORMAT:UTF8,UTF8:公的　二郎\notherName.6=" + base + "3;FORMAT:UTF8,UTF8:9\notherName.7=" + base +
      "4;FORMAT:UTF8,UTF8:昭和52年\nemail.1=a@example.org\n"));
  REQUIRE(found);
  CHECK(found->name.value().text == "公的　一郎");
  CHECK(found->address.value().text == "東京都");
  CHECK(found->sex.value().code == "9");
  CHECK(found->sex.value().row == nullptr);
  CHECK(found->birth.value().code == "昭和52年");
  CHECK_FALSE(found->birth.value().date);
  REQUIRE(found->others.size() == 3);
  CHECK(found->others[0].oid == base + "7");
  CHECK(found->others[0].text == "コウテキ　イチロウ");
  CHECK(found->others[1].oid == "1.2.3.4");
  CHECK_FALSE(found->others[1].text);
  CHECK(found->others[2].text == "公的　二郎");
}

TEST_CASE("what a certificate says cannot steer a terminal") {
  const auto found = service::person_of(
      with_names(std::string("otherName.1=") + fact + "1;FORMAT:UTF8,UTF8:\x1B[2J\u202Eé\n"));
  REQUIRE(found);
  CHECK(found->name.value().text == "\uFFFD[2J\uFFFDé");
}
