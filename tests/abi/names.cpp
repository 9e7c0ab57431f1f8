// The name tables against the table of constants: each value once, under the name in use today.
#include <map>
#include <set>

#include "cryptoki/cryptoki.hpp"
#include "support/catch.hpp"
#include "tsv.hpp"

namespace {

using namespace jpki::cryptoki;

// Where the standard has two names for one value, these are the ones it no longer prefers: the spelling of
// earlier versions (ECDSA for EC, CAST5 for CAST128), of earlier headers (KEY_DERIVE), or a misspelling.
const std::set<std::string> superseded = {
    "CKA_SUB_PRIME_BITS",
    "CKA_ECDSA_PARAMS",
    "CKM_ECDSA_KEY_PAIR_GEN",
    "CKM_CAST5_KEY_GEN",
    "CKM_CAST5_ECB",
    "CKM_CAST5_CBC",
    "CKM_CAST5_MAC",
    "CKM_CAST5_MAC_GENERAL",
    "CKM_CAST5_CBC_PAD",
    "CKM_PBE_MD5_CAST5_CBC",
    "CKM_PBE_SHA1_CAST5_CBC",
    "CKM_SHA3_256_KEY_DERIVE",
    "CKM_SHA3_224_KEY_DERIVE",
    "CKM_SHA3_384_KEY_DERIVE",
    "CKM_SHA3_512_KEY_DERIVE",
    "CKM_SHAKE_128_KEY_DERIVE",
    "CKM_SHAKE_256_KEY_DERIVE",
    "CKM_DSA_PROBABLISTIC_PARAMETER_GEN",
};

using Names = std::map<unsigned long, std::string>;

Names expected(const std::string& prefix) {
  Names names;
  for (const auto& row : read_tsv("constants.tsv")) {
    if (!row.at(0).starts_with(prefix) || superseded.contains(row.at(0))) continue;
    const bool first = names.emplace(std::stoul(row.at(1), nullptr, 0), row.at(0)).second;
    INFO(row.at(0));
    CHECK(first);
  }
  return names;
}

Names found(std::span<const Name> rows) {
  Names names;
  for (const auto& row : rows) names.emplace(row.value, row.text);
  CHECK(names.size() == rows.size());
  return names;
}

}  // namespace

TEST_CASE("the name tables are the standard's") {
  CHECK(found(return_values) == expected("CKR_"));
  CHECK(found(mechanisms) == expected("CKM_"));
  CHECK(found(attributes) == expected("CKA_"));
}

TEST_CASE("every value is found under its name, and an unknown one has none") {
  for (const auto& [value, name] : expected("CKR_")) CHECK(rv_name(value) == name);
  for (const auto& [value, name] : expected("CKM_")) CHECK(mechanism_name(value) == name);
  for (const auto& [value, name] : expected("CKA_")) CHECK(attribute_name(value) == name);
  for (const CK_ULONG unknown : {0x4UL, 0x80000001UL, ~0UL}) CHECK(rv_name(unknown).empty());
  CHECK(mechanism_name(0x7fffffff).empty());
  CHECK(attribute_name(0x80000001).empty());
}
