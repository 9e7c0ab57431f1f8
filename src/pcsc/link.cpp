#include "pcsc/link.hpp"

#include <algorithm>
#include <optional>

#include "base/secret.hpp"
#include "pcsc/context.hpp"
#include "pcsc/errors.hpp"
#include "pcsc/features.hpp"
#include "pcsc/reader_state.hpp"
#include "pcsc/tpdu.hpp"

namespace jpki::pcsc {
namespace {

using apdu::TransportError;
using Reason = TransportError::Reason;

constexpr DWORD protocols = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;

void check(LONG code, const char* call) {
  if (code != SCARD_S_SUCCESS) throw error_of(code, call);
}

class CardLink final : public apdu::Link {
 public:
  CardLink(const Api& api, std::string reader, std::shared_ptr<Patience> patience)
      : api_(api), reader_(std::move(reader)), patience_(std::move(patience)), context_(api_) {
    check(context_.open(), "SCardEstablishContext");
    if (!patience_->for_connection(api_, context_.handle(), reader_)) throw rival();
    const LONG code = open();
    // There is nothing yet that a reset could have taken from us.
    if (reason_of(code) == Reason::reset)
      throw TransportError(Reason::failed, "SCardConnect: the card is without power");
    check(code, "SCardConnect");
  }
  CardLink(const CardLink&) = delete;
  CardLink& operator=(const CardLink&) = delete;
  ~CardLink() override { close(SCARD_LEAVE_CARD); }

  void begin() override {
    if (!patience_->for_transaction(api_, card_)) throw rival();
    const LONG code = api_.begin(card_);
    in_transaction_ = code == SCARD_S_SUCCESS;
    if (in_transaction_) return;
    if (reason_of(code) == Reason::reset) check(open_anew(), "SCardConnect");
    throw error_of(code, "SCardBeginTransaction");
  }

  void end() noexcept override {
    if (connected_) api_.end(card_, SCARD_LEAVE_CARD);
    in_transaction_ = false;
  }

  Bytes transmit(ByteView command) override {
    if (protocol_ != SCARD_PROTOCOL_T0) return exchange(SCARD_PCI_T1, command);
    struct Wiped {
      Bytes bytes;
      ~Wiped() { wipe(bytes.data(), bytes.size()); }
    };
    const Wiped tpdu{for_t0(command)};
    return exchange(SCARD_PCI_T0, tpdu.bytes);
  }

  [[nodiscard]] std::size_t extended_limit() const override {
    if (!extended_) extended_ = protocol_ == SCARD_PROTOCOL_T0 ? 0 : max_apdu_data(api_, card_);
    return *extended_;
  }

  /// In a transaction, because while another program has one pcscd refuses to disconnect (1.9) or waits
  /// (2.3).
  bool power_off() noexcept override {
    LONG code = in_transaction_ ? SCARD_S_SUCCESS : begin_in_time();
    for (int resets = 0; resets < most_resets && reason_of(code) == Reason::reset; ++resets) {
      code = open_anew();
      if (code == SCARD_S_SUCCESS) code = begin_in_time();
    }
    if (code == SCARD_S_SUCCESS) code = close(SCARD_UNPOWER_CARD);
    close(SCARD_LEAVE_CARD);  // where that failed
    return code == SCARD_S_SUCCESS || reason_of(code) == Reason::removed;
  }

 private:
  static TransportError rival() {
    return {Reason::busy, "another program is in a transaction with the card and does not come to its end"};
  }

  LONG begin_in_time() noexcept {
    return patience_->for_transaction(api_, card_) ? api_.begin(card_) : SCARD_E_SHARING_VIOLATION;
  }

  LONG open() noexcept {
    const LONG code =
        api_.connect(context_.handle(), reader_.c_str(), SCARD_SHARE_SHARED, protocols, &card_, &protocol_);
    connected_ = code == SCARD_S_SUCCESS;
    return code;
  }

  LONG close(DWORD disposition) noexcept {
    if (!connected_) return SCARD_S_SUCCESS;
    const LONG code = api_.disconnect(card_, disposition);
    in_transaction_ = false;
    connected_ = disposition != SCARD_LEAVE_CARD && code != SCARD_S_SUCCESS;
    return code;
  }

  /// After a reset. SCardReconnect would do if it had been a warm one, but where another program took the
  /// power away, pcscd (1.9.9) gives it back only to a new connection: commands to the dark card would wait
  /// for ever.
  LONG open_anew() noexcept {
    close(SCARD_LEAVE_CARD);
    if (!patience_->for_connection(api_, context_.handle(), reader_)) return SCARD_E_SHARING_VIOLATION;
    return open();
  }

  Bytes exchange(const SCARD_IO_REQUEST* protocol, ByteView command) {
    constexpr std::size_t longest = 65536 + 2;
    Bytes response(longest);
    auto size = static_cast<DWORD>(response.size());
    LONG code = api_.transmit(card_, protocol, command.data(), static_cast<DWORD>(command.size()), nullptr,
                              response.data(), &size);
    // vpcd says success, and no byte, of a card that was pulled while it computed.
    if (code == SCARD_S_SUCCESS && size == 0) code = SCARD_E_NOT_TRANSACTED;
    if (reason_of(code) == Reason::failed && code != SCARD_S_SUCCESS) code = what_became(code);
    check(code, "SCardTransmit");
    response.resize(std::min<std::size_t>(size, longest));
    return response;
  }

  /// pcscd asks a reader for its card several times a second: an exchange that fails because the card is
  /// being pulled fails before pcscd knows why. It gets a second to find out. Returns the better code.
  [[nodiscard]] LONG what_became(LONG failure) {
    constexpr DWORD patience_ms = 1000;
    SCARD_READERSTATE state{};
    state.szReader = reader_.c_str();
    state.dwCurrentState = SCARD_STATE_UNAWARE;
    for (const DWORD patience : {DWORD{0}, patience_ms}) {
      const LONG code = api_.status_change(context_.handle(), patience, &state, 1);
      if (code != SCARD_S_SUCCESS) return reason_of(code) == Reason::failed ? failure : code;
      const bool other_card =
          patience != 0 && events_of(state.dwEventState) != events_of(state.dwCurrentState);
      if ((state.dwEventState & SCARD_STATE_PRESENT) == 0 || other_card) return SCARD_W_REMOVED_CARD;
      state.dwCurrentState = as_current(state.dwEventState);
    }
    return failure;
  }

  const Api api_;
  const std::string reader_;
  const std::shared_ptr<Patience> patience_;
  Context context_;
  SCARDHANDLE card_{};
  DWORD protocol_ = 0;
  bool connected_ = false;
  bool in_transaction_ = false;
  mutable std::optional<std::size_t> extended_;
};

}  // namespace

std::unique_ptr<apdu::Link> connect(const Api& api, const std::string& reader,
                                    std::shared_ptr<Patience> patience) {
  return std::make_unique<CardLink>(api, reader, std::move(patience));
}

}  // namespace jpki::pcsc
