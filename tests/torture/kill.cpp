// kill -9 at random moments, two processes at once, which create, change and destroy objects, try PINs and
// change them. What a process has been told is done must be there; what it was about to do may be, as a
// whole; and no counter may stand higher than the tries that were made allow.
//
// Each process (kill_load.hpp) says what it is about to do and that it was done.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <iostream>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

#include "torture/kill_load.hpp"

using namespace jpki;
using namespace jpki::torture;
using Clock = std::chrono::steady_clock;

namespace {

// --- a process under load, as the judge sees it

class Process {
 public:
  Process(const std::string& name, const fs::path& file, unsigned seed, const std::string& pin) {
    int in[2], out[2];
    expect(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0, "pipe");
    const std::string number = std::to_string(seed);
    pid_ = fork();
    expect(pid_ >= 0, "fork");
    if (pid_ == 0) {
      dup2(in[0], STDIN_FILENO);
      dup2(out[1], STDOUT_FILENO);
      execl("/proc/self/exe", "torture_kill", "--load", name.c_str(), file.c_str(), number.c_str(), nullptr);
      _exit(5);
    }
    close(in[0]);
    close(out[1]);
    in_ = in[1];
    out_ = out[0];
    tell(pin);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    if (pid_ > 0) end();
    close(in_);
    close(out_);
  }

  void tell(const std::string& line) {
    const std::string text = line + "\n";
    expect(write(in_, text.data(), text.size()) == static_cast<ssize_t>(text.size()), "telling a process");
  }
  void await_ready() {
    while (said_.find('\n') == std::string::npos) expect(read_more(), "a process did not start: " + said_);
    expect(said_.rfind("ready\n", 0) == 0, "a process did not start: " + said_);
  }
  void end() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  /// All lines that it said, once it has ended.
  std::vector<std::string> lines() {
    while (read_more()) {
    }
    std::istringstream in(said_);
    std::vector<std::string> all;
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  }

 private:
  bool read_more() {
    char buffer[65536];
    const ssize_t got = read(out_, buffer, sizeof buffer);
    if (got > 0) said_.append(buffer, static_cast<std::size_t>(got));
    return got > 0;
  }

  pid_t pid_ = -1;
  int in_ = -1, out_ = -1;
  std::string said_;
};

// --- the judge

/// What must be in the token, and what may be.
class Model {
 public:
  /// What one process said. A line in small letters that no other follows is what it died of.
  void take(const std::vector<std::string>& lines) {
    std::string about;
    for (const std::string& line : lines) {
      expect(line.front() != '!', "a process gave up: " + line);
      if (line == "ready") continue;
      ++steps_;
      if (std::islower(static_cast<unsigned char>(line.front())) != 0) {
        about = line;
      } else {
        done(about, line);
        about.clear();
      }
    }
    if (!about.empty()) perhaps(about);
  }

  void judge(SoftStore& store) {
    judge_counters(store.facts());
    judge_pin(store);
    std::set<std::string> found;
    const auto listing = store.list();
    for (const auto& listed : listing.objects) {
      const std::string name = name_of(listed.brief);
      expect(found.insert(name).second, name + " is there twice");
      judge_object(name, store.load(listed.id));
    }
    for (const auto& [name, state] : objects_) {
      expect(found.count(name) == 1 || state.may_be_gone, name + " was confirmed and is not there");
    }
    for (auto entry = objects_.begin(); entry != objects_.end();) {
      entry = found.count(entry->first) == 0 ? objects_.erase(entry) : std::next(entry);
    }
    for (auto& [name, state] : objects_) state.may_be_gone = false;
    expect(store.generation() == listing.generation, "the generation is wrong after a listing");
    expect(store.check_officer_pin(bytes_of(officer_pin)).left == tries, "the officer's PIN");
    officer_done_ = officer_perhaps_ = 0;
  }

  [[nodiscard]] const std::string& pin() const { return pin_; }
  [[nodiscard]] std::size_t steps() const { return steps_; }
  [[nodiscard]] std::size_t objects() const { return objects_.size(); }

 private:
  struct State {
    unsigned version;
    bool may_be_gone = false, may_be_next = false;
  };

  void done(const std::string& about, const std::string& line) {
    expect(!about.empty() && std::toupper(about.front()) == line.front(), "a process said " + line);
    std::istringstream words(about);
    std::string what, name;
    words >> what >> name;
    switch (about.front()) {
      case 'c':
        objects_[name] = {1};
        break;
      case 'u':
        ++objects_.at(name).version;
        break;
      case 'e':
        objects_.erase(name);
        break;
      case 'w':
        ++officer_done_;
        break;
      case 'x':
        --user_left_;
        break;
      case 'p':
        pin_ = name;
        [[fallthrough]];
      case 'r':
        user_left_ = tries;
        break;
      default:
        throw Failure("a process said " + line);
    }
  }

