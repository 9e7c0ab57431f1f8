#include "pcsc/service.hpp"

#include <future>
#include <optional>
#include <thread>

#include "fake_service.hpp"
#include "support/catch.hpp"

using namespace jpki;
using apdu::Presence;
using pcsc::Seen;
using pcsc::Service;
using pcsc::test::FakeService;
using namespace std::chrono_literals;

namespace {

const std::string first = "Reader A 00 00", second = "Reader B 00 00";
constexpr auto for_ever = 600'000ms;  // a test that waits so long has failed

std::vector<std::string> names(Service& service) {
  std::vector<std::string> found;
  for (const auto& reader : service.readers()) found.push_back(reader->name());
  return found;
}

/// What somebody sees who looks at all readers.
std::vector<Seen> look(Service& service) {
  std::vector<Seen> seen;
  for (const auto& reader : service.readers()) seen.push_back({reader->name(), reader->presence()});
  return seen;
}

struct Fixture {
  explicit Fixture(const std::vector<std::string>& readers = {first, second}) {
    for (const auto& reader : readers) fake.plug(reader);
    service.emplace(fake.api());
  }
  ~Fixture() {
    service.reset();
    CHECK_FALSE(fake.misused());
    CHECK(fake.open_contexts() == 0);
    CHECK(fake.open_connections() == 0);
  }
  FakeService fake;
  std::optional<Service> service;
};

}  // namespace

// --- Readers
// ------------------------------------------------------------------------------------------------------

TEST_CASE("readers by name, and nothing happens before somebody asks") {
  Fixture at;
  CHECK(at.fake.calls("establish").empty());
  CHECK(names(*at.service) == std::vector<std::string>{first, second});
  CHECK(at.fake.calls("connect").empty());
}

TEST_CASE("no readers") {
  Fixture at(std::vector<std::string>{});
  CHECK(names(*at.service).empty());
}

TEST_CASE("no service, and then there is one") {
  Fixture at;
  at.fake.stop();
  CHECK(names(*at.service).empty());
  at.fake.start();
  CHECK(names(*at.service).size() == 2);
}

TEST_CASE("a list that grows while it is fetched") {
  Fixture at;
  at.fake.fail("list_readers", SCARD_S_SUCCESS);  // of no size
  CHECK(names(*at.service).size() == 2);
}

TEST_CASE("a list that never fits is given up") {
  Fixture at;
  for (int i = 0; i < 100; ++i)
    at.fake.fail("list_readers", GENERATE(SCARD_E_INSUFFICIENT_BUFFER, SCARD_S_SUCCESS));
  CHECK(names(*at.service).size() <= 2);
  CHECK(at.fake.calls("list_readers").size() <= 6);
}

// --- Presence
// -----------------------------------------------------------------------------------------------------

TEST_CASE("presence: no card is touched, and every insertion has its number") {
  Fixture at;
  const auto reader = at.service->readers().front();
  const auto empty = reader->presence();
  CHECK_FALSE(empty.present);
  at.fake.insert(first);
  const auto there = reader->presence();
  CHECK(there.present);
  CHECK(there.insertion != empty.insertion);
  CHECK(reader->presence() == there);
  at.fake.remove(first);
  at.fake.insert(first);
  const auto again = reader->presence();
  CHECK(again.present);
  CHECK(again.insertion != there.insertion);
  CHECK(at.fake.calls("connect").empty());
}

TEST_CASE("presence: one question, in the context that is there already") {
  Fixture at;
  const auto reader = at.service->readers().front();
  (void)reader->presence();
  (void)reader->presence();
  CHECK(at.fake.calls("establish").size() == 1);
  CHECK(at.fake.calls("status_change") == std::vector<std::string>{"0", "0"});
}

TEST_CASE("presence in a reader that is gone, or without service") {
  Fixture at;
  at.fake.insert(first);
  const auto reader = at.service->readers().front();
  SECTION("reader") { at.fake.unplug(first); }
  SECTION("service") { at.fake.stop(); }
  CHECK(reader->presence() == Presence{});
}

