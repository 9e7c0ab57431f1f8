// The end of a process: the library is called from exit handlers when its own static objects, and OpenSSL's,
// are gone. OpenSSL's engine and provider, libpoppler and NSS do so.
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "soft_support.hpp"

using namespace scenario;

namespace {

struct Ended {
  int status;  // as waitpid tells it
  std::string said;
};

Ended host(const std::string& view, const char* pin) {
  setenv("TOKEN_PIN", pin, 1);
  const std::string command = std::string(EXIT_HOST) + " " + Library::path(view);
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  Ended ended{};
  std::array<char, 256> buffer{};
  while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) ended.said += buffer.data();
  ended.status = pclose(pipe);
  return ended;
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
  const auto ended = host("", std::string(user_pin).c_str());
  CHECK(ended.status == 0);
  CHECK(ended.said == all_good);
}
