// The PIN theorem (docs/threat-model.md): whatever is called in whatever order, and whatever goes wrong
// meanwhile, the cards see no more VERIFY with a PIN than PINs were submitted: one at most in a call that
// submits one, none in any other. What counts is the cards' own logs.
//
// JPKI_TORTURE_SEED and JPKI_TORTURE_COUNT choose the sequences; JPKI_TORTURE_FIRST begins later, so that
// one that failed can be had alone.
#include <cstdlib>
#include <iostream>
#include <random>
#include <span>

#include "stage.hpp"

using namespace scenario;

namespace {

std::uint32_t told(const char* variable, std::uint32_t otherwise) {
  const char* value = std::getenv(variable);
  return value == nullptr ? otherwise : static_cast<std::uint32_t>(std::stoul(value));
}

/// Plays one sequence.
class Player {
 public:
  Player(Stage& stage, std::uint32_t seed, std::uint32_t number)
      : stage_(stage), random_(make(seed, number)) {}

  void play() {
    open();
    const std::size_t calls = 4 + below(14);
    for (std::size_t i = 0; i < calls; ++i) {
      // A card that stays out for long is dull.
      if (below(3) == 0) stage_.card().insert();
      if (below(4) == 0) mishap();
      const Call& call = all_calls()[below(all_calls().size())];
      story_ += std::string(call.name) + "; ";
      const auto before = seen();
      (this->*call.make)();
      judge(call, before);
    }
    INFO(story_);
    stage_.check_pins();
  }

 private:
  struct Call {
    const char* name;
    void (Player::*make)();
    std::size_t pins;  // that it submits
  };
  static std::span<const Call> all_calls();

  static std::mt19937 make(std::uint32_t seed, std::uint32_t number) {
    std::seed_seq words{seed, number};
    return std::mt19937(words);
  }
  // Not std::uniform_int_distribution: a seed has to mean the same everywhere.
  std::size_t below(std::size_t limit) { return random_() % limit; }
  CK_SLOT_ID slot() { return below(2) == 0 ? auth_slot : sign_slot; }
  /// Mostly the last one, which most likely is still open; sometimes none at all.
  CK_SESSION_HANDLE session() {
    if (sessions_.empty() || below(20) == 0) return random_();
    return below(3) != 0 ? sessions_.back() : sessions_[below(sessions_.size())];
  }
  CK_OBJECT_HANDLE key() {
    if (keys_.empty()) return random_();
    return below(3) != 0 ? keys_.back() : keys_[below(keys_.size())];
  }
  /// For the half that the session belongs to: right, right once the PIN was changed, wrong. And for any: of
  /// the other half, or of no possible form.
  std::string pin(CK_SESSION_HANDLE with) {
    static const std::string of_half[2][4] = {{"1234", "1234", "9876", "4321"},
                                              {"ABC123", "abc123", "NEW456", "XYZ789"}};
    static const std::string any[] = {"1234", "0000", "ABC123", "XYZ789", "", "12"};
    if (below(5) == 0) return any[below(std::size(any))];
    return of_half[slot_of(with)][below(4)];
  }
  CK_SLOT_ID slot_of(CK_SESSION_HANDLE with) const {
    CK_SESSION_INFO info{};
    return stage_->C_GetSessionInfo(with, &info) == CKR_OK ? info.slotID : auth_slot;
  }

  Stage::Seen seen() const {
    auto both = stage_.seen();
    const auto other = stage_.seen_by_other();
    both.verifies += other.verifies;
    both.changes += other.changes;
    return both;
  }

  void judge(const Call& call, const Stage::Seen& before) {
    const auto after = seen();
    if (after.verifies - before.verifies > call.pins || after.changes - before.changes > call.pins)
      FAIL_CHECK(call.name << ": " << after.verifies - before.verifies << " VERIFY, "
                           << after.changes - before.changes << " CHANGE after " << story_);
    if (after.verifies > stage_.submitted)
      FAIL_CHECK(after.verifies << " VERIFY for " << stage_.submitted << " PINs");
  }

  // --- What goes wrong
  void mishap() {
    static const char* const kinds[] = {
        "before drop", "after drop",         "before pull",        "after pull",  "after mute",
        "before mute", "before answer 6F00", "before answer 63C1", "cut 1",       "garble 0",
        "garble -1",   "garble -2",          "before reset",       "after reset", "before power",
        "after power", "after answer 6982",  "before answer 9000"};
    const std::size_t which = below(std::size(kinds) + 5);
    const std::string at = "at " + std::to_string(1 + below(5)) + ' ';
    if (which < std::size(kinds)) return script(at + kinds[which]);
    switch (which - std::size(kinds)) {
      case 0:
        return script(at + "before swap " + stage_.other().string());
      case 1:
        return script(at + "after swap " + stage_.other().string());
      case 2:
        return script(at + "before select " + rival_application);
      case 3:
        story_ += "(remove) ";
        return stage_.card().remove();
      default:
        story_ += "(insert) ";
        return stage_.card().insert();
    }
  }
  void script(const std::string& line) {
    story_ += '(' + line + ") ";
    stage_.script(line);
  }

