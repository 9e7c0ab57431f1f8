// Our header against the tables, and against the headers of p11-kit and NSS where they have the same names.
#include <algorithm>
#include <iterator>
#include <set>
#include <sstream>

#include "support/catch.hpp"
#include "table.hpp"

namespace {

using Differences = std::set<std::string>;

struct Shared {
  std::size_t count = 0;
  Differences differences;  ///< "name: ours, theirs"
};

std::string text(unsigned long value) {
  std::ostringstream out;
  out << std::hex << value;
  return out.str();
}
std::string text(const Place& place) {
  return std::to_string(place.offset) + "+" + std::to_string(place.size);
}

template <class Map>
Shared compare(const Map& ours, const Map& theirs) {
  Shared shared;
  for (const auto& [name, value] : theirs) {
    const auto own = ours.find(name);
    if (own == ours.end()) continue;
    ++shared.count;
    if (!(own->second == value))
      shared.differences.insert(name + ": " + text(own->second) + ", " + text(value));
  }
  return shared;
}

std::size_t structures(const Table& table) {
  std::size_t count = 0;
  for (const auto& row : table.members) count += row.first.back() == '.';
  return count;
}

// Where a witness is known to deviate from the standard, and why. Everything else must agree.
const Differences known_of_p11kit = {
    // It describes 2.40, in Debian 13 3.0.
    "CRYPTOKI_VERSION_MAJOR: 3, 2",
    "CRYPTOKI_VERSION_MINOR: 2, 28",
    "CRYPTOKI_VERSION_MINOR: 2, 0",
    // Its numbers for these five are mistaken; NSS has the standard's (checked below).
    "CKR_EXCEEDED_MAX_ITERATIONS: 1b5, 1c0",
    "CKR_FIPS_SELF_TEST_FAILED: 1b6, 1c1",
    "CKR_LIBRARY_LOAD_FAILED: 1b7, 1c2",
    "CKR_PIN_TOO_WEAK: 1b8, 1c3",
    "CKR_PUBLIC_KEY_INVALID: 1b9, 1c4",
};

const Differences known_of_nss = {
    // It describes 3.0.
    "CRYPTOKI_VERSION_MINOR: 2, 0",
    // NSS had vendor attributes of these names long before 3.2 took them over.
    "CKA_TRUST_CLIENT_AUTH: 62d, ce536359",
    "CKA_TRUST_CODE_SIGNING: 62e, ce53635a",
    "CKA_TRUST_EMAIL_PROTECTION: 62f, ce53635b",
    "CKA_TRUST_SERVER_AUTH: 62c, ce536358",
    "CKA_TRUST_TIME_STAMPING: 631, ce53635f",
    // NSS has a member of its own, LibraryParameters, before pReserved.
    "CK_C_INITIALIZE_ARGS.: 0+48, 0+56",
    "CK_C_INITIALIZE_ARGS.pReserved: 40+8, 48+8",
};

Differences unknown(const Differences& found, const Differences& known) {
  Differences rest;
  std::ranges::set_difference(found, known, std::inserter(rest, rest.end()));
  return rest;
}

}  // namespace

TEST_CASE("the header has every constant of the standard, with its value") {
  CHECK(table_of_ours().constants == table_of_expected().constants);
}

TEST_CASE("the header lays out every structure as the platform's ABI does") {
  CHECK(table_of_ours().members == table_of_expected().members);
}

TEST_CASE("the three function lists hold 68, 92 and 104 functions after the version") {
  const auto members = table_of_ours().members;
  CHECK(members.at("CK_FUNCTION_LIST.").size == 8 * (1 + 68));
  CHECK(members.at("CK_FUNCTION_LIST_3_0.").size == 8 * (1 + 92));
  CHECK(members.at("CK_FUNCTION_LIST_3_2.").size == 8 * (1 + 104));
}

// The floors of the counts are what we share with Debian 12's versions (p11-kit 0.24, NSS 3.87).
TEST_CASE("p11-kit's header agrees wherever it has the same name") {
  const auto constants = compare(table_of_ours().constants, table_of_p11kit().constants);
  CHECK(constants.count >= 695);
  CHECK(unknown(constants.differences, known_of_p11kit) == Differences{});
  const auto members = compare(table_of_ours().members, table_of_p11kit().members);
  CHECK(structures(table_of_p11kit()) >= 22);
  CHECK(members.count >= 179);
  CHECK(unknown(members.differences, known_of_p11kit) == Differences{});
}

TEST_CASE("NSS's header agrees wherever it has the same name") {
  const auto constants = compare(table_of_ours().constants, table_of_nss().constants);
  CHECK(constants.count >= 890);
  CHECK(unknown(constants.differences, known_of_nss) == Differences{});
  const auto members = compare(table_of_ours().members, table_of_nss().members);
  CHECK(structures(table_of_nss()) >= 86);
  CHECK(members.count >= 662);
  CHECK(unknown(members.differences, known_of_nss) == Differences{});
}

TEST_CASE("NSS has the return values in which p11-kit deviates") {
  const auto ours = table_of_ours().constants;
  const auto theirs = table_of_nss().constants;
  for (const std::string name : {"CKR_EXCEEDED_MAX_ITERATIONS", "CKR_FIPS_SELF_TEST_FAILED",
                                 "CKR_LIBRARY_LOAD_FAILED", "CKR_PIN_TOO_WEAK", "CKR_PUBLIC_KEY_INVALID"}) {
    CHECK(theirs.at(name) == ours.at(name));
  }
}
