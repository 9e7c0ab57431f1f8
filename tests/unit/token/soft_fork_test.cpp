// A software token in a child of fork.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>

#include "soft_store_support.hpp"

using namespace jpki;
using namespace jpki::test;

namespace {

/// A child that runs in steps: it says so after each, and waits to be told to go on.
class Child {
 public:
  explicit Child(const std::function<void(Child&)>& body) {
    REQUIRE(pipe(to_child_) == 0);
    REQUIRE(pipe(to_parent_) == 0);
    pid_ = fork();
    REQUIRE(pid_ >= 0);
    if (pid_ != 0) return;
    int code = 1;
    try {
      body(*this);
      code = 0;
    } catch (...) {
    }
    _exit(code);
  }
  void pause() {  // in the child
    char byte = 0;
    if (write(to_parent_[1], &byte, 1) != 1 || read(to_child_[0], &byte, 1) != 1) _exit(2);
  }
  void await() {
    char byte = 0;
    REQUIRE(read(to_parent_[0], &byte, 1) == 1);
  }
  void go_on() {
    const char byte = 0;
    REQUIRE(write(to_child_[1], &byte, 1) == 1);
  }
  int wait() {
    int status = 0;
    REQUIRE(waitpid(pid_, &status, 0) == pid_);
    for (const int fd : {to_child_[0], to_child_[1], to_parent_[0], to_parent_[1]}) close(fd);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  int to_child_[2]{}, to_parent_[2]{};
  pid_t pid_ = -1;
};

void require(bool condition) {
  if (!condition) throw 1;
}

}  // namespace

TEST_CASE("a child of fork opens the token anew, whether it gives up the parent's connection or forgets it") {
  const TokenFolder folder;
  auto store = folder.ready();
  store->insert(object("parent's", false));
  const bool abandons = GENERATE(true, false);
  Child child([&](Child&) {
    if (abandons) {
      store->abandon();
      store.reset();
    } else {
      static_cast<void>(store.release());
    }
    const auto own = SoftStore::open(token::soft_token_files(folder.path()).front());
    require(own->holder() == SoftStore::Holder::nobody);
    require(own->check_user_pin(bytes_of(user_pin)).outcome == PinOutcome::accepted);
    own->insert(object("child's", true));
  });
  CHECK(child.wait() == 0);
  store->insert(object("parent's second", false));
  CHECK(store->list().objects.size() == 3);
}

TEST_CASE("what a child did not open it cannot use") {
  const TokenFolder folder;
  const auto store = folder.ready();
  Child child([&](Child&) {
    for (const bool abandoned : {false, true}) {
      if (abandoned) store->abandon();
      require(reason_of([&] { static_cast<void>(store->list()); }) == Reason::failed);
      require(reason_of([&] { store->insert(object("x", false)); }) == Reason::failed);
      require(reason_of([&] { store->check_user_pin(bytes_of(user_pin)); }) == Reason::failed);
    }
  });
  CHECK(child.wait() == 0);
  CHECK(store->list().objects.empty());
  CHECK(store->facts().user.left == 5);
}

// Had the child no lock of its own, the last process but the child to close the file would remove the log
// under it.
TEST_CASE("a child's connection holds the file when its parent lets go") {
  const TokenFolder folder;
  auto store = folder.ready();
  const auto path = store->path();
  Child child([&](Child& self) {
    store->abandon();
    const auto own = SoftStore::open(path);
    own->insert(object("first", false));
    self.pause();
    own->insert(object("second", false));
  });
  child.await();
  store.reset();
  CHECK(SoftStore::open(path)->list().objects.size() == 1);
  child.go_on();
  CHECK(child.wait() == 0);
  CHECK(SoftStore::open(path)->list().objects.size() == 2);
}

TEST_CASE("forking waits until no thread is amidst a change") {
  const TokenFolder folder;
  const auto store = folder.ready();
  std::atomic<bool> stop{false};
  std::thread busy([&] {
    while (!stop) store->erase(store->insert(object("x", true)));
  });
  for (int round = 0; round < 5; ++round) {
    Child child([&](Child&) { static_cast<void>(SoftStore::open(store->path())->list()); });
    CHECK(child.wait() == 0);
  }
  stop = true;
  busy.join();
  CHECK(store->list().objects.empty());
}