  void perhaps(const std::string& about) {
    std::istringstream words(about);
    std::string what, name;
    words >> what >> name;
    switch (about.front()) {
      case 'c':
        objects_[name] = {1, true};
        break;
      case 'u':
        objects_.at(name).may_be_next = true;
        break;
      case 'e':
        objects_.at(name).may_be_gone = true;
        break;
      case 'w':
        ++officer_perhaps_;
        break;
      default:
        user_perhaps_ = about.front();
        pin_perhaps_ = name;
    }
  }

  void judge_counters(const token::TokenFacts& facts) {
    const unsigned most = tries - officer_done_;
    expect(facts.officer.left <= most, "the officer's counter is too high");
    expect(facts.officer.left + officer_perhaps_ >= most, "the officer's counter is too low");
    const bool spent = user_perhaps_ != 0 && facts.user.left + 1 == user_left_;
    const bool put_back = (user_perhaps_ == 'r' || user_perhaps_ == 'p') && facts.user.left == tries;
    expect(
        facts.user.left == user_left_ || spent || put_back,
        "the user's counter is " + std::to_string(facts.user.left) + ", not " + std::to_string(user_left_));
  }

  void judge_pin(SoftStore& store) {
    if (user_perhaps_ == 'p' &&
        store.check_user_pin(bytes_of(pin_perhaps_)).outcome == PinOutcome::accepted) {
      pin_ = pin_perhaps_;
    }
    expect(store.check_user_pin(bytes_of(pin_)).outcome == PinOutcome::accepted,
           "the user PIN is not what it was");
    user_left_ = tries;
    user_perhaps_ = 0;
  }

  void judge_object(const std::string& name, const token::StoredObject& stored) {
    const auto known = objects_.find(name);
    expect(known != objects_.end(), name + " was erased and is there");
    State& state = known->second;
    const unsigned version = version_of(stored.attributes);
    expect(version == state.version || (state.may_be_next && version == state.version + 1),
           name + " has version " + std::to_string(version));
    expect(text(stored.attributes) == text(object(name, version)), name + " is not whole");
    state.version = version;
    state.may_be_next = false;
  }

  std::map<std::string, State> objects_;
  std::string pin_{user_pin}, pin_perhaps_;
  unsigned user_left_ = tries, officer_done_ = 0, officer_perhaps_ = 0;
  char user_perhaps_ = 0;
  std::size_t steps_ = 0;
};

void round(const fs::path& file, Model& model, std::mt19937& random, unsigned number) {
  std::vector<std::unique_ptr<Process>> processes;
  for (const std::string name : {"A", "B"}) {
    processes.push_back(
        std::make_unique<Process>(name + std::to_string(number), file, random(), model.pin()));
  }
  for (auto& process : processes) process->await_ready();
  for (auto& process : processes) process->tell("go");
  if (random() % 2 == 0) std::swap(processes[0], processes[1]);
  for (auto& process : processes) {  // one lives on for a while
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 20000));
    process->end();
  }
  for (auto& process : processes) model.take(process->lines());
}

void kill_many(const Options& options) {
  const test::TempFolder folder(options.folder);
  std::mt19937 random(options.seed);
  auto store = new_token(folder.path() / "tokens", tries);
  const fs::path file = store->path();
  Model model;
  const auto begin = Clock::now();
  unsigned kills = 0;
  const auto enough = [&] {
    if (options.count != 0) return kills >= options.count;
    return std::chrono::duration<double>(Clock::now() - begin).count() >= options.seconds;
  };
  for (unsigned number = 1; !enough(); ++number, kills += 2) {
    if (random() % 4 != 0) store.reset();  // mostly the two processes are the only ones
    round(file, model, random, number);
    if (!store) store = SoftStore::open(file);
    model.judge(*store);
  }
  std::cout << kills << " kills, " << model.steps() << " steps, " << model.objects()
            << " objects left: nothing lost" << std::endl;
  expect(model.steps() > kills, "the processes were killed before they did anything");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 5 && std::strcmp(argv[1], "--load") == 0) {
    return load(argv[2], argv[3], static_cast<unsigned>(std::stoul(argv[4])));
  }
  Options usual;
  usual.seconds = 15;
  return run(argc, argv, usual, kill_many);
}
