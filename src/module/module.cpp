#include "module/module.hpp"

#include <algorithm>
#include <chrono>

#include "base/log.hpp"
#include "mechanism/families.hpp"
#include "module/virtual_reader.hpp"

namespace jpki::module {

Module::Module(Config config, View view)
    : config_(std::move(config)), view_(view), sessions_(mechanism::registry()) {
  if (config_.pcsc) pcsc_.emplace(pcsc::Api{}, std::chrono::seconds(config_.card_wait));
  if (!config_.soft_tokens.empty())
    soft_.emplace(SoftFolder{config_.soft_tokens, config_.soft, mechanism::registry()}, view_);
}

Module::~Module() { sessions_.close_all(); }

// --- Slots
// -------------------------------------------------------------------------------------------------------

void Module::add(std::shared_ptr<apdu::Reader> reader, bool card_is_news) {
  Known known;
  known.place = std::make_shared<ReaderPlace>(std::move(reader), roles_of(view_), config_.card);
  if (!card_is_news) known.reported = known.place->presence();
  for (const card::Role role : roles_of(view_)) {
    known.slots.push_back(slots_.size());
    slots_.push_back(std::make_unique<ReaderSlot>(slots_.size(), known.place, role));
  }
  readers_.push_back(std::move(known));
}

/// `card_is_news`: a card in a reader that is new is an event to tell.
void Module::discover(bool card_is_news) {
  auto present = pcsc_ ? pcsc_->readers() : std::vector<std::shared_ptr<apdu::Reader>>{};
  const std::lock_guard lock(registry_);
  if (!discovered_) {
    for (std::size_t i = 0; i < config_.virtual_cards.size(); ++i)
      present.push_back(virtual_reader(config_.virtual_cards[i], i));
  }
  for (auto& reader : present) {
    const bool known = std::any_of(readers_.begin(), readers_.end(),
                                   [&](const Known& other) { return other.place->name() == reader->name(); });
    if (!known) add(std::move(reader), card_is_news && discovered_);
  }
  discover_soft_tokens();
  discovered_ = true;
}

void Module::discover_soft_tokens() {
  if (!soft_) return;
  for (auto& slot : soft_->discover(slots_.size())) slots_.push_back(std::move(slot));
}

/// Where nobody has looked for readers yet.
void Module::discover_first() {
  {
    const std::lock_guard lock(registry_);
    if (discovered_) return;
  }
  discover(false);
}

std::vector<CK_SLOT_ID> Module::slot_ids(bool with_token, bool grow) {
  grow ? discover(false) : discover_first();
  std::vector<core::Slot*> all;
  {
    const std::lock_guard lock(registry_);
    for (const auto& slot : slots_) all.push_back(slot.get());
  }
  std::stable_partition(all.begin(), all.end(), [](const core::Slot* slot) { return !slot->blank(); });
  std::vector<CK_SLOT_ID> ids;
  for (core::Slot* slot : all)
    if (!with_token || slot->token()) ids.push_back(slot->id());
  return ids;
}

/// An application may know the id from its configuration, or from a life of the library before this one, and
/// never ask for the list (5.5 does not demand it; Java does so).
core::Slot& Module::slot(CK_SLOT_ID id) {
  discover_first();
  const std::lock_guard lock(registry_);
  core::require(id < slots_.size(), CKR_SLOT_ID_INVALID);
  return *slots_[id];
}

// --- Events
// ------------------------------------------------------------------------------------------------------

std::optional<CK_SLOT_ID> Module::take_event(std::vector<pcsc::Seen>& seen) {
  const std::lock_guard lock(events_);
  std::vector<Known*> all;
  {
    const std::lock_guard registry(registry_);
    for (Known& known : readers_) all.push_back(&known);
  }
  seen.clear();
  for (Known* known : all) {
    const auto now = known->place->presence();
    seen.push_back({known->place->name(), now});
    if (now == known->reported) continue;
    known->reported = now;
    known->events = known->slots;
  }
  for (Known* known : all) {
    if (known->events.empty()) continue;
    const CK_SLOT_ID slot = known->events.front();
    known->events.erase(known->events.begin());
    return slot;
  }
  return std::nullopt;
}

std::optional<CK_SLOT_ID> Module::wait_for_event(bool block) {
  // In-process cards tell nobody that they were taken out: they are looked at in turns.
  const auto turn =
      config_.virtual_cards.empty() ? std::chrono::milliseconds(5000) : std::chrono::milliseconds(100);
  std::vector<pcsc::Seen> seen;
  for (;;) {
    core::require(!cancelled_.load(), CKR_CRYPTOKI_NOT_INITIALIZED);
    discover(true);
    if (const auto slot = take_event(seen)) return slot;
    if (!block) return std::nullopt;
    wait(seen, turn);
  }
}

void Module::wait(const std::vector<pcsc::Seen>& seen, std::chrono::milliseconds at_most) {
  if (pcsc_ && pcsc_->wait(seen, at_most)) return;
  std::unique_lock lock(events_);
  cancelled_changed_.wait_for(lock, at_most, [this] { return cancelled_.load(); });
}

void Module::cancel_waits() {
  {
    const std::lock_guard lock(events_);
    cancelled_.store(true);
  }
  cancelled_changed_.notify_all();
  if (pcsc_) pcsc_->cancel();
}

std::unique_ptr<Module> make_module() { return std::make_unique<Module>(read_config(), library_view); }

}  // namespace jpki::module
