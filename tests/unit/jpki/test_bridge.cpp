// Official-post certificates over a bridge, as the government's PKI is built: the trusted CA cross-certifies
// the bridge, the bridge the ministry's CA, with policies mapped on the way. All of it is made by the openssl
// command.
#include <algorithm>

#include "ca_files.hpp"
#include "jpki/validity.hpp"
#include "support/catch.hpp"

using namespace jpki_test;
using namespace std::chrono;
using service::Cause, service::Certificate, service::Question, service::Standing, service::Trust,
    service::Validity;

namespace {

constexpr const char *own_policy = "1.2.392.1.1", *bridge_policy = "1.2.392.2.2",
                     *ministry_policy = "1.2.392.3.3";

/// Keys named by letters, certificates for them.
class Bridge {
 public:
  Bridge() {
    for (const char* key : {"root", "bridge", "ministry", "official"})
      shell("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out " + file(key, "key"));
    self_signed("root");
    certify("root", "bridge", ca_with(own_policy, bridge_policy));
    certify("bridge", "ministry", ca_with(bridge_policy, ministry_policy));
    certify("ministry", "official",
            std::string("keyUsage=digitalSignature\ncertificatePolicies=") + ministry_policy + "\n");
  }

  [[nodiscard]] Certificate certificate(const std::string& name) const { return read(file(name, "pem")); }
  [[nodiscard]] Trust trust() const {
    return {{certificate("root")}, {certificate("ministry"), certificate("bridge")}, {}};
  }
  [[nodiscard]] service::Crl crl(const std::string& ca, const std::string& revoked = {}) const {
    const std::string entry = revoked.empty() ? ""
                                              : "R\t491231000000Z\t260101000000Z\t" +
                                                    certificate(revoked).serial() + "\tunknown\t/CN=x\n";
    folder_.write("index.txt", entry);
    const auto config =
        folder_.write("crl.cnf", "[ca]\ndefault_ca=own\n[own]\ndatabase=" + folder_ / "index.txt" +
                                     "\ndefault_md=sha256\n");
    shell("openssl ca -gencrl -config " + config + " -cert " + file(ca, "pem") + " -keyfile " +
          file(ca, "key") + " -crldays 2 -out " + folder_ / "crl.pem");
    return service::read_crls(folder_ / "crl.pem").at(0);
  }
  /// One more certificate for a key, in place of the other.
  void certify(const std::string& issuer, const std::string& subject, const std::string& extensions) {
    const auto config = folder_.write("ext.cnf",
                                      "[req]\ndistinguished_name=dn\n[dn]\n[ext]\nsubjectKeyIdentifier=hash\n"
                                      "authorityKeyIdentifier=keyid\n" +
                                          extensions);
    shell("openssl req -new -key " + file(subject, "key") + " -subj /C=JP/O=" + subject + " -config " +
          config + " -out " + folder_ / "request");
    shell("openssl x509 -req -in " + folder_ / "request" + " -CA " + file(issuer, "pem") + " -CAkey " +
          file(issuer, "key") + " -days 9000 -extfile " + config + " -extensions ext -out " +
          file(subject, "pem"));
  }
  static std::string ca_with(const std::string& policy, const std::string& mapped) {
    return "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\ncertificatePolicies=" +
           policy + "\npolicyMappings=" + policy + ":" + mapped +
           "\npolicyConstraints=critical,requireExplicitPolicy:0\n";
  }

 private:
  [[nodiscard]] std::string file(const std::string& name, const char* kind) const {
    return folder_ / (name + "." + kind);
  }
  void self_signed(const std::string& name) {
    shell("openssl req -x509 -new -key " + file(name, "key") + " -subj /C=JP/O=" + name +
          " -days 9000 -out " + file(name, "pem"));
  }
  Folder folder_;
};

const Bridge& bridge() {
  static const Bridge made;
  return made;
}

// The certificates begin with the real day.
Question question(std::vector<std::string> policies = {}) {
  const auto now = floor<seconds>(system_clock::now()) + 1s;
  return {now, now, std::move(policies), false, {}, {}};
}

}  // namespace

