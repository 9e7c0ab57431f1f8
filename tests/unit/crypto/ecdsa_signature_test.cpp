#include "crypto/ecdsa_signature.hpp"

#include "base/hex.hpp"
#include "support/catch.hpp"

using namespace jpki;
using crypto::DerSignature;

namespace {

std::string der_of(const std::string& pair) {
  const auto der = DerSignature::from_pair(*from_hex(pair));
  return der ? to_hex(der->view()) : "none";
}

std::string pair_of(const std::string& der, std::size_t size) {
  Bytes pair(size, 0xEE);
  return crypto::der_to_pair(*from_hex(der), pair) ? to_hex(pair) : "none";
}

}  // namespace

// X.690, 8.3: the shortest two's complement.
TEST_CASE("r and s become DER integers") {
  CHECK(der_of("0102") == "3006020101020102");
  CHECK(der_of("00010080") == "300702010102020080");
  CHECK(der_of("0000FFFF") == "3008020100020300FFFF");
  CHECK(der_of("7F80") == "300702017F02020080");
  const auto longest = DerSignature::from_pair(Bytes(144, 0xFF));
  REQUIRE(longest.has_value());
  CHECK(to_hex(longest->view()).substr(0, 12) == "308196024900");
  CHECK(longest->view().size() == 153);
}

TEST_CASE("what is no pair gives none") {
  for (const std::size_t size : {0UL, 1UL, 3UL, 145UL, 146UL, 1000UL})
    CHECK_FALSE(DerSignature::from_pair(Bytes(size, 1)).has_value());
}

TEST_CASE("DER becomes r and s of the wanted length") {
  CHECK(pair_of("3006020101020102", 2) == "0102");
  CHECK(pair_of("3006020101020102", 8) == "0000000100000002");
  CHECK(pair_of("300702010102020080", 2) == "0180");
  CHECK(pair_of("300702010102020180", 2) == "none");  // too long
  for (const char* bad : {"", "3003020101", "30060201010201", "0206020101020102", "3006020101040102",
                          "3004020002000"
                          "0"})
    CHECK(pair_of(bad, 2) == "none");
}
