// Cards that the counter made. What the certificates say is compared with OpenSSL's commands in
// tests/scenarios/test_counter.py; here is what the card itself can do.
#include <openssl/pem.h>

#include "base/file.hpp"
#include "base/hex.hpp"
#include "counter/ca_folder.hpp"
#include "jpki/person.hpp"
#include "support.hpp"
#include "support/catch.hpp"
#include "vcard/card.hpp"
#include "vcard/create.hpp"
#include "vcard/presence.hpp"

using namespace jpki;
using namespace jpki::counter;
using counter_test::hierarchies;
using counter_test::Outcome;
using counter_test::run_counter;
using counter_test::TempFolder;
namespace fs = std::filesystem;

namespace {

Outcome issue(const std::string& ca, const fs::path& card, std::vector<std::string> more = {"--test-pins"}) {
  more.insert(more.begin(), {"issue", ca, card.string()});
  return run_counter(more);
}

Bytes bytes_in(const fs::path& path) {
  auto bytes = read_file(path);
  REQUIRE(bytes);
  return *bytes;
}

Certificate certificate_in(const fs::path& path) {
  const Bytes der = bytes_in(path);
  const unsigned char* next = der.data();
  Certificate certificate(d2i_X509(nullptr, &next, static_cast<long>(der.size())));
  REQUIRE(certificate);
  return certificate;
}

// The certificate is for the key in the card, and by the CA whose certificate is in the card.
void check_half(const fs::path& card, const std::string& name, const fs::path& ca, int bits) {
  CAPTURE(name);
  const Certificate certificate = certificate_in(card / "certs" / (name + ".der"));
  const Certificate issuer = certificate_in(card / "certs" / (name + "-ca.der"));
  CHECK(X509_check_private_key(certificate.get(),
                               read_key_pem(bytes_in(card / "keys" / (name + ".pem"))).get()) == 1);
  CHECK(EVP_PKEY_get_bits(X509_get0_pubkey(certificate.get())) == bits);
  CHECK(X509_check_issued(issuer.get(), certificate.get()) == X509_V_OK);
  CHECK(X509_verify(certificate.get(), X509_get0_pubkey(issuer.get())) == 1);
  CHECK(certificate_der(*issuer) == bytes_in(ca / (name + "-ca.der")));
}

// A command to the card as a reader sends it, in hexadecimal.
std::string answer(vcard::Card& card, const char* command) {
  return to_hex(card.transmit(from_hex(command).value()));
}

// VERIFY by short EF identifier: the PIN's EF is 0018 or 001B.
std::string verify(const fs::path& folder, bool sign, std::string_view pin) {
  const auto card = vcard::Card::open(folder);
  card->power_on();
  answer(*card, "00A4040C0AD392F000260100000001");
  Bytes command{0x00, 0x20, 0x00, static_cast<std::uint8_t>(sign ? 0x9B : 0x98),
                static_cast<std::uint8_t>(pin.size())};
  append(command, bytes_of(pin));
  return to_hex(card->transmit(command));
}

}  // namespace

TEST_CASE("a new card has keys made in it, certificates for them, and the test PINs") {
  const TempFolder folder;
  const fs::path card = folder / "deep" / "card";
  REQUIRE(issue(hierarchies().mynumber, card).status == 0);
  check_half(card, "auth", hierarchies().mynumber, 2048);
  check_half(card, "sign", hierarchies().mynumber, 2048);
  CHECK(verify(card, false, "1234") == "9000");
  CHECK(verify(card, true, "ABC123") == "9000");
  CHECK(bytes_in(card / "issuer.key") == bytes_in(fs::path(hierarchies().mynumber) / "issuer.key"));
}

TEST_CASE("a Juki card has a signature half, RSA-1024 unless ordered otherwise") {
  const TempFolder folder;
  REQUIRE(issue(hierarchies().juki, folder / "card").status == 0);
  check_half(folder / "card", "sign", hierarchies().juki, 1024);
  CHECK_FALSE(fs::exists(folder / "card" / "keys" / "auth.pem"));
  CHECK_FALSE(fs::exists(folder / "card" / "certs" / "auth.der"));
  CHECK(verify(folder / "card", true, "ABC123") == "9000");
  REQUIRE(issue(hierarchies().juki, folder / "other", {"--bits", "2048"}).status == 0);
  check_half(folder / "other", "sign", hierarchies().juki, 2048);
  CHECK(verify(folder / "other", true, "ABC123") == "6984");  // no PIN was set
}

