// Logins of a card's two tokens: how they come, get lost, and end.
#include <algorithm>

#include "crypto/hash.hpp"
#include "fake_card.hpp"
#include "support/returns.hpp"

using namespace jpki;
using namespace jpki::test;
using core::LoginState;
using core::PinOutcome;

namespace {

const Bytes block{1, 2, 3};

CK_RV use(TokenBench& bench, core::PrivateKey& key) {
  return rv_of([&] { static_cast<void>(bench.use(key, block)); });
}

}  // namespace

TEST_CASE("a card that was reset has forgotten the PIN: not logged in, and a login works at once") {
  TokenBench bench;
  bench.enter(*bench.auth);
  bench.enter(*bench.sign);
  const auto key = bench.key(*bench.auth);
  CHECK(use(bench, *key) == CKR_OK);
  bench.card.reset();
  CHECK(use(bench, *key) == CKR_USER_NOT_LOGGED_IN);
  for (const auto* token : {bench.auth.get(), bench.sign.get()}) {
    CHECK(token->login_state() == LoginState::none);
    CHECK(token->alive());
  }
  CHECK(bench.objects(*bench.auth, CKO_PRIVATE_KEY).empty());
  CHECK(bench.objects(*bench.sign, CKO_CERTIFICATE).size() == 0);
  CHECK(bench.login(*bench.auth, "1234") == PinOutcome::accepted);
  CHECK(use(bench, *key) == CKR_USER_NOT_LOGGED_IN);  // a key of the login before
  CHECK(use(bench, *bench.key(*bench.auth)) == CKR_OK);
  CHECK(bench.card.pins_sent() == 3);
}

TEST_CASE("6982 at the signature: that login is lost, the other one stays") {
  TokenBench bench;
  bench.enter(*bench.auth);
  bench.enter(*bench.sign);
  const auto key = bench.key(*bench.sign);
  bench.card.verified[0x001B] = false;  // another program took it
  CHECK(use(bench, *key) == CKR_USER_NOT_LOGGED_IN);
  CHECK(bench.sign->login_state() == LoginState::none);
  CHECK(bench.auth->login_state() == LoginState::user);
  CHECK(bench.objects(*bench.sign, CKO_PRIVATE_KEY).empty());
  CHECK(bench.login(*bench.sign, "ABC123") == PinOutcome::accepted);
  CHECK(use(bench, *bench.key(*bench.sign)) == CKR_OK);
}

TEST_CASE("a card that was reset while nobody was logged in is just used") {
  TokenBench bench;
  bench.auth->session_opened(true);
  bench.card.reset();
  CHECK(bench.login(*bench.auth, "1234") == PinOutcome::accepted);
}

TEST_CASE("a card that is reset whenever a transaction is to begin: an answer, and the login is lost") {
  TokenBench bench;
  bench.enter(*bench.auth);
  const auto key = bench.key(*bench.auth);
  bench.card.reset(1000);
  CHECK(use(bench, *key) == CKR_DEVICE_ERROR);
  CHECK(bench.auth->login_state() == LoginState::none);
  bench.card.reset(0);
  CHECK(bench.login(*bench.auth, "1234") == PinOutcome::accepted);
  CHECK(bench.card.pins_sent() == 2);
}

TEST_CASE("logout of the signature always takes the power, and both logins with it") {
  TokenBench bench;
  bench.enter(*bench.auth);
  bench.enter(*bench.sign);
  bench.sign->logout();
  CHECK(bench.card.power_offs == 1);
  CHECK(bench.auth->login_state() == LoginState::none);
  bench.enter(*bench.sign);
  bench.sign->logout();
  CHECK(bench.card.power_offs == 2);
}

TEST_CASE("logout of the authentication leaves a signature login alone, else takes the power") {
  TokenBench bench;
  bench.enter(*bench.auth);
  bench.enter(*bench.sign);
  bench.auth->logout();
  CHECK(bench.card.power_offs == 0);
  CHECK(bench.sign->login_state() == LoginState::user);
  CHECK(use(bench, *bench.key(*bench.sign)) == CKR_OK);
  bench.sign->logout();
  CHECK(bench.card.power_offs == 1);
  bench.enter(*bench.auth);
  bench.auth->logout();
  CHECK(bench.card.power_offs == 2);
}

