// Software tokens on a full disk and on a read-only one. Mounts what it needs, in a view of its own; that
// takes root.
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include "torture/support.hpp"

using namespace jpki;
using namespace jpki::torture;

namespace {

constexpr unsigned nobody = 65534;

void mount_or_skip(const char* what, const fs::path& where, const char* type, unsigned long flags,
                   const char* data) {
  fs::create_directories(where);
  if (mount(what, where.c_str(), type, flags, data) == 0) return;
  throw Skip("mount " + where.string() + ": " + std::strerror(errno));
}

/// Uses up all room that is left.
void fill(const fs::path& file) {
  const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  expect(fd >= 0 || errno == ENOSPC, "the file that fills the disk");
  for (const std::size_t size : {std::size_t{65536}, std::size_t{4096}, std::size_t{512}, std::size_t{1}}) {
    const Bytes zeros(size);
    while (write(fd, zeros.data(), size) == static_cast<ssize_t>(size)) {
    }
  }
  close(fd);
}

using Objects = std::map<std::uint64_t, std::string>;

/// Every confirmed object is whole, and no other is there.
void judge(SoftStore& store, const Objects& objects) {
  const auto listing = store.list();
  expect(
      listing.objects.size() == objects.size(),
      std::to_string(listing.objects.size()) + " objects are there, not " + std::to_string(objects.size()));
  for (const auto& [id, content] : objects)
    expect(text(store.load(id).attributes) == content, "an object changed");
}

void insert(SoftStore& store, const std::string& name, Objects& objects) {
  const auto made = object(name, 1);
  objects[store.insert(made, secret_types)] = text(made);
}

Objects only_public(const Objects& all, SoftStore& store) {
  Objects some;
  for (const auto& listed : store.list().objects) {
    if (!store.load(listed.id).sealed) some[listed.id] = all.at(listed.id);
  }
  return some;
}

// --- a full disk
// ------------------------------------------------------------------------------------------------

/// Objects until there is no more room.
void fill_token(SoftStore& store, Objects& objects) {
  for (int number = 0;; ++number) {
    expect(number < 10000, "the disk does not become full");
    try {
      insert(store, "object " + std::to_string(number), objects);
    } catch (const StoreError& error) {
      expect(error.reason() == Reason::no_space, "a full disk is called something else");
      return;
    }
  }
}

/// How many of `count` actions failed for want of room. They may fail for nothing else.
unsigned failures(int count, const std::function<void(int)>& action) {
  unsigned failed = 0;
  for (int i = 0; i < count; ++i) {
    try {
      action(i);
    } catch (const StoreError& error) {
      expect(error.reason() == Reason::no_space, "a full disk is called something else");
      ++failed;
    }
  }
  return failed;
}

void full_disk(const fs::path& disk) {
  mount_or_skip("none", disk, "tmpfs", 0, "size=1600k,mode=0700");
  auto store = new_token(disk / "tokens", 5);
  const fs::path file = store->path(), filler = disk / "filler";
  store->check_user_pin(bytes_of(user_pin));
  std::ofstream(disk / "reserve") << std::string(800 << 10, 'x');
  Objects objects;
  fill_token(*store, objects);
  expect(objects.size() > 20, "only " + std::to_string(objects.size()) + " objects on the disk");
  judge(*store, objects);

  fill(filler);
  // What still fits into the log that is there is done; all else fails, and changes nothing.
  const unsigned failed =
      failures(40, [&](int i) { insert(*store, "too much " + std::to_string(i), objects); }) +
      failures(40, [&](int i) {
        const auto made = object("changed " + std::to_string(i), 1);
        store->replace(objects.begin()->first, made, secret_types);
        objects.begin()->second = text(made);
      });
  expect(failed > 0, "a full disk takes everything");
  judge(*store, objects);
  store.reset();

  // Anew, where not even the log's index can be made. No PIN is looked at whose try cannot be counted.
  store = SoftStore::open(file);
  const auto facts = store->facts();
  expect(facts.user.left == 5 && facts.officer.left == 5, "a full disk cost a try");
  for (const auto pin : {user_pin, wrong_pin}) {
    expect(reason_of([&] { store->check_user_pin(bytes_of(pin)); }) == Reason::no_space,
           "a PIN on a full disk");
  }
  const AttributeMap large = AttributeMap().put(CKA_VALUE, Bytes(100000));
  expect(reason_of([&] { store->insert(large); }) == Reason::no_space, "an object too much");
  const auto listed = store->list();
  expect(!listed.objects.empty() && store->generation() == listed.generation, "the list on a full disk");
  for (const auto& object : listed.objects)
    expect(!store->load(object.id).attributes.rows().empty(), "an object");
  expect(reason_of([&] { new_token(disk / "tokens", 5); }) == Reason::no_space, "a token on a full disk");
  for (const auto& entry : fs::directory_iterator(disk / "tokens")) {
    expect(entry.path().filename().string().front() != '.', "an unfinished token was left behind");
  }

  fs::remove(filler);
  fs::remove(disk / "reserve");
  expect(store->facts().user.left == 5, "a full disk cost a try");
  expect(store->check_user_pin(bytes_of(user_pin)).outcome == PinOutcome::accepted, "the PIN afterwards");
  judge(*store, objects);
  for (int i = 0; i < 3; ++i) {
    store->erase(objects.begin()->first);
    objects.erase(objects.begin());
  }
  insert(*store, "afterwards", objects);
  store = SoftStore::open(file);
  store->check_user_pin(bytes_of(user_pin));
  judge(*store, objects);
  std::cout << "a full disk: " << objects.size() << " objects, nothing lost" << std::endl;
}

// --- a read-only disk
// -------------------------------------------------------------------------------------------

void expect_read_only(SoftStore& store, const Objects& objects) {
  expect(!store.writable(), "a read-only token says that it can be written");
  for (const auto pin : {user_pin, wrong_pin}) {
    expect(reason_of([&] { store.check_user_pin(bytes_of(pin)); }) == Reason::read_only,
           "a PIN on a read-only disk");
    expect(reason_of([&] { store.reinitialize(bytes_of(pin), "x"); }) == Reason::read_only, "a new token");
  }
  expect(reason_of([&] { store.insert(object("x", 1)); }) == Reason::read_only,
         "an object on a read-only disk");
  expect(reason_of([&] { store.erase(objects.begin()->first); }) == Reason::read_only, "an object erased");
  expect(store.facts().user.left == 5, "a read-only disk cost a try");
  const Objects open = only_public(objects, store);
  expect(!open.empty(), "nothing can be read");
  for (const auto& [id, content] : open)
    expect(text(store.load(id).attributes) == content, "an object changed");
}

/// Adds objects and dies with the file open.
void write_and_die(const fs::path& file, Objects& objects) {
  int out[2];
  expect(pipe(out) == 0, "pipe");
  const pid_t child = fork();
  if (child == 0) {
    const auto store = SoftStore::open(file);
    store->check_user_pin(bytes_of(user_pin));
    for (int i = 0; i < 5; ++i) {
      const auto id = store->insert(object("late " + std::to_string(i), 1), secret_types);
      if (write(out[1], &id, sizeof id) != sizeof id) _exit(1);
    }
    kill(getpid(), SIGKILL);
  }
  close(out[1]);
  std::uint64_t id = 0;
  for (int i = 0; read(out[0], &id, sizeof id) == sizeof id; ++i) {
    objects[id] = text(object("late " + std::to_string(i), 1));
  }
  close(out[0]);
  waitpid(child, nullptr, 0);
}

/// `folder` can be written, and is seen read-only at `shown`. By its owner, who may be root.
void read_only_disk(const fs::path& folder, const fs::path& shown) {
  Objects objects;
  auto writer = new_token(folder, 5);
  const fs::path file = writer->path(), read_only = shown / file.filename();
  writer->check_user_pin(bytes_of(user_pin));
  for (int i = 0; i < 20; ++i) insert(*writer, "object " + std::to_string(i), objects);

  // While another process writes: it is seen.
  auto reader = SoftStore::open(read_only);
  expect_read_only(*reader, objects);
  const auto before = reader->list();
  expect(reader->generation() == before.generation, "the generation");
  insert(*writer, "object 1001", objects);
  insert(*writer, "object 1002", objects);
  insert(*writer, "object 1003", objects);
  expect(reader->generation() != before.generation, "another process's changes are not noticed");
  expect(reader->list().objects.size() >= before.objects.size(), "another process's changes are not seen");
  expect_read_only(*reader, objects);

  // After it closed the file, which takes the log away.
  reader.reset();
  writer.reset();
  expect(!fs::exists(file.string() + "-wal"), "the log is still there");
  reader = SoftStore::open(read_only);
  expect_read_only(*reader, objects);

  // A reader without any log, and a writer that comes and goes.
  writer = SoftStore::open(file);
  writer->check_user_pin(bytes_of(user_pin));
  insert(*writer, "object 1004", objects);
  expect(reader->list().generation == writer->list().generation, "another process's changes are not seen");
  writer.reset();
  expect_read_only(*reader, objects);
  reader.reset();

  // After a process that died, whose changes are in the log.
  write_and_die(file, objects);
  expect(fs::exists(file.string() + "-wal"), "the log is not there");
  reader = SoftStore::open(read_only);
  expect_read_only(*reader, objects);
  reader.reset();

  writer = SoftStore::open(file);
  writer->check_user_pin(bytes_of(user_pin));
  judge(*writer, objects);
  std::cout << "a read-only disk, user " << getuid() << ": " << objects.size() << " objects, nothing lost"
            << std::endl;
}

void show_read_only(const fs::path& folder, const fs::path& shown, unsigned owner) {
  fs::create_directories(folder);
  fs::permissions(folder, fs::perms::owner_all);
  expect(chown(folder.c_str(), owner, owner) == 0, "chown");
  mount_or_skip(folder.c_str(), shown, nullptr, MS_BIND, nullptr);
  mount_or_skip(nullptr, shown, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr);
}

struct Unmount {
  fs::path where;
  ~Unmount() { umount2(where.c_str(), MNT_DETACH); }
};

void disks(const Options& options) {
  own_mounts();
  const test::TempFolder folder(options.folder);
  fs::permissions(folder.path(), static_cast<fs::perms>(0755));
  {
    const Unmount full{folder.path() / "full"};
    in_child(0, [&] { full_disk(full.where); });
  }
  for (const unsigned owner : {0U, nobody}) {
    const fs::path here = folder.path() / std::to_string(owner);
    const Unmount shown{here / "shown"};
    show_read_only(here / "tokens", shown.where, owner);
    in_child(owner, [&] { read_only_disk(here / "tokens", shown.where); });
  }
}

}  // namespace

int main(int argc, char** argv) { return run(argc, argv, Options{}, disks); }
