#include "module/soft_slots.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "core/error.hpp"
#include "token/soft_keys.hpp"
#include "token/soft_token.hpp"

namespace jpki::module {

using token::SoftStore;
using token::SoftToken;
using token::StoreError;

namespace {

/// The blanks that pad a label of C_InitToken are no part of it.
std::string_view trimmed(ByteView label) {
  const auto text = text_of(label);
  const auto last = text.find_last_not_of(' ');
  return last == std::string_view::npos ? std::string_view{} : text.substr(0, last + 1);
}

void complain(const std::filesystem::path& path, const StoreError& error) {
  log::warning("software token " + path.filename().string() + ": " + error.what());
}

}  // namespace

/// What a blank slot holds: a token on which C_InitToken alone can be called.
class SoftSlot::Blank final : public core::Token {
 public:
  explicit Blank(const core::MechanismTable& table) : offered_(token::soft_mechanisms(table)) {}
  [[nodiscard]] bool initialized() const override { return false; }
  [[nodiscard]] core::TokenInfo info() override {
    core::TokenInfo info;
    info.manufacturer = "JPKI";
    info.model = "software token";
    info.min_pin = token::min_soft_pin;
    info.max_pin = token::max_soft_pin;
    info.flags = CKF_RNG | CKF_LOGIN_REQUIRED;
    return info;
  }
  [[nodiscard]] std::span<const core::OfferedMechanism> mechanisms() const override { return offered_; }
  core::PinOutcome login(CK_USER_TYPE, ByteView) override { refuse(); }
  core::PinOutcome authenticate(ByteView, std::shared_ptr<void>&) override { refuse(); }
  void logout() override { refuse(); }
  core::PinOutcome set_pin(ByteView, ByteView) override { refuse(); }
  [[nodiscard]] std::shared_ptr<core::Object> compose(const core::Template&) override { refuse(); }

 private:
  [[noreturn]] static void refuse() { throw core::Error(CKR_TOKEN_NOT_RECOGNIZED); }
  const std::vector<core::OfferedMechanism> offered_;
};

SoftSlot::SoftSlot(CK_SLOT_ID id, const SoftFolder& folder, std::filesystem::path file)
    : Slot(id), folder_(folder), file_(std::move(file)) {}

SoftSlot::~SoftSlot() = default;

std::filesystem::path SoftSlot::file() const {
  const std::lock_guard lock(mutex_);
  return file_;
}

std::string SoftSlot::description() const {
  const auto name = file().stem().string();
  return name.empty() ? "Software token (uninitialized)" : "Software token " + name;
}

std::shared_ptr<core::Token> SoftSlot::token() {
  const std::lock_guard lock(mutex_);
  return open() ? token_ : nullptr;
}

/// While it has sessions, it is the token that they see.
std::shared_ptr<core::Token> SoftSlot::token_to_open() {
  const std::lock_guard lock(mutex_);
  if (token_ && token_->alive() && token_->sessions() > 0) return token_;
  return open() ? token_ : nullptr;
}

std::shared_ptr<core::Token> SoftSlot::known_token() {
  const std::lock_guard lock(mutex_);
  return token_;
}

/// `mutex_` is held.
bool SoftSlot::open() {
  if (file_.empty()) {
    if (!token_) token_ = std::make_shared<Blank>(folder_.mechanisms);
    return true;
  }
  std::error_code ignored;
  if (token_ && !std::filesystem::exists(file_, ignored)) static_cast<SoftToken&>(*token_).vanish();
  if (token_ && token_->alive()) return true;
  token_.reset();
  try {
    token_ = std::make_shared<SoftToken>(SoftStore::open(file_), folder_.mechanisms);
  } catch (const StoreError& error) {
    complain(file_, error);
  }
  return token_ != nullptr;
}

void SoftSlot::init_token(ByteView so_pin, ByteView label) {
  const std::lock_guard lock(mutex_);
  core::require(open(), CKR_TOKEN_NOT_PRESENT);
  token_->initialized() ? make_anew(so_pin, trimmed(label)) : make(so_pin, trimmed(label));
}

void SoftSlot::make(ByteView so_pin, std::string_view label) {
  token::check_new_soft_pin(so_pin);
  auto options = folder_.options;
  // What stands for a card's half is locked when that would be.
  if (const auto half = token::half_of(label))
    options.user_tries = card::profiles().front().half(*half)->pin.max_tries;
  auto store =
      token::in_standard_words([&] { return SoftStore::create(folder_.path, label, so_pin, options); });
  file_ = store->path();
  token_ = std::make_shared<SoftToken>(std::move(store), folder_.mechanisms);
}

void SoftSlot::make_anew(ByteView so_pin, std::string_view label) {
  core::require(token_->sessions() == 0, CKR_SESSION_EXISTS);
  const auto outcome = static_cast<SoftToken&>(*token_).reinitialize(so_pin, label);
  core::require(outcome != core::PinOutcome::locked, CKR_PIN_LOCKED);
  core::require(outcome == core::PinOutcome::accepted, CKR_PIN_INCORRECT);
}

// --- The folder
// --------------------------------------------------------------------------------------------------

bool SoftSlots::shows(const std::filesystem::path& file) const {
  if (view_ == View::both) return true;
  try {
    const auto half = token::half_of(SoftStore::open(file)->label());
    return half && roles_of(view_).front() == *half;
  } catch (const StoreError& error) {
    complain(file, error);
    return false;
  }
}

std::vector<std::unique_ptr<SoftSlot>> SoftSlots::discover(CK_SLOT_ID next) {
  std::vector<std::filesystem::path> known;
  for (const SoftSlot* slot : slots_) known.push_back(slot->file());
  std::vector<std::unique_ptr<SoftSlot>> fresh;
  const auto add = [&](std::filesystem::path file) {
    fresh.push_back(std::make_unique<SoftSlot>(next++, folder_, std::move(file)));
    slots_.push_back(fresh.back().get());
  };
  const auto is_known = [&](const auto& file) {
    return std::find(known.begin(), known.end(), file) != known.end();
  };
  try {
    for (auto& file : token::soft_token_files(folder_.path))
      if (!is_known(file) && shows(file)) add(std::move(file));
  } catch (const StoreError& error) {
    complain(folder_.path, error);
    return fresh;
  }
  if (view_ == View::both && !is_known("")) add("");
  return fresh;
}

}  // namespace jpki::module
