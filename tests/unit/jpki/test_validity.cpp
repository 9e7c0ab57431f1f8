// Validity: chain, days, lists, responders. Lists and answers are made by openssl ca and openssl ocsp.
#include "jpki/validity.hpp"

#include "ca_files.hpp"
#include "support/catch.hpp"

using namespace jpki_test;
using namespace std::chrono;
using service::Cause, service::Certificate, service::Question, service::Source, service::Standing,
    service::Tier, service::Trust, service::Validity;

namespace {

constexpr service::Instant instant(int y, unsigned m, unsigned d) { return sys_days(year(y) / m / d); }

const Certificate& holder() {
  static const Certificate issued = [] {
    counter::Form form;
    form.issued = "2020-01-04", form.expires = "2049-01-01";
    return mynumber().issue(Tier::sign, form);
  }();
  return issued;
}

Trust trusting(const Certificate& anchor) { return {{anchor}, {}, {}}; }
Trust trust() { return trusting(mynumber().ca(Tier::sign)); }
Question at_noon() { return {noon, noon, {}, false, {}, {}}; }

Validity with_crl(service::Crl crl, Question question = at_noon()) {
  Trust by = trust();
  by.crls.push_back(std::move(crl));
  return service::check(holder(), by, question);
}

}  // namespace

TEST_CASE("without a list or a responder nothing is good") {
  const Validity found = service::check(holder(), trust(), at_noon());
  CHECK(found.standing == Standing::unchecked);
  CHECK(found.cause == Cause::no_source);
  CHECK(found.chain.size() == 2);
}

TEST_CASE("without a trusted CA nothing is good, but the days can be told") {
  CHECK(service::check(holder(), {}, at_noon()).cause == Cause::no_trusted_ca);
  CHECK(service::check(holder(), {}, at_noon()).standing == Standing::unchecked);
  const Validity other = service::check(holder(), trusting(mynumber().ca(Tier::auth)), at_noon());
  CHECK(other.standing == Standing::unchecked);
  CHECK(other.cause == Cause::issuer_not_trusted);
  Question late = at_noon();
  late.at = instant(2049, 6, 1);
  CHECK(service::check(holder(), {}, late).standing == Standing::expired);
  // A CA that comes with the card is no anchor.
  CHECK(service::check(holder(), {{}, {mynumber().ca(Tier::sign)}, {}}, at_noon()).cause ==
        Cause::no_trusted_ca);
}

TEST_CASE("days: before, within, after") {
  Question question = at_noon();
  question.at = instant(2020, 1, 1);
  CHECK(service::check(holder(), trust(), question).standing == Standing::not_yet_valid);
  question.at = service::last_second(*service::parse_date("2049-01-01")) + 1s;
  CHECK(service::check(holder(), trust(), question).standing == Standing::expired);
  question.at = instant(2060, 1, 1);  // the CA's days are over, too
  CHECK(service::check(holder(), trust(), question).standing == Standing::expired);
  question.at = service::last_second(*service::parse_date("2049-01-01"));
  CHECK(service::check(holder(), trust(), question).standing == Standing::unchecked);
}

TEST_CASE("a changed byte, an impostor of the CA's name") {
  Bytes changed = holder().der();
  changed.back() ^= 1;
  const Validity forged = service::check(Certificate::from_der(changed).value(), trust(), at_noon());
  CHECK(forged.standing == Standing::invalid);
  CHECK(forged.cause == Cause::bad_signature);
  const World impostor(counter::mynumber_hierarchy());
  const Validity other = service::check(holder(), trusting(impostor.ca(Tier::sign)), at_noon());
  CHECK(other.standing == Standing::unchecked);
  CHECK(other.cause == Cause::issuer_not_trusted);
}

TEST_CASE("lists: good, revoked when and why, later revoked") {
  CaFiles files(mynumber().sign);
  const Validity good = with_crl(files.crl("261120000000Z", "261122000000Z"));
  CHECK(good.standing == Standing::good);
  CHECK(good.source == Source::crl);
  CHECK(good.as_of == instant(2026, 11, 20));
  files.revoke(holder(), "260301120000Z", "affiliationChanged");
  const auto list = files.crl("261120000000Z", "261122000000Z");
  const Validity revoked = with_crl(list);
  CHECK(revoked.standing == Standing::revoked);
  CHECK(revoked.revocation.value().when == instant(2026, 3, 1) + 12h);
  CHECK(service::reason_name(revoked.revocation->reason.value()) == "affiliationChanged");
  Question before = at_noon();
  before.at = instant(2026, 2, 1);
  const Validity then = with_crl(list, before);
  CHECK(then.standing == Standing::good);
  CHECK(then.revocation.value().when == instant(2026, 3, 1) + 12h);
}

