#include "pcsc/patience.hpp"

#include <algorithm>
#include <thread>

#include "pcsc/reader_state.hpp"

namespace jpki::pcsc {
namespace {

constexpr std::chrono::milliseconds between_questions{10};
/// For a service that would answer at once, on a busy machine.
constexpr std::chrono::milliseconds for_an_answer{1000};

/// SCardEndTransaction is the one call that tells of another program's transaction and does not wait for its
/// end: pcsc-lite answers SCARD_E_SHARING_VIOLATION; and SCARD_E_NOT_TRANSACTED where there is none.
bool taken(const Api& api, SCARDHANDLE card) {
  return api.end(card, SCARD_LEAVE_CARD) == SCARD_E_SHARING_VIOLATION;
}

bool in_use(const Api& api, SCARDCONTEXT context, const std::string& reader) {
  SCARD_READERSTATE state{};
  state.szReader = reader.c_str();
  state.dwCurrentState = SCARD_STATE_UNAWARE;
  return api.status_change(context, 0, &state, 1) == SCARD_S_SUCCESS && is_shared(state.dwEventState);
}

}  // namespace

std::chrono::milliseconds Patience::left() const { return spent_ ? std::chrono::milliseconds{0} : at_most_; }

bool Patience::for_transaction(const Api& api, SCARDHANDLE card) {
  if (!taken(api, card)) {
    // What was just seen holds for the moment: nothing is waited for, not even for another link that waits.
    if (const std::unique_lock lock(mutex_, std::try_to_lock); lock.owns_lock()) spent_ = false;
    return true;
  }
  const std::lock_guard lock(mutex_);
  const auto until = std::chrono::steady_clock::now() + left();
  while (taken(api, card)) {
    if (std::chrono::steady_clock::now() >= until) {
      spent_ = true;
      return false;
    }
    std::this_thread::sleep_for(between_questions);
  }
  spent_ = false;
  return true;
}

bool Patience::for_connection(const Api& api, SCARDCONTEXT context, const std::string& reader) {
  const std::lock_guard lock(mutex_);
  const auto used = [&] { return in_use_ ? in_use_() : in_use(api, context, reader); };
  if (!knock_ && used()) knock_ = api.knock(reader);
  const bool answered = !knock_ || knock_->answered(std::max(left(), std::min(at_most_, for_an_answer)));
  if (answered) knock_.reset();
  spent_ = !answered;
  return answered;
}

}  // namespace jpki::pcsc
