// Embedded signatures taken apart. The whole ones are made by openssl cms; what is left of one is read by it.
#include "jpki/embedded.hpp"

#include <algorithm>

#include "support.hpp"
#include "support/catch.hpp"

using namespace jpki_test;

namespace {

service::ReadAt reading(const Bytes& whole) {
  return [&whole](std::uint64_t offset, std::span<std::uint8_t> buffer) {
    if (offset > whole.size() || buffer.size() > whole.size() - offset) return false;
    std::copy_n(whole.begin() + static_cast<std::ptrdiff_t>(offset), buffer.size(), buffer.begin());
    return true;
  };
}

/// A key, its certificate, and signatures by it.
class Signer {
 public:
  Signer() {
    shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + folder_ / "key" +
          " -subj /CN=x -out " + folder_ / "cert");
  }
  [[nodiscard]] Bytes sign(const std::string& content, const std::string& options) const {
    folder_.write("data", content);
    shell("openssl cms -sign -binary -in " + folder_ / "data" + " -signer " + folder_ / "cert" + " -inkey " +
          folder_ / "key" + " -outform DER -out " + folder_ / "sig" + " " + options);
    return read_file(folder_ / "sig").value();
  }
  /// openssl cms -verify of a detached signature.
  void verify(const Bytes& signature) const {
    folder_.write("left", std::string(signature.begin(), signature.end()));
    shell("openssl cms -verify -binary -noverify -inform DER -in " + folder_ / "left" + " -content " +
          folder_ / "data" + " -out /dev/null");
  }

 private:
  Folder folder_;
};

}  // namespace

TEST_CASE("the content's place, and a detached signature") {
  const Signer signer;
  for (const std::size_t size : {1, 127, 128, 70000}) {
    CAPTURE(size);
    const std::string content(size, 'c');
    const Bytes whole = signer.sign(content, "-nodetach");
    const auto parts = service::separate(reading(whole), whole.size());
    REQUIRE(parts);
    CHECK(parts->size == size);
    CHECK(text_of(ByteView(whole).subspan(parts->offset, parts->size)) == content);
    signer.verify(parts->signature);
  }
}

TEST_CASE("what cannot be taken apart is left whole") {
  const Signer signer;
  for (const char* options : {"", "-nodetach -stream"}) {  // detached; in pieces
    const Bytes whole = signer.sign("content", options);
    CHECK_FALSE(service::separate(reading(whole), whole.size()));
  }
  Bytes whole = signer.sign("content", "-nodetach");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK_FALSE(service::separate(reading(part), part.size()));
  }
  whole.push_back(0);
  CHECK_FALSE(service::separate(reading(whole), whole.size()));
  const Bytes vast = {0x30, 0x88, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
  CHECK_FALSE(service::separate(reading(vast), vast.size()));
}
