// One bit flipped anywhere in a token's file: each object is what it was or there is an error, and so it is
// with the PINs' counters, and with all of it after another change. In the log, which a crash leaves behind,
// a flipped bit may take back the last changes (SQLite takes what follows for unfinished): then all of it is
// as it was some change ago.
#include <fstream>
#include <iostream>
#include <vector>

#include "base/file.hpp"
#include "torture/support.hpp"

using namespace jpki;
using namespace jpki::torture;

namespace {

/// All that a token tells: by generation, because the log may lose some.
struct Truth {
  std::map<std::uint64_t, std::string> listings;         // generation -> listing after login
  std::map<std::uint64_t, std::string> public_listings;  // before
  std::map<std::uint64_t, std::string> facts;
  std::map<std::string, std::string> objects;  // id and version -> attributes
};

std::string text(const token::Listing& listing) {
  std::string all;
  for (const auto& listed : listing.objects) {
    all += std::to_string(listed.id) + "/" + std::to_string(listed.version) + ":" +
           torture::text(listed.brief) + "\n";
  }
  return all;
}

std::string text(const token::TokenFacts& facts) {
  const auto pin = [](const token::PinState& state) {
    return std::to_string(state.set) + "/" + std::to_string(state.left) + "/" + std::to_string(state.limit);
  };
  return facts.label + "," + facts.serial + "," + std::to_string(facts.flags) + "," + pin(facts.user) + "," +
         pin(facts.officer);
}

std::string key_of(const token::StoredObject& stored) {
  return std::to_string(stored.id) + "/" + std::to_string(stored.version) + (stored.sealed ? "sealed" : "");
}

void note_objects(SoftStore& store, const token::Listing& listing, Truth& truth) {
  for (const auto& listed : listing.objects) {
    const auto stored = store.load(listed.id);
    truth.objects[key_of(stored)] = torture::text(stored.attributes);
  }
}

/// What is there now, with and without a login (which leaves the counters as they are).
void note(SoftStore& store, SoftStore& logged_in, Truth& truth) {
  const auto open = store.list(), all = logged_in.list();
  truth.public_listings[open.generation] = text(open);
  truth.listings[all.generation] = text(all);
  truth.facts[all.generation] = text(store.facts());
  note_objects(store, open, truth);
  note_objects(logged_in, all, truth);
}

/// A token with `count` objects, which were changed and erased on the way. Its file, and its log while it is
/// open.
struct Sample {
  Bytes file, log;
  Truth truth;
};

Sample make_sample(const fs::path& folder, unsigned count) {
  Sample sample;
  auto store = new_token(folder, 5), other = SoftStore::open(store->path());
  other->check_user_pin(bytes_of(user_pin));
  const auto step = [&](const std::function<void()>& change) {
    change();
    note(*store, *other, sample.truth);
  };
  step([&] { other->check_officer_pin(bytes_of(wrong_pin)); });
  for (unsigned i = 0; i < count; ++i) {
    const std::string name = "object " + std::to_string(i);
    std::uint64_t id = 0;
    step([&] { id = other->insert(object(name, 1), secret_types); });
    if (i % 3 == 0) step([&] { other->replace(id, object(name, 2), secret_types); });
    if (i % 7 == 0) step([&] { other->erase(id); });
  }
  step([&] { other->check_user_pin(bytes_of(wrong_pin)); });
  sample.file = *read_file(store->path());
  sample.log = *read_file(store->path().string() + "-wal");
  return sample;
}

/// Without a log: the file of a token that was closed.
Sample closed_sample(const fs::path& folder, unsigned count) {
  Sample sample = make_sample(folder, count);
  sample.file = *read_file(token::soft_token_files(folder).front());
  sample.log.clear();
  return sample;
}

/// Tells what a flipped token does: 0 errors for none at all.
class Judge {
 public:
  Judge(const Truth& truth, fs::path file) : truth_(truth), file_(std::move(file)) {}

  unsigned errors() {
    std::unique_ptr<SoftStore> store;
    attempt([&] { store = SoftStore::open(file_); });
    if (!store) return errors_;
    attempt([&] { judge_facts(*store); });
    look(*store, truth_.public_listings);
    attempt([&] {
      const auto facts = store->facts();
      const auto check = store->check_user_pin(bytes_of(user_pin));
      expect(check.outcome == PinOutcome::accepted && check.left == facts.user.limit,
             "the PIN is another one");
    });
    if (store->holder() == SoftStore::Holder::user) look(*store, truth_.listings, 2);
    attempt([&] { store->insert(object("one more", 1), secret_types); });
    store.reset();
    attempt([&] { store = SoftStore::open(file_); });
    if (store) look_at_objects(*store);
    return errors_;
  }

