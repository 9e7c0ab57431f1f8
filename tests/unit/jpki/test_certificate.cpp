// Certificates, their fields by name, fingerprints and generations. Expected values: openssl x509, the
// profile.
#include "jpki/certificate.hpp"

#include <algorithm>
#include <set>

#include "jpki/details.hpp"
#include "jpki/fingerprint.hpp"
#include "support.hpp"
#include "support/catch.hpp"

using namespace jpki_test;
using service::Certificate, service::Field, service::Match, service::Tier;

namespace {

std::string one_line(std::string text) {
  text.erase(text.find_last_not_of('\n') + 1);
  return text;
}

/// What openssl x509 says of a certificate, after the first "=".
std::string said(const Certificate& certificate, const std::string& option) {
  const Folder folder;
  const auto path = folder.write("cert.pem", certificate.pem());
  const auto out = one_line(shell("openssl x509 -noout -in " + path + " " + option));
  return out.substr(out.find('=') + 1);
}

std::string without(std::string text, char unwanted) {
  std::erase(text, unwanted);
  return text;
}

const Field& field(const std::vector<Field>& fields, std::string_view name) {
  const auto at = std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.name == name; });
  REQUIRE(at != fields.end());
  return *at;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a certificate is read from DER, PEM, and a PEM of several") {
  const auto sign = mynumber().issue(Tier::sign), ca = mynumber().ca(Tier::sign);
  CHECK(Certificate::from_file(sign.der()).size() == 1);
  const std::string both = "a word before\n" + sign.pem() + ca.pem();
  const auto found = Certificate::from_file(bytes_of(both));
  REQUIRE(found.size() == 2);
  CHECK(found[0] == sign);
  CHECK(found[1] == ca);
  Bytes longer = sign.der();
  longer.push_back(0);
  CHECK_FALSE(Certificate::from_der(longer));
  CHECK_FALSE(Certificate::from_der({}));
  CHECK(Certificate::from_file(bytes_of("hello")).empty());
  CHECK(Certificate::from_file(bytes_of("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
            .empty());
}

TEST_CASE("days, serial, names and identifiers are openssl's") {
  const auto sign = mynumber().issue(Tier::sign);
  CHECK(sign.serial() == said(sign, "-serial"));
  CHECK(sign.first() == noon);
  CHECK(service::day_in_japan(sign.last()) == service::parse_date("2031-11-07"));
  CHECK(service::name_text(sign.issuer()) ==
        said(sign, "-issuer -nameopt RFC2253,-dn_rev,sep_comma_plus_space,utf8,-esc_msb"));
  CHECK(service::last_of(sign.issuer_in_japanese(), "OU") == "地方公共団体情報システム機構");
  CHECK(service::last_of(juki().issue(Tier::sign).issuer_in_japanese(), "OU") == "東京都知事（TEST）");
  const std::string ski = without(said(sign, "-ext subjectKeyIdentifier"), ':');
  CHECK(ski.find(to_hex(sign.key_identifier())) != ski.npos);
  CHECK(sign.authority_key_identifier() == mynumber().ca(Tier::sign).key_identifier());
  CHECK_FALSE(sign.authority_key_identifier().empty());
}

TEST_CASE("tiers are told by policies, CAs by their names") {
  for (const Tier tier : service::all_tiers) {
    CHECK(mynumber().issue(tier).tier() == tier);
    CHECK(mynumber().ca(tier).tier() == tier);
    CHECK(mynumber().issue(tier).is_test());
    CHECK(mynumber().ca(tier).is_test());
    CHECK(mynumber().ca(tier).is_ca());
    CHECK_FALSE(mynumber().issue(tier).is_ca());
    CHECK(mynumber().ca(tier).is_self_issued());
  }
}

TEST_CASE("every field and extension has a name and its content") {
  const auto sign = mynumber().issue(Tier::sign);
  const auto fields = service::fields_of(sign);
  std::vector<std::string> names;
  for (const auto& found : fields) names.push_back(found.name);
  // docs/test-hierarchy.md: KU, SAN, CP, IAN, CRLDP, AIA, AKI, SKI
  CHECK(names == Lines{"Version", "Serial number", "Signature algorithm", "Issuer", "Not before", "Not after",
                       "Subject", "Public key", "Key usage", "Subject alternative name",
                       "Certificate policies", "Issuer alternative name", "CRL distribution points",
                       "Authority information access", "Authority key identifier", "Subject key identifier",
                       "Signature"});
  CHECK(field(fields, "Version").lines == Lines{"v3"});
  CHECK(field(fields, "Signature algorithm").lines == Lines{"sha256WithRSAEncryption"});
  CHECK(field(fields, "Not after").lines == Lines{"2031-11-07 23:59:59 +09:00"});
  CHECK(field(fields, "Key usage").lines == Lines{"digitalSignature", "nonRepudiation"});
  CHECK(field(fields, "Key usage").critical);
  CHECK(field(fields, "Key usage").oid == "2.5.29.15");
  CHECK(field(fields, "Certificate policies").lines ==
        Lines{"1.2.392.200149.8.5.1.0.20", "CPS: http://www.jpki.go.jp/cps.html"});
  CHECK(field(fields, "Authority information access").lines == Lines{"OCSP: http://ocspsignnorm.jpki.test"});
  CHECK(field(fields, "CRL distribution points").lines ==
        Lines{"C=JP, O=JPKI-TEST, OU=JPKI for digital signature, OU=CRL Distribution Points, OU=Tokyo-to, "
              "CN=Minato-ku CRLDP"});
  CHECK(field(fields, "Subject alternative name").lines.at(0) ==
        "otherName 1.2.392.200149.8.5.5.1 (氏名)=公的　一郎");
  CHECK(field(fields, "Public key").lines.at(0) == "RSA, 2048 bits");
  CHECK(field(fields, "Public key").lines.at(1) == "modulus " + said(sign, "-modulus"));
  const auto auth = service::fields_of(mynumber().issue(Tier::auth));
  CHECK(field(auth, "Extended key usage").lines == Lines{"TLS Web Client Authentication"});
  const auto ca = service::fields_of(mynumber().ca(Tier::sign));
  CHECK(field(ca, "Basic constraints").lines == Lines{"CA: TRUE"});
  CHECK(field(ca, "Key usage").lines == Lines{"keyCertSign", "cRLSign"});
}

TEST_CASE("extensions of any kind are shown, damaged ones as digits") {
  const Folder folder;
  const auto config = folder.write(
      "config",
      "[req]\ndistinguished_name=dn\n[dn]\n[ext]\npolicyMappings=1.2.3:1.2.4\npolicyConstraints="
      "requireExplicitPolicy:3\n"
      "nameConstraints=permitted;email:example.org\nbasicConstraints=CA:TRUE,pathlen:2\nkeyUsage=DER:03\n"
      "1.2.3.4.5=ASN1:UTF8String:hello\nsubjectAltName=IP:192.0.2.7,URI:http://example.org/,RID:1.2.3\n");
  shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + folder / "key" +
        " -subj /CN=test -config " + config + " -extensions ext -out " + folder / "cert");
  const auto fields = service::fields_of(read(folder / "cert"));
  CHECK(field(fields, "Policy mappings").lines == Lines{"1.2.3 = 1.2.4"});
  CHECK(field(fields, "Policy constraints").lines.at(0).find("3") != std::string::npos);
  CHECK(field(fields, "Name constraints").lines.size() == 2);
  CHECK(field(fields, "Basic constraints").lines == Lines{"CA: TRUE", "pathLenConstraint: 2"});
  CHECK(field(fields, "Subject alternative name").lines ==
        Lines{"192.0.2.7", "http://example.org/", "1.2.3"});
  CHECK(field(fields, "1.2.3.4.5").lines == Lines{"0C:05:68:65:6C:6C:6F"});
  CHECK(field(fields, "Public key").lines.at(0) == "EC, 256 bits");
}