TEST_CASE("a card with certificates is renewed only on demand, and keeps its PINs") {
  const TempFolder folder;
  const fs::path card = folder / "card";
  create_file(folder / "pin", bytes_of("geheim7\n"));
  REQUIRE(issue(hierarchies().juki, card, {"--sign-pin-file", (folder / "pin").string()}).status == 0);
  const Bytes key = bytes_in(card / "keys/sign.pem"), certificate = bytes_in(card / "certs/sign.der");
  CHECK(issue(hierarchies().juki, card).status == 1);
  CHECK(bytes_in(card / "keys/sign.pem") == key);
  CHECK(bytes_in(card / "certs/sign.der") == certificate);
  CHECK(issue(hierarchies().juki, card, {"--replace"}).status == 0);
  CHECK(bytes_in(card / "keys/sign.pem") != key);
  check_half(card, "sign", hierarchies().juki, 1024);
  CHECK(verify(card, true, "GEHEIM7") == "9000");
}

TEST_CASE("a blank of the hierarchy is filled, also while another process has it in a reader") {
  const TempFolder folder;
  const auto key = from_hex(text_of(bytes_in(fs::path(hierarchies().juki) / "issuer.key")).substr(0, 64));
  vcard::create_card(folder / "card", vcard::Kind::juki, key.value());
  const auto in_reader = vcard::Card::open(folder / "card");
  in_reader->power_on();
  CHECK(answer(*in_reader, "00A4040C0AD392F000260100000001") == "9000");
  CHECK(answer(*in_reader, "00A4020C020002") == "6A82");
  CHECK(issue(hierarchies().juki, folder / "card").status == 0);
  CHECK(answer(*in_reader, "00A4020C020002") == "9000");
  CHECK(answer(*in_reader, "00B0000004").starts_with("3082"));
}

TEST_CASE("cards that do not fit are left alone") {
  const TempFolder folder;
  REQUIRE(issue(hierarchies().juki, folder / "card").status == 0);
  const Bytes key = bytes_in(folder / "card" / "keys/sign.pem");
  const auto foreign = issue(hierarchies().mynumber, folder / "card", {"--replace"});
  CHECK(foreign.status == 1);
  CHECK(foreign.err.find("another hierarchy") != std::string::npos);
  vcard::remove(folder / "card");
  const auto absent = issue(hierarchies().juki, folder / "card", {"--replace"});
  CHECK(absent.status == 1);
  CHECK(absent.err.find("not inserted") != std::string::npos);
  CHECK(bytes_in(folder / "card" / "keys/sign.pem") == key);

  const auto own = from_hex(text_of(bytes_in(fs::path(hierarchies().juki) / "issuer.key")).substr(0, 64));
  vcard::create_card(folder / "mynumber", vcard::Kind::mynumber, own.value());
  CHECK(issue(hierarchies().juki, folder / "mynumber").status == 1);
  CHECK_FALSE(fs::exists(folder / "mynumber" / "keys/sign.pem"));

  create_file(folder / "file", bytes_of("mine"));
  CHECK(issue(hierarchies().juki, folder / "file").status == 1);
  fs::create_directory(folder / "full");
  create_file(folder / "full" / "letter", bytes_of("mine"));
  CHECK(issue(hierarchies().juki, folder / "full").status == 1);
  CHECK(std::distance(fs::directory_iterator(folder / "full"), {}) == 1);
  CHECK(std::distance(fs::directory_iterator(folder / ""), {}) == 4);  // no leavings
}