TEST_CASE("the last session's end ends the login; the last hold's takes the power where a PIN was verified") {
  TokenBench bench;
  bench.auth->session_opened(false);
  bench.auth->session_closed(false);
  CHECK(bench.card.power_offs == 0);  // nobody verified anything
  CHECK(bench.card.open_links == 0);
  bench.enter(*bench.auth);
  bench.enter(*bench.sign);
  bench.auth->session_closed(true);
  CHECK(bench.auth->login_state() == LoginState::none);
  CHECK(bench.card.power_offs == 0);  // the signature's login is somebody's
  bench.sign->session_closed(true);
  CHECK(bench.card.power_offs > 0);
  CHECK(bench.card.verified.empty());
  CHECK(bench.card.open_links == 0);
}

TEST_CASE("power that stays is tried again when the last session ends") {
  TokenBench bench;
  bench.enter(*bench.sign);
  bench.card.power_stays = true;
  bench.sign->logout();
  CHECK(bench.sign->login_state() == LoginState::none);
  CHECK(bench.card.power_offs == 0);
  bench.card.power_stays = false;
  bench.sign->session_closed(true);
  CHECK(bench.card.power_offs == 1);
}

TEST_CASE("a PIN changed in a public session does not stay verified") {
  for (const bool signature : {false, true}) {
    TokenBench bench;
    auto& token = signature ? *bench.sign : *bench.auth;
    token.session_opened(true);
    CHECK(token.set_pin(bytes_of(signature ? "ABC123" : "1234"), bytes_of(signature ? "new456" : "9876")) ==
          PinOutcome::accepted);
    CHECK(bench.card.power_offs == 1);
    CHECK(token.login_state() == LoginState::none);
    CHECK(bench.card.pins_sent() == 1);
    CHECK(bench.card.count("00240180+") == 1);
    CHECK(bench.card.pins[signature ? 0x001B : 0x0018] == (signature ? "NEW456" : "9876"));
  }
}

TEST_CASE("a PIN changed by who is logged in leaves the login, and another's signature login alone") {
  TokenBench bench;
  bench.enter(*bench.sign);
  CHECK(bench.sign->set_pin(bytes_of("ABC123"), bytes_of("NEW456")) == PinOutcome::accepted);
  CHECK(bench.sign->login_state() == LoginState::user);
  bench.auth->session_opened(true);
  CHECK(bench.auth->set_pin(bytes_of("1234"), bytes_of("9876")) == PinOutcome::accepted);
  CHECK(bench.card.power_offs == 0);
  CHECK(use(bench, *bench.key(*bench.sign)) == CKR_OK);
}

TEST_CASE("a signature that the known certificate does not verify never leaves") {
  TokenBench bench;
  bench.enter(*bench.auth);
  const auto key = bench.key(*bench.auth);
  const auto handle = bench.objects(*bench.auth, CKO_PRIVATE_KEY)[0];
  REQUIRE(
      bench.auth->objects().complete(handle, bench.auth->objects().find(handle)));  // reads the certificate
  CHECK(use(bench, *key) == CKR_DEVICE_ERROR);
  // Of tests/vectors/openssl: the certificate's key signed this DigestInfo of SHA-256.
  const auto signature = vector_file("openssl/rsa2048-sha256.sig");
  bench.card.signature = signature;
  const auto digest = crypto::digest(Hash::sha256, vector_file("openssl/message.txt"));
  Bytes info = *from_hex("3031300D060960864801650304020105000420");
  append(info, digest);
  CHECK(bench.use(*key, info) == signature);
  bench.card.signature.pop_back();
  CHECK(rv_of([&] { static_cast<void>(bench.use(*key, info)); }) == CKR_DEVICE_ERROR);
}

namespace {

/// The DigestInfo of tests/vectors/openssl/message.txt, which rsa2048-sha256.sig signs (RFC 8017, 9.2).
Bytes signed_block() {
  Bytes info = *from_hex("3031300D060960864801650304020105000420");
  append(info, crypto::digest(Hash::sha256, vector_file("openssl/message.txt")));
  return info;
}

/// Inverts a byte in the middle of the card's certificate: of its key.
void garble(TokenBench& bench) {
  const auto key = vector_file("openssl/rsa2048.cert.der");
  auto& file = bench.card.files[0x000A];
  const auto spki = crypto::read_certificate(key)->spki;
  const auto at = std::search(file.begin(), file.end(), spki.begin(), spki.end());
  REQUIRE(at != file.end());
  *(at + static_cast<std::ptrdiff_t>(spki.size() / 2)) ^= 0xFF;
}

}  // namespace