 private:
  void attempt(const std::function<void()>& action) {
    try {
      action();
    } catch (const StoreError&) {
      ++errors_;
    }
  }

  void judge_facts(SoftStore& store) {
    const auto generation = store.list().generation;
    if (generation < truth_.facts.begin()->first) return;  // from before the token was ready
    const auto known = truth_.facts.find(generation);
    expect(known != truth_.facts.end() && known->second == text(store.facts()), "the token's facts changed");
  }

  /// `more`: how many changes the generation is ahead, by what was done here.
  void look(SoftStore& store, const std::map<std::uint64_t, std::string>& listings, std::uint64_t more = 0) {
    attempt([&] {
      const auto listing = store.list();
      if (listing.objects.empty() && listing.generation - more < listings.begin()->first) return;
      const auto known = listings.find(listing.generation - more);
      expect(known != listings.end() && known->second == text(listing), "the list of objects changed");
    });
    look_at_objects(store);
  }

  void look_at_objects(SoftStore& store) {
    for (std::uint64_t id = 1; id < 25; ++id) {
      attempt([&] {
        const auto stored = store.load(id);
        if (name_of(stored.attributes) == "one more") return;
        const auto known = truth_.objects.find(key_of(stored));
        expect(known != truth_.objects.end() && known->second == torture::text(stored.attributes),
               "object " + std::to_string(id) + " changed");
      });
    }
  }

  const Truth& truth_;
  const fs::path file_;
  unsigned errors_ = 0;
};

void write(const fs::path& file, ByteView bytes) {
  fs::remove(file);
  create_file(file, bytes);
}

unsigned errors_of(const Sample& sample, const fs::path& folder) {
  const fs::path file = folder / "flipped.token";
  for (const char* ending : {"", "-wal", "-shm", "-gen"}) fs::remove(file.string() + ending);
  write(file, sample.file);
  if (!sample.log.empty()) write(file.string() + "-wal", sample.log);
  return Judge(sample.truth, file).errors();
}

void flip(const Sample& whole, Bytes Sample::*where, const fs::path& folder, unsigned count,
          std::mt19937& random) {
  Sample sample = whole;
  const unsigned usual = errors_of(sample, folder);  // objects that are not there, or not without a login
  unsigned noticed = 0;
  for (unsigned i = 0; i < count; ++i) {
    Bytes& bytes = sample.*where;
    const std::size_t bit = random() % (bytes.size() * 8);
    const auto mask = static_cast<std::uint8_t>(1U << bit % 8);
    bytes[bit / 8] ^= mask;
    try {
      if (errors_of(sample, folder) != usual) ++noticed;
    } catch (const Failure& failure) {
      throw Failure(std::string(failure.what()) + ", with byte " + std::to_string(bit / 8) + " of " +
                    std::to_string(bytes.size()) + " ^ " + std::to_string(mask));
    }
    bytes[bit / 8] ^= mask;
  }
  std::cout << count << " bits flipped of " << (sample.*where).size() * 8 << ": " << noticed
            << " were noticed, the others changed nothing" << std::endl;
}

void flip_all(const Options& options) {
  const test::TempFolder folder(options.folder);
  std::mt19937 random(options.seed);
  fs::create_directory(folder.path() / "flipped");
  fs::permissions(folder.path() / "flipped", fs::perms::owner_all);
  std::cout << "the file of a closed token: ";
  flip(closed_sample(folder.path() / "closed", 20), &Sample::file, folder.path() / "flipped", options.count,
       random);
  std::cout << "the file of a token with a log: ";
  const Sample open = make_sample(folder.path() / "open", 8);
  flip(open, &Sample::file, folder.path() / "flipped", options.count / 5, random);
  std::cout << "the log: ";
  flip(open, &Sample::log, folder.path() / "flipped", options.count / 5, random);
}

}  // namespace

int main(int argc, char** argv) {
  Options usual;
  usual.count = 1000;
  return run(argc, argv, usual, flip_all);
}
