#include "core/handle_table.hpp"

#include <set>

#include "support/catch.hpp"

using namespace jpki;
using core::HandleTable;

namespace {

CK_RV rv_of(HandleTable<int>& of, CK_ULONG handle) {
  try {
    static_cast<void>(of.lock(handle));
    return CKR_OK;
  } catch (const core::Error& error) {
    return error.rv();
  }
}

}  // namespace

TEST_CASE("each handle names its own thing, through all sizes of the table's parts") {
  HandleTable<int> things(CKR_SESSION_HANDLE_INVALID, CKR_SESSION_COUNT);
  std::vector<CK_ULONG> handles;
  for (int i = 0; i < 5000; ++i)
    handles.push_back(things.insert(std::make_unique<int>(i), [](int&, CK_ULONG) {}));
  CHECK(std::set<CK_ULONG>(handles.begin(), handles.end()).size() == handles.size());
  for (int i = 0; i < 5000; ++i) CHECK(*things.lock(handles[static_cast<std::size_t>(i)]) == i);
  CHECK(things.handles([](int thing) { return thing % 100 == 7; }).size() == 50);

  for (const CK_ULONG none : {0UL, 5001UL, 8000UL, 0xFFFFFFUL, 0x1000000UL, ~0UL})
    CHECK(rv_of(things, none) == CKR_SESSION_HANDLE_INVALID);

  for (const std::size_t gone : {0U, 31U, 32U, 95U, 96U, 4999U}) {
    CHECK(*things.remove(handles[gone]) == static_cast<int>(gone));
    CHECK(rv_of(things, handles[gone]) == CKR_SESSION_HANDLE_INVALID);
  }
  // A place that is used again does not answer to its old handle.
  const CK_ULONG fresh = things.insert(std::make_unique<int>(-1), [](int&, CK_ULONG) {});
  CHECK(*things.lock(fresh) == -1);
  for (const std::size_t gone : {0U, 31U, 32U, 95U, 96U, 4999U})
    CHECK(rv_of(things, handles[gone]) == CKR_SESSION_HANDLE_INVALID);
}