TEST_CASE("the citizen makes the keys, the clerk certifies them, and nobody does either twice") {
  const TempFolder folder;
  const std::string ca = hierarchies().juki, card = (folder / "card").string();
  create_file(folder / "pin", bytes_of("sakura39\n"));
  const std::vector<std::string> pin{"--sign-pin-file", (folder / "pin").string()};
  const auto keygen = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"keygen", card});
    more.insert(more.end(), pin.begin(), pin.end());
    return run_counter(more);
  };
  CHECK(keygen({}).status == 2);  // no card yet, and no hierarchy to make one of
  REQUIRE(keygen({"--ca", ca}).status == 0);
  CHECK_FALSE(fs::exists(folder / "card" / "certs" / "sign.der"));
  CHECK(verify(card, true, "SAKURA39") == "9000");
  const Bytes key = bytes_in(folder / "card" / "keys/sign.pem");
  REQUIRE(run_counter({"certify", ca, card, "--hand-out", (folder / "home").string()}).status == 0);
  check_half(card, "sign", ca, 1024);
  CHECK(bytes_in(folder / "card" / "keys/sign.pem") == key);
  CHECK(run_counter({"certify", ca, card}).status == 1);
  CHECK(keygen({}).status == 1);
  CHECK(bytes_in(folder / "card" / "keys/sign.pem") == key);
  const std::string leaflet(text_of(bytes_in(folder / "home" / "leaflet.txt")));
  CHECK(leaflet.starts_with("== 公的個人認証サービス 利用のご案内"));
  CHECK(leaflet.find("2007-03-31") != std::string::npos);
  CHECK(leaflet.find("一郎") == std::string::npos);
}

TEST_CASE("the office restores tries and sets forgotten PINs") {
  const TempFolder folder;
  const std::string ca = hierarchies().juki, card = (folder / "card").string();
  REQUIRE(issue(ca, card).status == 0);
  for (const char* expected : {"63C4", "63C3", "63C2", "63C1", "63C0", "6984"})
    CHECK(verify(card, true, "WRONG9") == expected);
  const auto unlocked = run_counter({"unlock", ca, card});
  CHECK(unlocked.out == "sign: PIN kept, 5 tries left\n");
  CHECK(verify(card, true, "ABC123") == "9000");
  create_file(folder / "pin", bytes_of("UME77X"));
  const std::string pin = (folder / "pin").string();
  REQUIRE(run_counter({"reset-pin", ca, card, "--half", "sign", "--pin-file", pin}).status == 0);
  CHECK(verify(card, true, "ABC123") == "63C4");
  CHECK(verify(card, true, "UME77X") == "9000");
  CHECK(run_counter({"reset-pin", ca, card, "--half", "auth", "--pin-file", pin}).status == 1);
  CHECK(run_counter({"unlock", hierarchies().mynumber, card}).status == 1);
}

TEST_CASE("a renewed certificate says what the old one said, but for what the options say") {
  const TempFolder folder;
  const std::string ca = hierarchies().juki, card = (folder / "card").string();
  REQUIRE(issue(ca, card,
                {"--name", "山田　花子", "--substituted-name", "01000", "--sex", "female", "--issued",
                 "2026-04-01"})
              .status == 0);
  const Certificate old = certificate_in(folder / "card" / "certs/sign.der");
  const auto renewed = run_counter({"renew", ca, card, "--address", "大阪府大阪市北区1"});
  REQUIRE(renewed.status == 0);
  const auto certificate = service::Certificate::from_der(bytes_in(folder / "card" / "certs/sign.der"));
  REQUIRE(certificate);
  const auto person = service::person_of(*certificate);
  REQUIRE(person);
  CHECK(person->name->text == "山田　花子");
  CHECK(person->name->marks == "01000");
  CHECK(person->birth->code == "319771107");
  CHECK(person->sex->code == "2");
  CHECK(person->address->text == "大阪府大阪市北区1");
  CaFolder folder_of_ca(ca);
  const auto before = folder_of_ca.find(*old), after = folder_of_ca.find(certificate->x509());
  REQUIRE(before);
  REQUIRE(after);
  CHECK(before->subject == after->subject);
  CHECK(before->municipality == "13103");
  CHECK(after->municipality == "27100");
  REQUIRE(before->revoked);
  CHECK(before->revoked->reason == Reason::superseded);
  CHECK_FALSE(after->revoked);
}
