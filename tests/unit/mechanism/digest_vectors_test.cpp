#include "core/error.hpp"
#include "mechanism/families.hpp"
#include "support/key_tables.hpp"
#include "support/returns.hpp"

using namespace jpki;
using test::Mechanism;

namespace {

std::unique_ptr<core::Digestion> start(const Mechanism& mechanism) {
  return mechanism::registry().find(mechanism.view().type)->digestion(mechanism.view());
}

Bytes finish(core::Digestion& digestion) {
  Bytes digest(digestion.size());
  digestion.finish(digest);
  return digest;
}

}  // namespace

TEST_CASE("digests are those of another implementation, at once, in parts, and again") {
  for (const auto& row : test::table("keys/digests.tsv")) {
    INFO(row.at(0));
    const Mechanism mechanism(test::mechanism_number(row.at(0)));
    const Bytes data = test::bytes_in(row.at(1));
    const auto digestion = start(mechanism);
    digestion->update(data);
    CHECK(to_hex(finish(*digestion)) == row.at(2));
    CHECK(digestion->restart(mechanism.view()));
    for (std::size_t i = 0; i < data.size(); ++i) digestion->update(ByteView(data).subspan(i, 1));
    CHECK(to_hex(finish(*digestion)) == row.at(2));
    digestion->update(bytes_of("left unfinished"));
    CHECK(digestion->restart(mechanism.view()));
    digestion->update(data);
    CHECK(to_hex(finish(*digestion)) == row.at(2));
  }
}

TEST_CASE("a digest takes no parameter, neither at first nor again") {
  const Mechanism with(CKM_SHA256, CK_ULONG{1});
  CHECK(test::rv_of([&] { static_cast<void>(start(with)); }) == CKR_MECHANISM_PARAM_INVALID);
  const auto digestion = start(Mechanism(CKM_SHA256));
  CHECK(test::rv_of([&] { static_cast<void>(digestion->restart(with.view())); }) ==
        CKR_MECHANISM_PARAM_INVALID);
}
