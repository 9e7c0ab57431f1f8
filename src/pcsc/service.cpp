#include "pcsc/service.hpp"

#include <algorithm>

#include "pcsc/errors.hpp"
#include "pcsc/link.hpp"

namespace jpki::pcsc {
namespace {

constexpr const char* reader_list_changed = "\\\\?PnP?\\Notification";
constexpr unsigned counter_shift = 16;  // pcsc-lite counts a reader's card events in the upper half of dwEventState
constexpr std::uint64_t counter_mask = 0xFFFF;

std::vector<std::string> split(const std::string& multi_string) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < multi_string.size() && multi_string[at] != '\0';) {
    names.emplace_back(multi_string.c_str() + at);
    at += names.back().size() + 1;
  }
  return names;
}

}  // namespace

/// The context for questions that touch no card. It is made anew when the service was lost; each time counts as a new
/// epoch, so that what was known before counts as stale.
class Service::Inquiry {
 public:
  explicit Inquiry(const Api& api) : api_(api), context_(api_) {}

  std::vector<std::string> names() {
    const std::lock_guard lock(mutex_);
    std::string list;
    const LONG code = ask([&] {
      DWORD size = 0;
      LONG result = api_.list_readers(context_.handle(), nullptr, nullptr, &size);
      if (result != SCARD_S_SUCCESS) return result;
      list.assign(size, '\0');
      return api_.list_readers(context_.handle(), nullptr, list.data(), &size);
    });
    return code == SCARD_S_SUCCESS ? split(list) : std::vector<std::string>{};
  }

  apdu::Presence presence(const std::string& reader) {
    const std::lock_guard lock(mutex_);
    SCARD_READERSTATE state{};
    const LONG code = ask([&] {
      state = {};
      state.szReader = reader.c_str();
      state.dwCurrentState = SCARD_STATE_UNAWARE;
      return api_.status_change(context_.handle(), 0, &state, 1);
    });
    if (code != SCARD_S_SUCCESS) return {};
    const std::uint64_t insertion = epoch_ << counter_shift | (state.dwEventState >> counter_shift & counter_mask);
    return {(state.dwEventState & SCARD_STATE_PRESENT) != 0, insertion};
  }

 private:
  /// Asks; where the service had been restarted meanwhile, once more.
  template <class Question>
  LONG ask(Question question) {
    LONG code = SCARD_E_NO_SERVICE;
    for (int attempt = 0; attempt < 2; ++attempt) {
      const bool fresh = !context_.is_open();
      code = context_.open();
      if (code == SCARD_S_SUCCESS) code = question();
      if (code == SCARD_S_SUCCESS || reason_of(code) != apdu::TransportError::Reason::service_lost) return code;
      context_.drop();
      ++epoch_;
      if (fresh) return code;
    }
    return code;
  }

  const Api api_;
  std::mutex mutex_;  // guards all below
  Context context_;
  std::uint64_t epoch_ = 0;
};

class Service::ServiceReader final : public apdu::Reader {
 public:
  ServiceReader(std::string name, const Api& api, std::shared_ptr<Inquiry> inquiry)
      : name_(std::move(name)), api_(api), inquiry_(std::move(inquiry)) {}
  [[nodiscard]] const std::string& name() const override { return name_; }
  [[nodiscard]] apdu::Presence presence() override { return inquiry_->presence(name_); }
  [[nodiscard]] std::unique_ptr<apdu::Link> connect() override { return pcsc::connect(api_, name_); }

 private:
  const std::string name_;
  const Api api_;
  const std::shared_ptr<Inquiry> inquiry_;
};

Service::Service(const Api& api) : api_(api), inquiry_(std::make_shared<Inquiry>(api_)) {}

std::vector<std::shared_ptr<apdu::Reader>> Service::readers() {
  std::vector<std::shared_ptr<apdu::Reader>> found;
  for (auto& name : inquiry_->names()) found.push_back(std::make_shared<ServiceReader>(std::move(name), api_, inquiry_));
  return found;
}

void Service::enter(Context* context) {
  const std::lock_guard lock(mutex_);
  if (!cancelled_) waiting_.insert(context);
}

void Service::leave(Context* context) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.erase(context);
  }
  left_.notify_all();
}

bool Service::wait(const std::vector<Seen>& seen, std::chrono::milliseconds at_most) {
  Context context(api_);
  if (context.open() != SCARD_S_SUCCESS) return false;
  std::vector<SCARD_READERSTATE> states;
  const auto names = inquiry_->names();  // one unknown name would spoil the question for all
  for (const Seen& reader : seen) {
    if (std::find(names.begin(), names.end(), reader.reader) == names.end()) continue;
    SCARD_READERSTATE state{};
    state.szReader = reader.reader.c_str();
    state.dwCurrentState = static_cast<DWORD>((reader.presence.insertion & counter_mask) << counter_shift) |
                           static_cast<DWORD>(reader.presence.present ? SCARD_STATE_PRESENT : SCARD_STATE_EMPTY);
    states.push_back(state);
  }
  SCARD_READERSTATE list{};
  list.szReader = reader_list_changed;
  states.push_back(list);
  struct Waiting {
    Service& service;
    Context& context;
    Waiting(Service& s, Context& c) : service(s), context(c) { service.enter(&context); }
    ~Waiting() { service.leave(&context); }
  };
  const Waiting waiting(*this, context);
  {
    const std::lock_guard lock(mutex_);
    if (cancelled_) return true;
  }
  const LONG code = api_.status_change(context.handle(), static_cast<DWORD>(at_most.count()), states.data(),
                                       static_cast<DWORD>(states.size()));
  return code == SCARD_S_SUCCESS || code == SCARD_E_TIMEOUT || code == SCARD_E_CANCELLED;
}

/// SCardCancel is lost where the wait is about to begin: it is said again until everybody has left.
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
