#include "fake_service.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <stdexcept>

#include "base/hex.hpp"

namespace jpki::pcsc::test {
namespace {

FakeService* current = nullptr;

constexpr const char* pnp = "\\\\?PnP?\\Notification";

}  // namespace

/// A call that uses a context, from begin to end.
class FakeService::Use {
 public:
  Use(FakeService& service, SCARDCONTEXT context) : service_(service), context_(context) {
    auto& state = service_.contexts_.at(context_);
    if (state.busy) service_.misused_ = true;
    state.busy = true;
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() {
    const auto found = service_.contexts_.find(context_);
    if (found != service_.contexts_.end()) found->second.busy = false;
  }

 private:
  FakeService& service_;
  SCARDCONTEXT context_;
};

/// The functions of the table.
struct Calls {
  using Lock = std::unique_lock<std::mutex>;

  static LONG establish(DWORD scope, LPCVOID, LPCVOID, LPSCARDCONTEXT context) {
    const Lock lock(current->mutex_);
    if (const LONG code = current->told("establish", scope == SCARD_SCOPE_SYSTEM ? "system" : "other"))
      return code;
    *context = current->next_++;
    current->contexts_[*context] = {};
    return SCARD_S_SUCCESS;
  }

  static LONG release(SCARDCONTEXT context) {
    const Lock lock(current->mutex_);
    if (!current->known(context)) return SCARD_E_INVALID_HANDLE;
    if (current->contexts_[context].busy) current->misused_ = true;
    current->contexts_.erase(context);
    return SCARD_S_SUCCESS;
  }

  static LONG list_readers(SCARDCONTEXT context, LPCSTR, LPSTR readers, LPDWORD size) {
    const Lock lock(current->mutex_);
    if (const LONG code = current->told("list_readers", readers ? "content" : "size")) return code;
    if (!current->known(context)) return SCARD_E_INVALID_HANDLE;
    const FakeService::Use use(*current, context);
    if (current->slots_.empty()) return SCARD_E_NO_READERS_AVAILABLE;
    std::string list;
    for (const auto& [name, slot] : current->slots_) list += name + '\0';
    list += '\0';
    const bool fits = readers != nullptr && *size >= list.size();
    if (fits) std::memcpy(readers, list.data(), list.size());
    *size = list.size();
    return readers == nullptr || fits ? SCARD_S_SUCCESS : SCARD_E_INSUFFICIENT_BUFFER;
  }

  static LONG status_change(SCARDCONTEXT context, DWORD timeout, SCARD_READERSTATE* states, DWORD count) {
    Lock lock(current->mutex_);
    if (const LONG code = current->told("status_change", std::to_string(timeout))) return code;
    if (!current->known(context)) return SCARD_E_INVALID_HANDLE;
    if (count > PCSCLITE_MAX_READERS_CONTEXTS) return SCARD_E_INVALID_PARAMETER;
    const FakeService::Use use(*current, context);
    const std::size_t readers_before = current->slots_.size();
    for (DWORD i = 0; i < count; ++i)
      if (std::strcmp(states[i].szReader, pnp) != 0 && current->slots_.count(states[i].szReader) == 0)
        return SCARD_E_UNKNOWN_READER;
    if (timeout != 0 && current->before_wait) {
      lock.unlock();
      current->before_wait();
      lock.lock();
    }
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout);
    for (bool over = false;; over = current->changed_.wait_until(lock, end) == std::cv_status::timeout) {
      if (!current->known(context)) return SCARD_E_NO_SERVICE;
      bool news = false;
      for (DWORD i = 0; i < count; ++i) news = current->answer(states[i], readers_before) || news;
      auto& state = current->contexts_[context];
      if (state.cancelled) return SCARD_E_CANCELLED;
      if (news) return SCARD_S_SUCCESS;
      if (over || timeout == 0 || current->expired_) return SCARD_E_TIMEOUT;
      state.waits = true;
    }
  }

  static LONG cancel(SCARDCONTEXT context) {
    const Lock lock(current->mutex_);
    if (!current->known(context))
      current->misused_ = true;
    else if (current->contexts_[context].waits)
      current->contexts_[context].cancelled = true;
    return current->told("cancel", "");
  }