TEST_CASE("the service is restarted: nobody has to do anything, and what was known is stale") {
  Fixture at;
  at.fake.insert(first);
  const auto reader = at.service->readers().front();
  const auto before = reader->presence();
  at.fake.stop();
  at.fake.start();
  at.fake.insert(first);  // the first event of the new service, as it was of the old
  const auto after = reader->presence();
  CHECK(after.present);
  CHECK(after.insertion != before.insertion);
  CHECK(names(*at.service).size() == 2);
}

TEST_CASE("the service is restarted: every way in which the old context may fail") {
  const LONG code = GENERATE(SCARD_E_NO_SERVICE, SCARD_E_SERVICE_STOPPED, SCARD_E_INVALID_HANDLE,
                             SCARD_F_COMM_ERROR, SCARD_F_INTERNAL_ERROR);
  Fixture at;
  at.fake.insert(first);
  const auto reader = at.service->readers().front();
  at.fake.fail("status_change", code);
  CHECK(reader->presence().present);
  at.fake.fail("list_readers", code);
  CHECK(names(*at.service).size() == 2);
  CHECK(at.fake.calls("establish").size() == 3);
}

TEST_CASE("a service that fails every time is asked twice") {
  Fixture at;
  const auto reader = at.service->readers().front();
  for (int i = 0; i < 10; ++i) at.fake.fail("status_change", SCARD_F_INTERNAL_ERROR);
  CHECK(reader->presence() == Presence{});
  CHECK(at.fake.calls("status_change").size() == 2);
}

TEST_CASE("a connection has a context of its own") {
  Fixture at;
  at.fake.insert(first);
  const auto reader = at.service->readers().front();
  {
    const auto link = reader->connect();
    CHECK(at.fake.open_contexts() == 2);
  }
  CHECK(at.fake.open_contexts() == 1);
}

TEST_CASE("a connection outlives reader and service") {
  FakeService fake;
  fake.plug(first);
  fake.insert(first);
  std::unique_ptr<apdu::Link> link;
  {
    Service service(fake.api());
    link = service.readers().front()->connect();
  }
  link->begin();
  link->end();
  link.reset();
  CHECK(fake.open_contexts() == 0);
}

// --- Waiting
// ------------------------------------------------------------------------------------------------------

TEST_CASE("nothing happens: the wait ends with its time") {
  Fixture at;
  const auto seen = look(*at.service);
  CHECK(at.service->wait(seen, 1ms));
}

TEST_CASE("what has happened already ends the wait at once") {
  Fixture at;
  at.fake.insert(second);
  const auto seen = look(*at.service);
  SECTION("a card came") { at.fake.insert(first); }
  SECTION("a card left") { at.fake.remove(second); }
  SECTION("a card was changed for another") {
    at.fake.remove(second);
    at.fake.insert(second);
  }
  SECTION("a reader came") { at.fake.plug("Reader C 00 00"); }
  SECTION("the service was restarted") {
    at.fake.stop();
    at.fake.start();
    at.fake.insert(second);
  }
  CHECK(at.service->wait(seen, for_ever));
}

TEST_CASE("what happens during the wait ends it") {
  Fixture at;
  at.fake.insert(second);
  const auto seen = look(*at.service);
  SECTION("a card comes") {
    at.fake.before_wait = [&] { at.fake.insert(first); };
  }
  SECTION("a card leaves") {
    at.fake.before_wait = [&] { at.fake.remove(second); };
  }
  SECTION("a reader comes") {
    at.fake.before_wait = [&] { at.fake.plug("Reader C 00 00"); };
  }
  SECTION("a reader leaves") {
    at.fake.before_wait = [&] { at.fake.unplug(first); };
  }
  CHECK(at.service->wait(seen, for_ever));
}

TEST_CASE("the service dies during the wait") {
  Fixture at;
  const auto seen = look(*at.service);
  at.fake.before_wait = [&] { at.fake.stop(); };
  CHECK_FALSE(at.service->wait(seen, for_ever));
}