  // --- Calls
  void open() {
    CK_SESSION_HANDLE opened = 0;
    if (stage_.open(slot(), opened) == CKR_OK) sessions_.push_back(opened);
  }
  void close() { stage_.answer("C_CloseSession", stage_->C_CloseSession(session())); }
  void close_all() { stage_.answer("C_CloseAllSessions", stage_->C_CloseAllSessions(slot())); }
  void login_as(CK_USER_TYPE user) {
    const auto with = session();
    stage_.login(with, pin(with), user);
  }
  void login() { login_as(CKU_USER); }
  void login_officer() { login_as(CKU_SO); }
  void login_context() { login_as(CKU_CONTEXT_SPECIFIC); }
  void no_pin() { stage_.answer("C_Login", stage_->C_Login(session(), CKU_USER, nullptr, 0)); }
  void logout() { stage_.answer("C_Logout", stage_->C_Logout(session())); }
  void set_pin() {
    const auto with = session();
    const auto from = pin(with), to = pin(with);
    stage_.set_pin(with, from, to);
  }
  void find_key(CK_SESSION_HANDLE with) {
    CK_OBJECT_HANDLE found = CK_INVALID_HANDLE;
    if (stage_.find_key(with, found) == CKR_OK && found != CK_INVALID_HANDLE) keys_.push_back(found);
  }
  void find_any_key() { find_key(session()); }
  void read() {
    std::vector<CK_OBJECT_HANDLE> found;
    const auto with = session();
    stage_.find_all(with, found);
    for (const auto object : found) stage_.inspect(with, object);
  }
  void sign_init() { stage_.sign_init(session(), key()); }
  void sign() {
    const auto with = session();
    if (below(3) != 0) find_key(with);
    if (stage_.sign_init(with, key()) != CKR_OK) return;
    sign_now(with);
  }
  void sign_open_operation() { sign_now(session()); }
  void sign_now(CK_SESSION_HANDLE with) { stage_.sign_now(with, slot_of(with)); }
  void token_info() {
    CK_TOKEN_INFO info{};
    stage_.answer("C_GetTokenInfo", stage_->C_GetTokenInfo(slot(), &info));
  }
  void slots() {
    CK_SLOT_ID found[8];
    CK_ULONG count = std::size(found);
    stage_.answer("C_GetSlotList", stage_->C_GetSlotList(CK_TRUE, found, &count));
  }
  void life() {
    stage_->C_Finalize(nullptr);
    stage_.world().initialize();
    sessions_.clear();
    keys_.clear();
  }

  Stage& stage_;
  std::mt19937 random_;
  std::vector<CK_SESSION_HANDLE> sessions_;
  std::vector<CK_OBJECT_HANDLE> keys_;
  std::string story_;
};

std::span<const Player::Call> Player::all_calls() {
  static constexpr Call rows[] = {
      {"open", &Player::open, 0},
      {"open", &Player::open, 0},
      {"open", &Player::open, 0},
      {"close", &Player::close, 0},
      {"close all", &Player::close_all, 0},
      {"login", &Player::login, 1},
      {"login", &Player::login, 1},
      {"login", &Player::login, 1},
      {"login as officer", &Player::login_officer, 1},
      {"login for the context", &Player::login_context, 1},
      {"login without PIN", &Player::no_pin, 0},
      {"logout", &Player::logout, 0},
      {"set PIN", &Player::set_pin, 1},
      {"find key", &Player::find_any_key, 0},
      {"find key", &Player::find_any_key, 0},
      {"read", &Player::read, 0},
      {"begin to sign", &Player::sign_init, 0},
      {"sign", &Player::sign, 0},
      {"sign", &Player::sign, 0},
      {"end to sign", &Player::sign_open_operation, 0},
      {"token info", &Player::token_info, 0},
      {"slots", &Player::slots, 0},
      {"finalize, initialize", &Player::life, 0},
  };
  return rows;
}

constexpr const char *always = "[card.always_authenticate]\nsignature = true\n",
                     *isolated = "[card.isolation]\nauthentication = 'power-off'\nsignature = 'power-off'\n";

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint32_t usual_count = 200;
#else
constexpr std::uint32_t usual_count = 3000;
#endif

}  // namespace

TEST_CASE("random sequences of calls, with faults, send no PIN that was not submitted") {
  const std::uint32_t seed = told("JPKI_TORTURE_SEED", 20261125), first = told("JPKI_TORTURE_FIRST", 0),
                      count = told("JPKI_TORTURE_COUNT", usual_count);
  std::size_t submitted = 0, verifies = 0, signatures = 0;
  for (const char* configuration : {"", always, isolated}) {
    Stage stage(configuration);
    for (std::uint32_t number = first; number < first + count / 3; ++number) {
      stage.renew();
      INFO("seed " << seed << ", sequence " << number << ", " << configuration);
      Player player(stage, seed, number);
      player.play();
      submitted += stage.submitted;
      verifies += stage.seen().verifies + stage.seen_by_other().verifies;
      CHECK(verifies <= submitted);
    }
    signatures += stage.signed_rightly;
  }
  std::cout << "seed " << seed << ": " << count << " sequences, " << submitted << " PINs submitted, "
            << verifies << " VERIFY with a PIN, " << signatures << " signatures" << std::endl;
  if (count < 100) return;  // one alone need not do everything
  CHECK(verifies > count / 10);
  CHECK(signatures > 0);
}