TEST_CASE("a certificate that was garbled when it was read is read anew once a signature does not fit") {
  TokenBench bench;
  const Bytes original = bench.card.files[0x000A];
  garble(bench);
  bench.enter(*bench.auth);
  const auto shown = bench.objects(*bench.auth, CKO_CERTIFICATE).at(0),
             public_key = bench.objects(*bench.auth, CKO_PUBLIC_KEY).at(0);
  CHECK(bench.auth->objects().value(shown, CKA_VALUE) == bench.card.files[0x000A]);
  const auto wrong_key = bench.auth->objects().value(public_key, CKA_MODULUS);
  const auto wrong_serial = bench.auth->info().serial;
  bench.card.files[0x000A] = original;
  bench.card.signature = vector_file("openssl/rsa2048-sha256.sig");
  CHECK(bench.use(*bench.key(*bench.auth), signed_block()) == bench.card.signature);
  // The objects say now what the card says, and so does the token.
  CHECK(bench.auth->objects().value(shown, CKA_VALUE) == original);
  CHECK(bench.auth->objects().value(public_key, CKA_MODULUS) != wrong_key);
  CHECK(bench.auth->info().serial != wrong_serial);
  const auto sent = bench.card.commands.size();
  CHECK(bench.use(*bench.key(*bench.auth), signed_block()) == bench.card.signature);
  CHECK(bench.card.commands.size() == sent + 2);  // no reading any more
}

TEST_CASE("after a signature that did not fit, none leaves until one does, whatever can be read") {
  TokenBench bench;
  bench.enter(*bench.auth);
  const auto key = bench.key(*bench.auth);
  REQUIRE(bench.objects(*bench.auth, CKO_PUBLIC_KEY).size() == 1);  // reads the certificate
  const auto attempt = [&] { return rv_of([&] { static_cast<void>(bench.use(*key, signed_block())); }); };
  CHECK(attempt() == CKR_DEVICE_ERROR);
  const Bytes original = bench.card.files[0x000A];
  bench.card.files.erase(0x000A);
  CHECK(attempt() == CKR_DEVICE_ERROR);  // nothing to compare with
  bench.card.files[0x000A] = *from_hex("3003020101");
  CHECK(attempt() == CKR_DEVICE_ERROR);
  bench.card.files[0x000A] = original;
  CHECK(attempt() == CKR_DEVICE_ERROR);
  bench.card.signature = vector_file("openssl/rsa2048-sha256.sig");
  CHECK(attempt() == CKR_OK);
}

TEST_CASE("nobody but the user logs in") {
  TokenBench bench;
  bench.auth->session_opened(true);
  CHECK(rv_of([&] { static_cast<void>(bench.auth->login(CKU_SO, bytes_of("1234"))); }) ==
        CKR_USER_TYPE_INVALID);
  CHECK(bench.card.pins_sent() == 0);
}

namespace {
std::int64_t fake_time = 1000;
}

TEST_CASE("a login that was not used for so long ends, and the card loses its power") {
  token::CardOptions options;
  options.idle_timeout = {60, 0};
  options.seconds = [] { return fake_time; };
  TokenBench bench(options);
  bench.enter(*bench.auth);
  bench.enter(*bench.sign);
  const auto key = bench.key(*bench.auth), other = bench.key(*bench.sign);
  fake_time += 59;
  CHECK(use(bench, *key) == CKR_OK);
  fake_time += 59;
  bench.auth->refresh();  // a search, or an operation that begins
  CHECK(bench.auth->login_state() == LoginState::user);
  fake_time += 60;
  CHECK(use(bench, *key) == CKR_USER_NOT_LOGGED_IN);
  CHECK(bench.auth->login_state() == LoginState::none);
  CHECK(bench.sign->login_state() == LoginState::user);  // it has no limit, and keeps the power
  CHECK(bench.card.power_offs == 0);
  CHECK(use(bench, *other) == CKR_OK);
  bench.sign->logout();
  bench.enter(*bench.auth);
  const int before = bench.card.power_offs;
  fake_time += 61;
  bench.auth->refresh();
  CHECK(bench.auth->login_state() == LoginState::none);
  CHECK(bench.card.power_offs == before + 1);
  CHECK(bench.objects(*bench.auth, CKO_PRIVATE_KEY).empty());
}

TEST_CASE("without a limit a login lasts") {
  token::CardOptions options;
  options.seconds = [] { return fake_time; };
  TokenBench bench(options);
  bench.enter(*bench.auth);
  fake_time += 1'000'000;
  CHECK(use(bench, *bench.key(*bench.auth)) == CKR_OK);
}
