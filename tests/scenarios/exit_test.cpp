// The end of a process: the library is called from exit handlers when its own static objects, and OpenSSL's,
// are gone. OpenSSL's engine and provider, libpoppler and NSS do so.
#include "soft_support.hpp"

using namespace scenario;

namespace {

Ended host(const std::string& view, std::string_view pin) {
  return run_host(std::string(EXIT_HOST) + " " + Library::path(view), pin);
}

constexpr auto all_good =
    "C_GetSlotList 0\nC_GetSessionInfo 0\nC_Logout 0\nC_CloseSession 0\nC_CloseAllSessions 0\nC_Finalize 0\n";

}  // namespace

TEST_CASE("called after static destruction, with a card") {
  const Environment environment({});
  for (const auto& [view, pin] : {std::pair{"auth", "1234"}, {"sign", "ABC123"}}) {
    const auto ended = host(view, pin);
    CHECK(ended.status == 0);
    CHECK(ended.said == all_good);
  }
  // Logout took the card's power: nobody inherits the login.
  CHECK(environment.card().power_log().ends_with("off"));
}

TEST_CASE("called after static destruction, with a software token") {
  SoftWorld world;
  const auto slot = world.make("exit");
  const auto session = world.user(slot);
  world.create(session, known_rsa.private_object().flag(CKA_TOKEN, true));
  const auto ended = host("", user_pin);
  CHECK(ended.status == 0);
  CHECK(ended.said == all_good);
}