TEST_CASE("fingerprints are openssl's, in groups of four") {
  const auto ca = mynumber().ca(Tier::sign);
  const std::string sha256 = said(ca, "-fingerprint -sha256"), sha1 = said(ca, "-fingerprint -sha1");
  CHECK(service::fingerprint(ca, Hash::sha256) == without(sha256, ':'));
  CHECK(service::fingerprint(ca, Hash::sha1) == without(sha1, ':'));
  // a prefecture's page of 2016
  CHECK(service::grouped("7598BFD9EA9DA4A2E79660851B5E6943CFD70710") ==
        "7598 BFD9 EA9D A4A2 E796 6085 1B5E 6943 CFD7 0710");
  CHECK(service::compare_fingerprint(ca, sha256) == Match::sha256);
  CHECK(service::compare_fingerprint(ca, sha1) == Match::sha1);
  CHECK(service::compare_fingerprint(ca, service::grouped(without(sha1, ':'))) == Match::sha1);
  CHECK(service::compare_fingerprint(mynumber().ca(Tier::auth), sha1) == Match::different);
  CHECK(service::compare_fingerprint(ca, sha1.substr(0, 58)) == Match::unreadable);
  CHECK(service::compare_fingerprint(ca, "") == Match::unreadable);
  CHECK(service::compare_fingerprint(ca, "hello") == Match::unreadable);
}