TEST_CASE("the way over the bridge, its policies mapped") {
  const Certificate official = bridge().certificate("official");
  const Validity found = service::check(official, bridge().trust(), question());
  CHECK(found.chain.size() == 4);
  CHECK(found.cause == Cause::no_source);  // the chain holds; revocation is not known
  CHECK(service::check(official, bridge().trust(), question({own_policy})).cause == Cause::no_source);
  const Validity other = service::check(official, bridge().trust(), question({"1.2.392.4.4"}));
  CHECK(other.standing == Standing::invalid);
  CHECK(other.cause == Cause::policy);
}

TEST_CASE("without the cross certificate there is no way, with another policy none that is allowed") {
  const Certificate official = bridge().certificate("official");
  Trust broken = bridge().trust();
  broken.helpers.pop_back();
  CHECK(service::check(official, broken, question()).cause == Cause::issuer_not_trusted);
  Bridge other;
  other.certify("ministry", "official", "certificatePolicies=1.2.392.9.9\n");
  const Validity found = service::check(other.certificate("official"), other.trust(), question());
  CHECK(found.standing == Standing::invalid);
  CHECK(found.cause == Cause::policy);
}

TEST_CASE("cross certificates of the other direction lead nobody astray") {
  Bridge both;
  const Certificate official = both.certificate("official");
  std::vector<Certificate> helpers = both.trust().helpers;
  const auto backwards = [&](const std::string& issuer, const std::string& subject) {
    both.certify(issuer, subject, Bridge::ca_with(bridge_policy, bridge_policy));
    helpers.push_back(both.certificate(subject));
  };
  const Trust by_root{{both.certificate("root")}, {}, {}};
  backwards("ministry", "bridge");
  backwards("bridge", "root");
  std::vector<std::size_t> order{0, 1, 2, 3};
  do {
    Trust trust = by_root;
    for (const auto index : order) trust.helpers.push_back(helpers[index]);
    const Validity found = service::check(official, trust, question());
    CHECK(found.cause == Cause::no_source);
    CHECK(found.chain.size() == 4);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("a file full of certificates for one another costs a bounded time") {
  Bridge circle;
  Trust trust{{circle.certificate("root")}, {}, {}};
  const Certificate official = circle.certificate("official");
  for (int i = 0; i < 300; ++i) trust.helpers.push_back(circle.certificate("ministry"));
  const auto begin = steady_clock::now();
  CHECK(service::check(official, trust, question()).cause == Cause::issuer_not_trusted);
  CHECK(steady_clock::now() - begin < 30s);
}

TEST_CASE("a holder's certificate is no CA") {
  Bridge other;
  other.certify("ministry", "bridge", "keyUsage=digitalSignature\ncertificatePolicies=1.2.392.3.3\n");
  other.certify("bridge", "official", "keyUsage=digitalSignature\ncertificatePolicies=1.2.392.3.3\n");
  const Trust by{{other.certificate("ministry")}, {other.certificate("bridge")}, {}};
  const Validity found = service::check(other.certificate("official"), by, question());
  CHECK(found.standing == Standing::invalid);
  CHECK(found.cause == Cause::chain);
}

TEST_CASE("each certificate of the way has its list") {
  const Certificate official = bridge().certificate("official");
  Trust by = bridge().trust();
  by.crls.push_back(bridge().crl("ministry"));
  Trust all = by;
  all.crls.push_back(bridge().crl("bridge"));
  Trust revoked = all;
  all.crls.push_back(bridge().crl("root"));
  revoked.crls.push_back(bridge().crl("root", "bridge"));
  const Question at = question();  // the lists begin with the real moment, too
  const Validity first = service::check(official, by, at);
  CHECK(first.standing == Standing::unchecked);
  CHECK(first.cause == Cause::no_crl);
  CHECK(service::check(official, all, at).standing == Standing::good);
  const Validity without = service::check(official, revoked, at);
  CHECK(without.standing == Standing::invalid);
  CHECK(without.cause == Cause::ca_revoked);
}
