#include "pcsc/service.hpp"

#include <algorithm>

#include "pcsc/errors.hpp"
#include "pcsc/link.hpp"
#include "pcsc/reader_state.hpp"

namespace jpki::pcsc {
namespace {

constexpr const char* reader_list_changed = "\\\\?PnP?\\Notification";

std::vector<std::string> split(const std::string& multi_string) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < multi_string.size() && multi_string[at] != '\0';) {
    names.emplace_back(multi_string.c_str() + at);
    at += names.back().size() + 1;
  }
  return names;
}

}  // namespace

/// The context for questions that touch no card. It is made anew when the service was lost; each time counts
/// as a new epoch, so that what was known before counts as stale.
class Service::Inquiry {
 public:
  struct State {
    apdu::Presence presence;
    DWORD raw = SCARD_STATE_UNKNOWN;
  };

  explicit Inquiry(const Api& api) : api_(api), context_(api_) {}

  /// Empty also where the service is not there.
  std::vector<std::string> names() {
    const std::lock_guard lock(mutex_);
    std::string list;
    const LONG code = ask([&] { return list_readers(list); });
    return code == SCARD_S_SUCCESS ? split(list) : std::vector<std::string>{};
  }

  State state(const std::string& reader) {
    const std::lock_guard lock(mutex_);
    SCARD_READERSTATE state{};
    const LONG code = ask([&] {
      state = {};
      state.szReader = reader.c_str();
      state.dwCurrentState = SCARD_STATE_UNAWARE;
      return api_.status_change(context_.handle(), 0, &state, 1);
    });
    if (code != SCARD_S_SUCCESS) return {};
    constexpr unsigned width_of_events = 16;
    const bool present = (state.dwEventState & SCARD_STATE_PRESENT) != 0;
    return {{present, epoch_ << width_of_events | events_of(state.dwEventState)}, state.dwEventState};
  }

 private:
  /// The list may grow between the question for its size and the one for its content.
  LONG list_readers(std::string& list) {
    constexpr int attempts = 3;
    LONG code = SCARD_E_INSUFFICIENT_BUFFER;
    for (int i = 0; i < attempts && code == SCARD_E_INSUFFICIENT_BUFFER; ++i) {
      DWORD size = 0;
      code = api_.list_readers(context_.handle(), nullptr, nullptr, &size);
      if (code != SCARD_S_SUCCESS) return code;
      list.assign(size, '\0');
      code = api_.list_readers(context_.handle(), nullptr, list.data(), &size);
    }
    return code;
  }

  /// Asks; where the service was restarted since the last time, once more.
  template <class Question>
  LONG ask(Question question) {
    for (;;) {
      const bool fresh = !context_.is_open();
      LONG code = context_.open();
      if (code == SCARD_S_SUCCESS) code = question();
      if (reason_of(code) != apdu::TransportError::Reason::service_lost) return code;
      context_.drop();
      ++epoch_;
      if (fresh) return code;
    }
  }

  const Api api_;
  std::mutex mutex_;  // guards all below
  Context context_;
  std::uint64_t epoch_ = 0;
};

class Service::ServiceReader final : public apdu::Reader {
 public:
  ServiceReader(std::string name, const Api& api, std::shared_ptr<Inquiry> inquiry,
                std::chrono::milliseconds patience)
      : name_(std::move(name)),
        api_(api),
        inquiry_(std::move(inquiry)),
        patience_(std::make_shared<Patience>(patience, [inquiry = inquiry_, reader = name_] {
          return is_shared(inquiry->state(reader).raw);
        })) {}
  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] apdu::Presence presence() override { return inquiry_->state(name_).presence; }
  [[nodiscard]] std::unique_ptr<apdu::Link> connect() override {
    return pcsc::connect(api_, name_, patience_);
  }

 private:
  const std::string name_;
  const Api api_;
  const std::shared_ptr<Inquiry> inquiry_;
  const std::shared_ptr<Patience> patience_;
};

Service::Service(const Api& api, std::chrono::milliseconds patience)
    : api_(api), patience_(patience), inquiry_(std::make_shared<Inquiry>(api_)) {}

std::vector<std::shared_ptr<apdu::Reader>> Service::readers() {
  std::vector<std::shared_ptr<apdu::Reader>> found;
  for (auto& name : inquiry_->names())
    found.push_back(std::make_shared<ServiceReader>(std::move(name), api_, inquiry_, patience_));
  return found;
}

/// One wait, registered for cancel().
class Service::Waiting {
 public:
  Waiting(Service& service, Context& context) : service_(service), context_(context) {
    const std::lock_guard lock(service_.mutex_);
    cancelled_ = service_.cancelled_;
    service_.waiting_.insert(&context_);
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() {
    const std::lock_guard lock(service_.mutex_);
    service_.waiting_.erase(&context_);
    service_.left_.notify_all();
  }
  [[nodiscard]] bool cancelled() const { return cancelled_; }

 private:
  Service& service_;
  Context& context_;
  bool cancelled_ = false;
};

/// Empty: something is not as it was seen. The states point into `seen`.
std::optional<std::vector<SCARD_READERSTATE>> Service::questions(const std::vector<Seen>& seen) {
  const auto names = inquiry_->names();
  for (const auto& name : names)
    if (std::none_of(seen.begin(), seen.end(), [&](const Seen& other) { return other.reader == name; }))
      return std::nullopt;
  std::vector<SCARD_READERSTATE> states(1);
  states.front().szReader = reader_list_changed;
  for (const Seen& reader : seen) {
    // One unknown name would spoil the question for all.
    if (std::find(names.begin(), names.end(), reader.reader) == names.end()) continue;
    const auto now = inquiry_->state(reader.reader);
    if (now.presence != reader.presence) return std::nullopt;
    states.emplace_back();
    states.back().szReader = reader.reader.c_str();
    states.back().dwCurrentState = as_current(now.raw);
  }
  // More are not taken in one question; what is left out is seen when the time is over.
  if (states.size() > PCSCLITE_MAX_READERS_CONTEXTS) states.resize(PCSCLITE_MAX_READERS_CONTEXTS);
  return states;
}

bool Service::wait(const std::vector<Seen>& seen, std::chrono::milliseconds at_most) {
  Context context(api_);
  if (context.open() != SCARD_S_SUCCESS) return false;
  const Waiting waiting(*this, context);
  if (waiting.cancelled()) return true;
  auto states = questions(seen);
  if (!states) return true;
  const LONG code = api_.status_change(context.handle(), static_cast<DWORD>(at_most.count()), states->data(),
                                       static_cast<DWORD>(states->size()));
  return code == SCARD_E_TIMEOUT || code == SCARD_E_CANCELLED || code == SCARD_S_SUCCESS ||
         reason_of(code) == apdu::TransportError::Reason::removed;
}

/// pcsc-lite forgets an SCardCancel that comes before the wait has begun: it is said again, every 10 ms,
/// until everybody has left. The lock keeps contexts alive meanwhile.
void Service::cancel() {
  constexpr std::chrono::milliseconds again{10};
  std::unique_lock lock(mutex_);
  cancelled_ = true;
  while (!waiting_.empty()) {
    for (Context* context : waiting_) api_.cancel(context->handle());
    left_.wait_for(lock, again, [this] { return waiting_.empty(); });
  }
}

}  // namespace jpki::pcsc