TEST_CASE("full-width digits, small letters and odd blanks compare as well") {
  const auto ca = mynumber().ca(Tier::sign);
  std::string wide, small;
  for (const char c : service::fingerprint(ca, Hash::sha1)) {
    // U+FF10 to U+FF19 and U+FF21 to U+FF26
    wide += std::string("\xEF\xBC") + static_cast<char>(0x80 + (c - 0x20)) + "　";
    small += static_cast<char>(c >= 'A' ? c + 0x20 : c);
    small += "\t- ";
  }
  CHECK(service::compare_fingerprint(ca, wide) == Match::sha1);
  CHECK(service::compare_fingerprint(ca, small) == Match::sha1);
}

TEST_CASE("generations: whole rows, no two alike") {
  std::set<std::string_view> all;
  for (const auto& row : service::generations()) {
    CAPTURE(row.name);
    CHECK(row.sha256.size() == 64);
    CHECK(row.sha1.size() == 40);
    CHECK((row.key_identifier.empty() || row.key_identifier.size() == 40));
    CHECK(from_hex(row.sha256).has_value());
    CHECK(from_hex(row.sha1).has_value());
    CHECK(all.insert(row.sha256).second);
    CHECK(all.insert(row.sha1).second);
    CHECK(service::parse_date(row.first_day).value() < service::parse_date(row.last_day).value());
    CHECK(row.name.starts_with(service::row_of(row.tier).name));
  }
  CHECK(service::generations().size() == 6);
}

TEST_CASE("a key identifier names a generation, its fingerprints then tell whether it is that") {
  const Folder folder;
  const auto config = folder.write("config",
                                   "[req]\ndistinguished_name=dn\n[dn]\n[ext]\n"
                                   "subjectKeyIdentifier=8CD5586A891485E559379B7E29D410CFD28B3593\n");
  shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + folder / "key" +
        " -subj /CN=impostor -config " + config + " -extensions ext -out " + folder / "cert");
  const auto impostor = read(folder / "cert");
  const auto* row = service::generation_of(impostor);
  REQUIRE(row != nullptr);
  CHECK(row->name == "authca02");
  CHECK_FALSE(service::has_fingerprints_of(impostor, *row));
  CHECK(service::generation_of(mynumber().ca(Tier::auth)) == nullptr);
  CHECK(service::issuing_generation(mynumber().issue(Tier::auth)) == nullptr);
}
