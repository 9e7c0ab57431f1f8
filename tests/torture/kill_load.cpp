#include "torture/kill_load.hpp"

#include <unistd.h>

#include <iostream>
#include <vector>

namespace jpki::torture {
namespace {

void say(const std::string& line) {
  const std::string text = line + "\n";  // short enough to be written as a whole (pipe(7), PIPE_BUF)
  if (write(STDOUT_FILENO, text.data(), text.size()) != static_cast<ssize_t>(text.size())) _exit(4);
}

class Load {
 public:
  Load(std::string name, const fs::path& file, unsigned seed) : name_(std::move(name)), random_(seed) {
    std::getline(std::cin, pin_);
    store_ = SoftStore::open(file);
    expect(store_->check_user_pin(bytes_of(pin_)).outcome == PinOutcome::accepted, "login");
    for (const auto& listed : store_->list().objects) {
      const std::string label = name_of(listed.brief);
      if (label.front() == name_.front()) own_.push_back({label, listed.id, version_of(listed.brief)});
    }
  }

  void run() {
    say("ready");
    std::string word;
    std::getline(std::cin, word);
    for (;;) step(random_() % 100);
  }

 private:
  struct Own {
    std::string label;
    std::uint64_t id;
    unsigned version;
  };

  void step(unsigned dice) {
    if (dice < 40 && own_.size() < 60) return create();
    if (dice < 60 && !own_.empty()) return replace(random_() % own_.size());
    if (dice < 80 && !own_.empty()) return erase(random_() % own_.size());
    if (dice < 90 && wrong_ < most_wrong) return try_officer();
    if (name_.front() == 'A') try_user(dice % 3);
  }

  void create() {
    const std::string label = name_ + "." + std::to_string(++number_);
    say("c " + label);
    const auto id = store_->insert(object(label, 1), secret_types);
    say("C " + label + " " + std::to_string(id));
    own_.push_back({label, id, 1});
  }

  void replace(std::size_t which) {
    Own& own = own_[which];
    say("u " + own.label + " " + std::to_string(++own.version));
    store_->replace(own.id, object(own.label, own.version), secret_types);
    say("U " + own.label);
  }

  void erase(std::size_t which) {
    const Own own = own_[which];
    own_.erase(own_.begin() + static_cast<std::ptrdiff_t>(which));
    say("e " + own.label);
    store_->erase(own.id);
    say("E " + own.label);
  }

  void try_officer() {
    ++wrong_;
    say("w");
    expect(store_->check_officer_pin(bytes_of(wrong_pin)).outcome == PinOutcome::wrong, "officer");
    say("W");
  }

  void try_user(unsigned what) {
    if (what == 0 && left_ > 2) {
      say("x");
      left_ = store_->check_user_pin(bytes_of(wrong_pin)).left;
      return say("X");
    }
    const std::string fresh = "pin-" + std::to_string(random_());
    say(what == 1 ? "p " + fresh : "r");
    const auto result = what == 1 ? store_->change_user_pin(bytes_of(pin_), bytes_of(fresh))
                                  : store_->check_user_pin(bytes_of(pin_));
    expect(result.outcome == PinOutcome::accepted, "user");
    say(what == 1 ? "P" : "R");
    left_ = tries;
    if (what == 1) pin_ = fresh;
  }

  const std::string name_;
  std::mt19937 random_;
  std::string pin_;
  std::unique_ptr<SoftStore> store_;
  std::vector<Own> own_;
  unsigned number_ = 0, wrong_ = 0, left_ = tries;
};

}  // namespace

int load(const std::string& name, const fs::path& file, unsigned seed) {
  try {
    Load(name, file, seed).run();
  } catch (const StoreError& error) {
    say("! " + std::string(error.what()) + ", reason " + std::to_string(static_cast<int>(error.reason())));
  } catch (const std::exception& error) {
    say("! " + std::string(error.what()));
  }
  return 3;
}

}  // namespace jpki::torture
