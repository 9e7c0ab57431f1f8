// Signatures over files. What is written is verified by openssl cms and openssl dgst, what is verified was
// made by openssl cms.
#include "jpki/signed_data.hpp"

#include <algorithm>

#include "ca_files.hpp"
#include "support/catch.hpp"

using namespace jpki_test;
using service::Certificate, service::Content, service::SignatureOrder, service::SignedData, service::Tier;

namespace {

/// Content in memory, in pieces of odd sizes.
class Text {
 public:
  explicit Text(std::string text) : text_(std::move(text)) {}
  Content content() {
    at_ = 0;
    return {text_.size(), [this](std::span<std::uint8_t> buffer) {
              const auto size = std::min({buffer.size(), text_.size() - at_, std::size_t{777}});
              std::copy_n(text_.begin() + static_cast<std::ptrdiff_t>(at_), size, buffer.begin());
              at_ += size;
              return size;
            }};
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

/// The holder's certificate and key as files. In these tests the holder has the signature CA's key.
class Holder {
 public:
  Holder() : certificate(mynumber().issue(Tier::sign, form())) {
    files.folder().write("cert.pem", certificate.pem());
  }
  [[nodiscard]] std::string path(const std::string& name) const { return files.folder() / name; }
  [[nodiscard]] service::SignBlock key() const {
    return [this](ByteView block) {
      files.folder().write("block", std::string(block.begin(), block.end()));
      shell("openssl pkeyutl -sign -inkey " + path("ca.key") + " -in " + path("block") +
            " -pkeyopt rsa_padding_mode:pkcs1 -out " + path("block.sig"));
      return read_file(path("block.sig")).value();
    };
  }
  [[nodiscard]] Bytes sign(Text& text, bool embedded, service::Instant when = noon) const {
    Bytes out;
    service::write_signed_data({certificate, {mynumber().ca(Tier::sign)}, when, embedded}, text.content(),
                               key(), [&](ByteView part) { append(out, part); });
    return out;
  }
  /// Made by openssl cms -sign with these options.
  [[nodiscard]] Bytes by_openssl(const Text& text, const std::string& options) const {
    files.folder().write("data", text.text());
    shell("openssl cms -sign -binary -in " + path("data") + " -signer " + path("cert.pem") + " -inkey " +
          path("ca.key") + " -outform DER -out " + path("sig") + " " + options);
    return read_file(path("sig")).value();
  }

  CaFiles files{mynumber().sign};
  Certificate certificate;

 private:
  static counter::Form form() {
    counter::Form filled;
    filled.issued = "2020-01-04", filled.expires = "2049-01-01";
    return filled;
  }
};

const Holder& holder() {
  static const Holder made;
  return made;
}

/// openssl cms -verify, with the attributes of CAdES; its output is the content.
std::string verified_by_openssl(const Bytes& signature, const Text& text, bool embedded) {
  const Folder folder;
  folder.write("sig", std::string(signature.begin(), signature.end()));
  folder.write("data", text.text());
  shell("openssl cms -verify -binary -cades -inform DER -in " + folder / "sig" + " -CAfile " +
        holder().path("ca.pem") + " -purpose any -out " + folder / "out" +
        (embedded ? "" : " -content " + folder / "data"));
  const auto out = read_file(folder / "out").value();
  return {out.begin(), out.end()};
}

std::optional<SignedData> verify(const Bytes& signature, Text& text) {
  const Content content = text.content();
  return service::verify_signed_data(signature, &content);
}

}  // namespace

TEST_CASE("what is signed, openssl verifies") {
  for (const std::size_t size : {0, 127, 128, 65537}) {
    for (const bool embedded : {false, true}) {
      CAPTURE(size, embedded);
      Text text(std::string(size, 'x'));
      CHECK(verified_by_openssl(holder().sign(text, embedded), text, embedded) == text.text());
    }
  }
}

TEST_CASE("the attributes are those of CAdES-BES, and the certificates come along") {
  Text text("hello");
  const Bytes signature = holder().sign(text, false);
  const Folder folder;
  folder.write("sig", std::string(signature.begin(), signature.end()));
  const auto printed = shell("openssl cms -cmsout -print -inform DER -noout -in " + folder / "sig");
  for (const char* word : {"object: contentType", "object: signingTime", "UTCTIME:Nov 21 03:00:00 2026 GMT",
                           "object: messageDigest", "object: id-smime-aa-signingCertificateV2",
                           "eContent: <ABSENT>", "algorithm: sha256", "algorithm: rsaEncryption"}) {
    CAPTURE(word);
    CHECK(printed.find(word) != printed.npos);
  }
  const auto certificates = shell("openssl pkcs7 -inform DER -print_certs -noout -in " + folder / "sig");
  CHECK(std::count(certificates.begin(), certificates.end(), '\n') >= 4);
  // DER: OpenSSL's encoding of what it read is the same.
  shell("openssl cms -cmsout -inform DER -outform DER -in " + folder / "sig" + " -out " + folder / "again");
  CHECK(read_file(folder / "again").value() == signature);
}

TEST_CASE("from 2050 on the time has four digits for its year") {
  Text text("hello");
  const auto when = std::chrono::sys_days(std::chrono::year(2050) / 1 / 1);
  const auto found = verify(holder().sign(text, false, when), text);
  CHECK(found.value().signers.at(0).when == when);
}

TEST_CASE("a bare signature is openssl's") {
  Text text("hello");
  const Bytes signature = service::bare_signature(holder().certificate, text.content(), holder().key());
  const Folder folder;
  folder.write("sig", std::string(signature.begin(), signature.end()));
  folder.write("data", text.text());
  shell("openssl x509 -noout -pubkey -in " + holder().path("cert.pem") + " > " + folder / "key.pub");
  CHECK(shell("openssl dgst -sha256 -verify " + folder / "key.pub" + " -signature " + folder / "sig" + " " +
              folder / "data") == "Verified OK\n");
  CHECK(service::verify_bare(holder().certificate, text.content(), signature));
  Text other("hellO");
  CHECK_FALSE(service::verify_bare(holder().certificate, other.content(), signature));
}

TEST_CASE("a key that is not the certificate's, a file that changes") {
  Text text("hello");
  const auto discard = [](ByteView) {};
  const SignatureOrder order{holder().certificate, {}, noon, false};
  CHECK_THROWS_AS(service::write_signed_data(
                      order, text.content(), [](ByteView) { return Bytes(256, 1); }, discard),
                  service::SignatureError);
  for (const std::uint64_t size : {4, 6}) {
    Content content = text.content();
    content.size = size;
    CHECK_THROWS_AS(service::write_signed_data(order, content, holder().key(), discard),
                    service::SignatureError);
  }
}

TEST_CASE("what openssl signs is verified") {
  Text text(std::string(100000, 'y'));
  struct Row {
    const char* options;
    bool embedded, names;
  };
  for (const auto& [options, embedded, names] : {Row{"-cades", false, true},
                                                 {"-cades -nodetach", true, true},
                                                 {"", false, false},
                                                 {"-md sha512", false, false},
                                                 {"-noattr", false, false},
                                                 {"-nodetach -stream", true, false},
                                                 {"-keyid -cades -md sha1", false, true},
                                                 {"-keyopt rsa_padding_mode:pss", false, false}}) {
    CAPTURE(options);
    const auto found = verify(holder().by_openssl(text, options), text);
    REQUIRE(found);
    CHECK(found->embedded == embedded);
    REQUIRE(found->signers.size() == 1);
    CHECK(found->signers[0].holds);
    CHECK(found->signers[0].certificate == holder().certificate);
    CHECK(found->signers[0].names_certificate == names);
    CHECK(found->signers[0].when.has_value() == (std::string(options) != "-noattr"));
  }
}

TEST_CASE("a changed byte is found wherever it is") {
  Text text("hello"), other("hellO");
  for (const char* options : {"-cades", "-noattr"}) {
    CHECK_FALSE(verify(holder().by_openssl(text, options), other).value().signers.at(0).holds);
  }
  CHECK_FALSE(verify(holder().sign(text, false), other).value().signers.at(0).holds);
  // The signer's part is the end: attributes, the algorithm (15 bytes, which nothing signs), the signature.
  const Bytes whole = holder().sign(text, true);
  const std::size_t signature = whole.size() - 256 - 4, algorithm = signature - 15;
  for (std::size_t at = algorithm - 300; at < whole.size(); at += 3) {
    if (at >= algorithm && at < signature) continue;
    CAPTURE(at);
    Bytes changed = whole;
    changed[at] ^= 0x01;
    const auto found = service::verify_signed_data(changed, nullptr);
    const bool accepted = found && std::any_of(found->signers.begin(), found->signers.end(),
                                               [](const auto& signer) { return signer.holds; });
    CHECK_FALSE(accepted);
  }
}

TEST_CASE("a certificate within that is no DER is none") {
  Text text("hello");
  Bytes whole = holder().sign(text, true);
  const Bytes der = holder().certificate.der();
  const auto found = std::search(whole.begin(), whole.end(), der.begin(), der.end());
  REQUIRE(found != whole.end());
  // The NULL of its outer algorithm gets a tag that nobody has; OpenSSL reads that, and writes something
  // else.
  const auto null = found + static_cast<std::ptrdiff_t>(der.size() - 256 - 5 - 2);
  REQUIRE(*null == 0x05);
  *null = 0x20;
  CHECK_FALSE(Certificate::from_der({&*found, der.size()}));
  const auto read = service::verify_signed_data(whole, nullptr);
  REQUIRE(read);
  CHECK(read->certificates.size() == 1);
  CHECK_FALSE(read->signers.at(0).certificate);
  CHECK_FALSE(read->signers[0].holds);
}

TEST_CASE("what is no signature") {
  Text text("hello");
  CHECK_FALSE(verify({}, text));
  CHECK_FALSE(verify({0x30, 0x00}, text));
  CHECK_FALSE(verify(holder().certificate.der(), text));
  CHECK_FALSE(service::verify_signed_data(holder().by_openssl(text, ""), nullptr));  // where is the content?
  const auto stranger = verify(holder().by_openssl(text, "-nocerts"), text);
  REQUIRE(stranger);
  CHECK_FALSE(stranger->signers.at(0).certificate);
  CHECK_FALSE(stranger->signers[0].holds);
}