TEST_CASE("lists of a municipality count for its residents only") {
  const CaFiles files(mynumber().sign);
  const Validity own = with_crl(files.crl("261120000000Z", "261122000000Z", "Minato-ku"));
  CHECK(own.standing == Standing::good);
  const Validity other = with_crl(files.crl("261120000000Z", "261122000000Z", "Kita-ku"));
  CHECK(other.standing == Standing::unchecked);
  CHECK(other.cause == Cause::no_crl);
}

TEST_CASE("lists that do not count: outdated, another CA's, forged") {
  const CaFiles files(mynumber().sign);
  const Validity old = with_crl(files.crl("261118000000Z", "261120000000Z"));
  CHECK(old.standing == Standing::unchecked);
  CHECK(old.cause == Cause::crl_outdated);
  const Validity other = with_crl(CaFiles(mynumber().auth).crl("261120000000Z", "261122000000Z"));
  CHECK(other.cause == Cause::no_crl);
  const auto list = files.crl("261120000000Z", "261122000000Z");
  unsigned char* der = nullptr;
  const int size = i2d_X509_CRL(&list.crl(), &der);
  Bytes changed(der, der + size);
  OPENSSL_free(der);
  changed.back() ^= 1;
  const Validity forged = with_crl(service::Crl::from_der(changed).value());
  CHECK(forged.standing == Standing::unchecked);
  CHECK(forged.cause == Cause::crl_bad);
}

TEST_CASE("an old list serves an old day; a list after the last day says nothing of it") {
  const CaFiles files(mynumber().sign);
  Question question = at_noon();
  question.at = instant(2022, 5, 5);
  CHECK(with_crl(files.crl("220501000000Z", "220601000000Z"), question).standing == Standing::good);
  question.at = instant(2048, 1, 1), question.now = instant(2050, 1, 1);
  const Validity late = with_crl(files.crl("491231000000Z", "20500201000000Z"), question);
  CHECK(late.standing == Standing::unchecked);
  CHECK(late.cause == Cause::gone_from_lists);
}

namespace {

struct Asked {
  std::string url;
  Validity validity;
};

/// With the real clock: openssl ocsp answers by it.
Asked ask(const service::Post& post, const std::string& responder = {}) {
  const auto now = floor<seconds>(system_clock::now());
  Asked asked;
  const service::Post noting = [&](const std::string& url, ByteView request) {
    asked.url = url;
    return post(url, request);
  };
  asked.validity = service::check(holder(), trust(), {now, now, {}, true, responder, noting});
  return asked;
}

service::Post answering(const CaFiles& files) {
  return [&](const std::string&, ByteView request) { return files.answer(request); };
}

}  // namespace

TEST_CASE("responders: good, revoked, unknown") {
  CaFiles files(mynumber().sign);
  const Asked unknown = ask(answering(files));
  CHECK(unknown.validity.standing == Standing::unknown);
  CHECK(unknown.url == "http://ocspsignnorm.jpki.test");
  files.know(holder());
  const Asked good = ask(answering(files), "http://localhost/own");
  CHECK(good.validity.standing == Standing::good);
  CHECK(good.validity.source == Source::ocsp);
  CHECK(good.url == "http://localhost/own");
  CaFiles other(mynumber().sign);
  other.revoke(holder(), "240301120000Z", "keyCompromise");
  const Validity revoked = ask(answering(other)).validity;
  CHECK(revoked.standing == Standing::revoked);
  CHECK(revoked.revocation.value().when == instant(2024, 3, 1) + 12h);
  CHECK(service::reason_name(revoked.revocation->reason.value()) == "keyCompromise");
}

TEST_CASE("responders that give no answer, or none that counts") {
  CaFiles files(mynumber().sign), stranger(mynumber().auth);
  files.know(holder()), stranger.know(holder());
  const auto cause = [](const service::Post& post) {
    const Validity found = ask(post).validity;
    CHECK(found.standing == Standing::unchecked);
    return found.cause;
  };
  CHECK(cause([](auto&, auto) { return std::nullopt; }) == Cause::no_answer);
  // RFC 6960, 4.2.1: OCSPResponse { tryLater (3) }
  CHECK(cause([](auto&, auto) { return Bytes{0x30, 0x03, 0x0A, 0x01, 0x03}; }) == Cause::refused);
  CHECK(cause([](auto&, auto) { return Bytes{1, 2, 3}; }) == Cause::bad_answer);
  CHECK(cause(answering(stranger)) == Cause::bad_answer);
  Bytes first;
  CHECK(ask([&](auto&, ByteView request) { return first = files.answer(request); }).validity.standing ==
        Standing::good);
  CHECK(cause([&](auto&, auto) { return first; }) == Cause::bad_answer);  // the nonce of another request
}

TEST_CASE("a list counts before a responder is asked") {
  const CaFiles files(mynumber().sign);
  Trust by = trust();
  by.crls.push_back(files.crl("261120000000Z", "261122000000Z"));
  const service::Post never = [](const std::string&, ByteView) -> std::optional<Bytes> {
    throw std::logic_error("asked");
  };
  CHECK(service::check(holder(), by, {noon, noon, {}, true, {}, never}).standing == Standing::good);
}