TEST_CASE("without service there is no wait") {
  Fixture at;
  const auto seen = look(*at.service);
  at.fake.stop();
  CHECK_FALSE(at.service->wait(seen, for_ever));
}

TEST_CASE("readers that are known but gone do not spoil the wait") {
  Fixture at;
  auto seen = look(*at.service);
  seen.push_back({"Reader that was unplugged", {}});
  at.fake.before_wait = [&] { at.fake.insert(first); };
  CHECK(at.service->wait(seen, for_ever));
  CHECK(at.fake.calls("status_change").back() == "600000");
}

TEST_CASE("a mute card, or one in use, is no news") {
  const DWORD flags = GENERATE(SCARD_STATE_MUTE, SCARD_STATE_INUSE, SCARD_STATE_EXCLUSIVE | SCARD_STATE_MUTE);
  Fixture at;
  at.fake.insert(first, flags);
  const auto seen = look(*at.service);
  bool waited = false;
  at.fake.before_wait = [&] {
    waited = true;
    at.fake.expire();
  };
  CHECK(at.service->wait(seen, for_ever));
  CHECK(waited);
}

TEST_CASE("more readers than one question takes") {
  std::vector<std::string> many;
  for (char letter = 'A'; letter < 'A' + 20; ++letter) many.push_back(std::string("Reader ") + letter);
  Fixture at(many);
  const auto seen = look(*at.service);
  REQUIRE(seen.size() == 20);
  at.fake.before_wait = [&] { at.fake.insert("Reader A"); };
  CHECK(at.service->wait(seen, for_ever));
  CHECK(at.fake.calls("status_change").back() == "600000");
}

// --- Cancelling
// ---------------------------------------------------------------------------------------------------

TEST_CASE("cancelled before the wait begins") {
  Fixture at;
  const auto seen = look(*at.service);
  at.service->cancel();
  CHECK(at.service->wait(seen, for_ever));
}

TEST_CASE("cancelled while waiting") {
  Fixture at;
  const auto seen = look(*at.service);
  std::promise<void> begun;
  at.fake.before_wait = [&] { begun.set_value(); };
  auto waiting = std::async(std::launch::async, [&] { return at.service->wait(seen, for_ever); });
  begun.get_future().wait();
  at.service->cancel();
  CHECK(waiting.get());
}

TEST_CASE("a cancel that comes too early is not lost") {
  Fixture at;
  const auto seen = look(*at.service);
  std::promise<void> about_to;
  // The wait does not begin before the service has forgotten a cancel or two.
  at.fake.before_wait = [&] {
    about_to.set_value();
    at.fake.until_called("cancel", 2);
  };
  auto waiting = std::async(std::launch::async, [&] { return at.service->wait(seen, for_ever); });
  about_to.get_future().wait();
  at.service->cancel();
  CHECK(waiting.get());
  CHECK(at.fake.calls("cancel").size() >= 3);
}

TEST_CASE("several wait, all are ended, and cancel returns when they have left") {
  Fixture at;
  const auto seen = look(*at.service);
  std::atomic<int> inside{0};
  std::vector<std::thread> threads;
  std::promise<void> all;
  at.fake.before_wait = [&] {
    if (++inside == 4) all.set_value();
  };
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      (void)at.service->wait(seen, for_ever);
      --inside;
    });
  all.get_future().wait();
  at.service->cancel();
  CHECK(at.fake.open_contexts() <= 5);
  for (auto& thread : threads) thread.join();
  CHECK(inside == 0);
}

TEST_CASE("threads that ask at once take turns") {
  Fixture at;
  at.fake.insert(first);
  std::vector<std::thread> threads;
  std::atomic<int> seen{0};
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int turn = 0; turn < 50; ++turn)
        for (const auto& reader : at.service->readers())
          if (reader->presence().present) ++seen;
    });
  for (auto& thread : threads) thread.join();
  CHECK(seen == 200);
}