  static LONG connect(SCARDCONTEXT context, LPCSTR reader, DWORD share, DWORD protocols, LPSCARDHANDLE card,
                      LPDWORD protocol) {
    const Lock lock(current->mutex_);
    const std::string how =
        share == SCARD_SHARE_SHARED && protocols == SCARD_PROTOCOL_ANY ? "shared any " : "other ";
    if (const LONG code = current->told("connect", how + reader)) return code;
    if (!current->known(context)) return SCARD_E_INVALID_HANDLE;
    const FakeService::Use use(*current, context);
    const auto slot = current->slots_.find(reader);
    if (slot == current->slots_.end()) return SCARD_E_UNKNOWN_READER;
    if (!slot->second.present) return SCARD_E_NO_SMARTCARD;
    if ((slot->second.flags & SCARD_STATE_MUTE) != 0) return SCARD_W_UNRESPONSIVE_CARD;
    *card = current->next_++;
    *protocol = current->protocol;
    current->connections_[*card] = {context, reader};
    return SCARD_S_SUCCESS;
  }

  /// The connection's trouble, if it has one.
  static LONG of_connection(SCARDHANDLE card) {
    const auto found = current->connections_.find(card);
    if (found == current->connections_.end() || !current->known(found->second.context))
      return SCARD_E_INVALID_HANDLE;
    const auto slot = current->slots_.find(found->second.reader);
    if (slot == current->slots_.end()) return SCARD_E_READER_UNAVAILABLE;
    return found->second.trouble;
  }

  static LONG disconnect(SCARDHANDLE card, DWORD disposition) {
    const Lock lock(current->mutex_);
    const std::string how = disposition == SCARD_LEAVE_CARD     ? "leave"
                            : disposition == SCARD_UNPOWER_CARD ? "unpower"
                                                                : "other";
    if (const LONG code = current->told("disconnect", how)) return code;
    if (current->connections_.count(card) == 0) return SCARD_E_INVALID_HANDLE;
    current->connections_.erase(card);
    return SCARD_S_SUCCESS;
  }

  static LONG begin(SCARDHANDLE card) {
    const Lock lock(current->mutex_);
    if (const LONG code = current->told("begin", "")) return code;
    if (const LONG code = of_connection(card)) return code;
    ++current->connections_[card].transactions;
    return SCARD_S_SUCCESS;
  }

  static LONG end(SCARDHANDLE card, DWORD disposition) {
    const Lock lock(current->mutex_);
    const auto asked =
        current->connections_.find(card);  // a question whether another program has a transaction
    if (asked != current->connections_.end() && asked->second.transactions == 0) {
      if (const LONG code = current->told("ask", "")) return code;
      return current->rival ? SCARD_E_SHARING_VIOLATION : SCARD_E_NOT_TRANSACTED;
    }
    if (const LONG code = current->told("end", disposition == SCARD_LEAVE_CARD ? "leave" : "other"))
      return code;
    if (const LONG code = of_connection(card)) return code;
    --current->connections_[card].transactions;
    return SCARD_S_SUCCESS;
  }

  static LONG transmit(SCARDHANDLE card, const SCARD_IO_REQUEST* send, LPCBYTE command, DWORD command_size,
                       SCARD_IO_REQUEST*, LPBYTE response, LPDWORD response_size) {
    const Lock lock(current->mutex_);
    const ByteView bytes(command, command_size);
    if (const LONG code =
            current->told("transmit", "T" + std::to_string(send->dwProtocol - 1) + " " + to_hex(bytes)))
      return code;
    if (const LONG code = of_connection(card)) return code;
    const Bytes answer = current->card(bytes);
    if (answer.size() > *response_size) return SCARD_E_INSUFFICIENT_BUFFER;
    std::copy(answer.begin(), answer.end(), response);
    *response_size = answer.size();
    return SCARD_S_SUCCESS;
  }

  static std::unique_ptr<Knock> knock(const std::string& reader) {
    struct Answer final : Knock {
      bool answered(std::chrono::milliseconds) override { return !current->rival; }
    };
    const Lock lock(current->mutex_);
    static_cast<void>(current->told("knock", reader));
    return std::make_unique<Answer>();
  }

