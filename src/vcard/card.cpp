#include "vcard/card.hpp"

#include <utility>
#include <vector>

#include "base/file.hpp"
#include "vcard/apdu_log.hpp"
#include "vcard/faults.hpp"
#include "vcard/machine.hpp"
#include "vcard/presence.hpp"

namespace jpki::vcard {

std::optional<Bytes> Interceptor::before(Card&, ByteView) { return std::nullopt; }
void Interceptor::after(Card&, ByteView, Bytes&) {}

class Card::State {
 public:
  explicit State(const std::filesystem::path& path) : folder(path), machine(folder) { folder.settings(); }

  void log(const std::string& line) {
    if (const auto& wanted = folder.settings().apdu_log; wanted != own_log_path_) {
      own_log_path_ = wanted;
      own_log_.emplace(wanted.empty() ? wanted : folder.path() / wanted);
    }
    if (own_log_) own_log_->write(line);
    for (const auto& sink : sinks) sink(line);
  }

  void lose_power(std::string_view event) {
    if (!std::exchange(powered, false)) return;
    machine.power_off();
    log(power_line(event));
  }

  // A card that was taken out has lost its power, also if it is back.
  bool in_place() {
    if (powered && !(presence(folder.path()) == Presence{true, insertion})) lose_power("removed");
    return powered;
  }

  /// The script as it is now; null without one.
  Interceptor* script() {
    const auto path = faults_path.empty() ? folder.path() / file::faults : faults_path;
    const Stamp now = stamp_of(path);
    if (now == faults_stamp_) return faults_ ? &*faults_ : nullptr;
    faults_stamp_ = now;
    faults_.reset();
    try {
      load_faults(path);
    } catch (const FolderError& error) {
      log(fault_line(error.what()));
    }
    return faults_ ? &*faults_ : nullptr;
  }

  void load_faults(const std::filesystem::path& path) {
    constexpr std::size_t largest_script = 1 << 20;
    const auto text = read_file(path, largest_script);
    if (!text) return;
    faults_.emplace(parse_faults(text_of(*text)), [this](std::string_view fault) { log(fault_line(fault)); });
  }

  Folder folder;
  Machine machine;
  std::filesystem::path faults_path;
  std::uint64_t resets = 0;
  bool powered = false;
  std::uint64_t insertion = 0;
  Interceptor* interceptor = nullptr;
  bool intercepting = false;
  std::vector<std::function<void(std::string_view)>> sinks;

 private:
  Stamp faults_stamp_;
  std::optional<FaultScript> faults_;
  std::filesystem::path own_log_path_;
  std::optional<LogFile> own_log_;
};

std::unique_ptr<Card> Card::open(const std::filesystem::path& folder) {
  return std::unique_ptr<Card>(new Card(std::make_unique<State>(folder)));
}

Card::Card(std::unique_ptr<State> state) : state_(std::move(state)) {}
Card::~Card() = default;

const std::filesystem::path& Card::folder() const { return state_->folder.path(); }
Bytes Card::atr() const { return state_->folder.settings().atr; }
bool Card::powered() const { return state_->in_place(); }

void Card::power_on() {
  const Presence now = presence(folder());
  if (state_->in_place() || !now.present) return;
  state_->powered = true;
  state_->insertion = now.insertion;
  state_->log(power_line("on"));
}

void Card::power_off() {
  if (state_->in_place()) ++state_->resets;
  state_->lose_power("off");
}

void Card::reset() {
  if (!state_->in_place()) return;
  ++state_->resets;
  state_->machine.warm_reset();
  state_->log(power_line("reset"));
}

Bytes Card::transmit(ByteView command) {
  if (state_->intercepting) return exchange(command);
  Interceptor* const interceptor = state_->interceptor != nullptr ? state_->interceptor : state_->script();
  if (interceptor == nullptr) return exchange(command);
  struct Inside {
    explicit Inside(bool& f) : flag(f) { flag = true; }
    ~Inside() { flag = false; }
    bool& flag;
  } const inside(state_->intercepting);
  if (auto answer = interceptor->before(*this, command)) return std::move(*answer);
  Bytes response = exchange(command);
  interceptor->after(*this, command, response);
  return response;
}

Bytes Card::exchange(ByteView command) {
  if (!state_->in_place()) return {};
  Bytes response = state_->machine.transmit(command);
  state_->log(apdu_line(command, response));
  if (!state_->in_place()) return {};  // taken out while it worked
  return response;
}

void Card::log_to(const std::filesystem::path& file) {
  auto log = std::make_shared<LogFile>(file);
  log_to([log](std::string_view line) { log->write(std::string(line)); });
}

void Card::log_to(std::function<void(std::string_view line)> sink) {
  state_->sinks.push_back(std::move(sink));
}

std::uint64_t Card::resets() const { return state_->resets; }

void Card::faults_from(const std::filesystem::path& file) {
  state_->faults_path = file;
  state_->load_faults(file);
}

void Card::intercept(Interceptor* interceptor) { state_->interceptor = interceptor; }

}  // namespace jpki::vcard
