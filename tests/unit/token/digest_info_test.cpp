// DigestInfo, told from other blocks. The prefixes are those of RFC 8017, 9.2, note 1.
#include "token/digest_info.hpp"

#include "base/hex.hpp"
#include "fake_card.hpp"
#include "support/catch.hpp"
#include "support/returns.hpp"

using namespace jpki;
using namespace jpki::test;
using token::digest_info_of;

namespace {

struct Known {
  const char* prefix;
  std::size_t size;
  const char* name;
};
constexpr Known known[] = {
    {"3021300906052b0e03021a05000414", 20, "sha1"},
    {"302d300d06096086480165030402040500041c", 28, "sha224"},
    {"3031300d060960864801650304020105000420", 32, "sha256"},
    {"3041300d060960864801650304020205000430", 48, "sha384"},
    {"3051300d060960864801650304020305000440", 64, "sha512"},
};

Bytes block_of(const std::string& prefix, std::size_t size) {
  Bytes block = *from_hex(prefix);
  block.resize(block.size() + size, 0x5A);
  return block;
}

}  // namespace

TEST_CASE("the DigestInfo of each hash") {
  for (const auto& row : known) {
    const auto block = block_of(row.prefix, row.size);
    const auto found = digest_info_of(block);
    REQUIRE(found);
    CHECK(found->name == row.name);
    CHECK(equal(found->digest, Bytes(row.size, 0x5A)));
  }
  CHECK(
      digest_info_of(block_of("302f300b0609608648016503040201"
                              "0420",
                              32)));  // without NULL
}

TEST_CASE("blocks that are none") {
  const std::string sha256 = "3031300d060960864801650304020105000420";
  CHECK_FALSE(digest_info_of({}));
  CHECK_FALSE(digest_info_of(Bytes(36, 1)));          // MD5 and SHA-1 of TLS 1.1
  CHECK_FALSE(digest_info_of(block_of(sha256, 31)));  // cut off
  CHECK_FALSE(digest_info_of(block_of(sha256, 33)));  // something behind it
  CHECK_FALSE(digest_info_of(block_of("3020300c06082a864886f70d020505000410", 16)));  // MD5
  CHECK_FALSE(
      digest_info_of(block_of("3021300d06096086480165030402010500"
                              "0410",
                              16)));  // too short a digest
  CHECK_FALSE(
      digest_info_of(block_of("3033300f0609608648016503040201"
                              "0402aaaa"
                              "0420",
                              32)));  // other parameters
}

TEST_CASE("card.raw = digestinfo: nothing else reaches the card") {
  token::CardOptions options;
  options.only_digest_info = true;
  TokenBench bench(options);
  bench.enter(*bench.auth);
  const auto key = bench.key(*bench.auth);
  CHECK(rv_of([&] { static_cast<void>(bench.use(*key, Bytes{1, 2, 3})); }) == CKR_DATA_INVALID);
  CHECK(bench.card.count("802A0080") == 0);
  CHECK(rv_of([&] { static_cast<void>(bench.use(*key, block_of(known[2].prefix, 32))); }) == CKR_OK);
  CHECK(bench.card.count("802A0080") == 1);
}