  static LONG control(SCARDHANDLE card, DWORD code, LPCVOID, DWORD, LPVOID out, DWORD out_size,
                      LPDWORD returned) {
    const Lock lock(current->mutex_);
    if (const LONG failure = current->told("control", std::to_string(code))) return failure;
    if (const LONG failure = of_connection(card)) return failure;
    Bytes answer;
    if (!current->control) return SCARD_E_UNSUPPORTED_FEATURE;
    const LONG result = current->control(code, answer);
    if (answer.size() > out_size) return SCARD_E_INSUFFICIENT_BUFFER;
    std::copy(answer.begin(), answer.end(), static_cast<std::uint8_t*>(out));
    *returned = answer.size();
    return result;
  }
};

FakeService::FakeService() {
  if (current != nullptr) throw std::logic_error("one service at a time");
  current = this;
}
FakeService::~FakeService() { current = nullptr; }

Api FakeService::api() const {
  return {.establish = Calls::establish,
          .release = Calls::release,
          .list_readers = Calls::list_readers,
          .status_change = Calls::status_change,
          .cancel = Calls::cancel,
          .connect = Calls::connect,
          .disconnect = Calls::disconnect,
          .begin = Calls::begin,
          .end = Calls::end,
          .transmit = Calls::transmit,
          .control = Calls::control,
          .knock = Calls::knock};
}

/// Remembers the call; the code that a test wants for it, or the service's own.
LONG FakeService::told(const std::string& name, const std::string& arguments) {
  calls_.emplace_back(name, arguments);
  changed_.notify_all();
  auto& planned = failures_[name];
  if (!planned.empty()) {
    const LONG code = planned.front();
    planned.pop_front();
    return code;
  }
  return running_ ? SCARD_S_SUCCESS : SCARD_E_NO_SERVICE;
}

/// Fills in the state; whether it is news to who asks.
bool FakeService::answer(SCARD_READERSTATE& state, std::size_t readers_before) {
  if (std::strcmp(state.szReader, pnp) == 0) return slots_.size() != readers_before;
  const DWORD asked = state.dwCurrentState;
  if ((asked & SCARD_STATE_IGNORE) != 0) return false;
  const auto found = slots_.find(state.szReader);
  if (found == slots_.end()) {
    state.dwEventState = SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE | SCARD_STATE_CHANGED;
    return true;
  }
  const Slot& slot = found->second;
  DWORD now = slot.events << 16 | (slot.present ? SCARD_STATE_PRESENT | slot.flags : SCARD_STATE_EMPTY);
  constexpr DWORD compared = SCARD_STATE_MUTE | SCARD_STATE_UNAVAILABLE;
  const bool news = asked == SCARD_STATE_UNAWARE || (asked & compared) != (now & compared) ||
                    (slot.present && (asked & SCARD_STATE_EMPTY) != 0) ||
                    (!slot.present && (asked & SCARD_STATE_PRESENT) != 0) ||
                    ((asked & SCARD_STATE_INUSE) != 0 && (now & SCARD_STATE_INUSE) == 0) ||
                    (asked >> 16 != 0 && asked >> 16 != slot.events);
  state.dwEventState = news ? now | SCARD_STATE_CHANGED : now;
  return news;
}

void FakeService::plug(const std::string& reader) {
  const std::lock_guard lock(mutex_);
  slots_[reader] = {};
  changed_.notify_all();
}
void FakeService::unplug(const std::string& reader) {
  const std::lock_guard lock(mutex_);
  slots_.erase(reader);
  changed_.notify_all();
}
void FakeService::insert(const std::string& reader, DWORD flags) {
  const std::lock_guard lock(mutex_);
  slots_[reader] = {true, flags, slots_[reader].events + 1};
  changed_.notify_all();
}
void FakeService::remove(const std::string& reader) {
  const std::lock_guard lock(mutex_);
  slots_[reader] = {false, 0, slots_[reader].events + 1};
  for (auto& [handle, connection] : connections_)
    if (connection.reader == reader) connection.trouble = SCARD_W_REMOVED_CARD;
  changed_.notify_all();
}
void FakeService::stop() {
  const std::lock_guard lock(mutex_);
  running_ = false;
  contexts_.clear();
  connections_.clear();
  for (auto& [name, slot] : slots_) slot.events = 0;
  changed_.notify_all();
}
void FakeService::start() {
  const std::lock_guard lock(mutex_);
  running_ = true;
}
void FakeService::reset_cards(LONG code) {
  const std::lock_guard lock(mutex_);
  for (auto& [handle, connection] : connections_) connection.trouble = code;
}
void FakeService::expire() {
  const std::lock_guard lock(mutex_);
  expired_ = true;
  changed_.notify_all();
}
void FakeService::fail(const std::string& call, LONG code) {
  const std::lock_guard lock(mutex_);
  failures_[call].push_back(code);
}

std::vector<std::string> FakeService::calls(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> found;
  for (const auto& [call, arguments] : calls_)
    if (call == name) found.push_back(arguments);
  return found;
}
std::size_t FakeService::open_contexts() const {
  const std::lock_guard lock(mutex_);
  return contexts_.size();
}
std::size_t FakeService::open_connections() const {
  const std::lock_guard lock(mutex_);
  return connections_.size();
}
bool FakeService::misused() const {
  const std::lock_guard lock(mutex_);
  return misused_;
}
void FakeService::until_called(const std::string& name, std::size_t times) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] {
    return std::size_t(std::count_if(calls_.begin(), calls_.end(),
                                     [&](const auto& call) { return call.first == name; })) >= times;
  });
}

}  // namespace jpki::pcsc::test
