// What a card's tokens tell of themselves: serial numbers, PIN flags, certificates and who may read them.
#include "crypto/hash.hpp"
#include "fake_card.hpp"
#include "support/returns.hpp"

using namespace jpki;
using namespace jpki::test;
using token::CertificateKind;

namespace {

/// The rule of the serial number, computed here: 16 hexadecimal digits of SHA-256 over kind, EF 0006 and,
/// where the card has one, the authentication certificate.
std::string expected_serial(const std::string& kind, const Bytes& token_info, const Bytes& certificate) {
  Bytes all = copy_of(bytes_of(kind));
  append(all, token_info);
  append(all, certificate);
  return to_hex(crypto::digest(Hash::sha256, all)).substr(0, 16);
}

constexpr CK_FLAGS pin_flags = CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED;

}  // namespace

TEST_CASE("the serial number follows kind, EF 0006 and the authentication certificate") {
  const Bytes info(160, 'T');
  TokenBench bench(info);
  const auto certificate = bench.card.files.at(0x000A);
  CHECK(bench.auth->info().serial == expected_serial("authentication", info, certificate));
  CHECK(bench.sign->info().serial == expected_serial("signature", info, certificate));
  TokenBench bare(info, {false, true});
  CHECK(bare.sign->info().serial == expected_serial("signature", info, {}));
}

TEST_CASE("the serial number is read once, and is the same for the next insertion") {
  TokenBench bench;
  const auto serial = bench.auth->info().serial;
  const auto reads = bench.card.count("00B00000");
  CHECK(bench.auth->info().serial == serial);
  CHECK(bench.sign->info().serial != serial);
  CHECK(bench.card.count("00B00000") == reads);
  TokenBench again;
  CHECK(again.auth->info().serial == serial);
}

TEST_CASE("the PIN's flags come from the counter, without a try") {
  TokenBench bench;
  const std::array<std::pair<unsigned, CK_FLAGS>, 6> rows{
      {{5, 0},
       {4, CKF_USER_PIN_COUNT_LOW},
       {3, CKF_USER_PIN_COUNT_LOW},
       {2, CKF_USER_PIN_COUNT_LOW},
       {1, CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY},
       {0, CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_LOCKED}}};
  for (const auto& [left, flags] : rows) {
    bench.card.tries[0x001B] = left;
    CHECK((bench.sign->info().flags & pin_flags) == flags);
    CHECK(bench.card.tries[0x001B] == left);
  }
  CHECK(bench.card.pins_sent() == 0);
}

TEST_CASE("a counter that makes no sense gives no flags, and no PIN goes out") {
  TokenBench bench;
  bench.auth->session_opened(true);
  bench.card.tries[0x0018] = 7;  // the profile knows three
  CHECK((bench.auth->info().flags & pin_flags) == 0);
  CHECK(rv_of([&] { static_cast<void>(bench.login(*bench.auth, "1234")); }) == CKR_DEVICE_ERROR);
  CHECK(bench.card.pins_sent() == 0);
}

TEST_CASE(
    "the signature's certificate is remembered as long as the login lasts, the authentication's for good") {
  TokenBench bench;
  bench.enter(*bench.auth);
  bench.enter(*bench.sign);
  REQUIRE(bench.unit->certificate(Role::authentication, CertificateKind::user) != nullptr);
  REQUIRE(bench.unit->certificate(Role::signature, CertificateKind::user) != nullptr);
  CHECK(bench.unit->known_certificate(Role::signature, CertificateKind::user) != nullptr);
  bench.sign->logout();
  CHECK(bench.unit->known_certificate(Role::signature, CertificateKind::user) == nullptr);
  CHECK(bench.unit->known_certificate(Role::authentication, CertificateKind::user) != nullptr);
  const auto sent = bench.card.commands.size();
  CHECK(rv_of([&] { static_cast<void>(bench.unit->certificate(Role::signature, CertificateKind::user)); }) ==
        CKR_USER_NOT_LOGGED_IN);
  for (std::size_t i = sent; i < bench.card.commands.size(); ++i)
    CHECK(bench.card.commands[i].substr(0, 4) != "00B0");
}

TEST_CASE("a certificate that is not X.509, or not there, is an object that is not there") {
  TokenBench bench;
  bench.card.files[0x000A] = *from_hex("3003020101");
  bench.auth->session_opened(false);
  CHECK(bench.objects(*bench.auth, CKO_CERTIFICATE).empty());
  CHECK(bench.objects(*bench.auth, CKO_PUBLIC_KEY).empty());
  const auto sent = bench.card.commands.size();
  CHECK(bench.objects(*bench.auth, CKO_CERTIFICATE).empty());
  CHECK(bench.card.commands.size() == sent);  // and is not looked for again
}

TEST_CASE("without a session no link stays open, and every step is one transaction") {
  TokenBench bench;
  static_cast<void>(bench.auth->info());
  CHECK(bench.card.open_links == 0);
  CHECK(bench.card.begun == 0);
  bench.auth->session_opened(false);
  CHECK(bench.card.open_links == 1);
  CHECK(bench.card.begun == 0);
}
