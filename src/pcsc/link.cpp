#include "pcsc/link.hpp"

#include <optional>

#include "base/log.hpp"
#include "pcsc/context.hpp"
#include "pcsc/errors.hpp"
#include "pcsc/features.hpp"

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
  CardLink(const Api& api, std::string reader) : api_(api), reader_(std::move(reader)), context_(api) {
    check(context_.open(), "SCardEstablishContext");
    check(open(), "SCardConnect");
  }
  CardLink(const CardLink&) = delete;
  CardLink& operator=(const CardLink&) = delete;
  ~CardLink() override {
    if (connected_) api_.disconnect(card_, SCARD_LEAVE_CARD);
  }

  void begin() override {
    const LONG code = api_.begin(card_);
    if (code == SCARD_S_SUCCESS) return;
    if (reason_of(code) != Reason::reset) throw error_of(code, "SCardBeginTransaction");
    check(open_anew(), "SCardConnect");
    throw error_of(code, "SCardBeginTransaction");
  }

  void end() noexcept override {
    if (connected_) api_.end(card_, SCARD_LEAVE_CARD);
  }

  Bytes transmit(ByteView command) override {
    constexpr std::size_t longest = 65536 + 2;
    Bytes response(longest);
    auto size = static_cast<DWORD>(response.size());
    const SCARD_IO_REQUEST* request = protocol_ == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    const LONG code = api_.transmit(card_, request, command.data(), static_cast<DWORD>(command.size()), nullptr,
                                    response.data(), &size);
    if (code != SCARD_S_SUCCESS) throw left_meanwhile(code) ? TransportError(Reason::removed, "the card left") : error_of(code, "SCardTransmit");
    response.resize(size);
    return response;
  }

  [[nodiscard]] std::size_t extended_limit() const override {
    if (!extended_) extended_ = max_apdu_data(api_, card_);
    return *extended_;
  }

  /// In a transaction, because pcscd refuses to disconnect while another program has one.
  bool power_off() noexcept override {
    LONG code = api_.begin(card_);
    if (code != SCARD_S_SUCCESS && reason_of(code) == Reason::reset) {
      code = open_anew();
      if (code == SCARD_S_SUCCESS) code = api_.begin(card_);
    }
    if (code == SCARD_S_SUCCESS) code = api_.disconnect(card_, SCARD_UNPOWER_CARD);
    connected_ = connected_ && code != SCARD_S_SUCCESS;
    return code == SCARD_S_SUCCESS || reason_of(code) == Reason::removed;
  }

 private:
  LONG open() noexcept {
    const LONG code =
        api_.connect(context_.handle(), reader_.c_str(), SCARD_SHARE_SHARED, protocols, &card_, &protocol_);
    connected_ = code == SCARD_S_SUCCESS;
    return code;
  }

  /// After a reset. SCardReconnect would do if it had been a warm one, but where another program took the power away,
  /// pcscd (1.9.9) gives it back only to a new connection: commands to the dark card would wait for ever.
  LONG open_anew() noexcept {
    if (connected_) api_.disconnect(card_, SCARD_LEAVE_CARD);
    return open();
  }

  /// pcscd asks a reader for its card several times a second: an exchange that fails because the card is being pulled
  /// fails before pcscd knows why. It gets a second to find out.
  [[nodiscard]] bool left_meanwhile(LONG code) {
    if (reason_of(code) != Reason::failed) return false;
    constexpr DWORD patience_ms = 1000;
    SCARD_READERSTATE state{};
    state.szReader = reader_.c_str();
    state.dwCurrentState = SCARD_STATE_UNAWARE;
    if (api_.status_change(context_.handle(), 0, &state, 1) != SCARD_S_SUCCESS) return false;
    if ((state.dwEventState & SCARD_STATE_PRESENT) == 0) return true;
    state.dwCurrentState = state.dwEventState & ~static_cast<DWORD>(SCARD_STATE_CHANGED);
    if (api_.status_change(context_.handle(), patience_ms, &state, 1) != SCARD_S_SUCCESS) return false;
    return (state.dwEventState & SCARD_STATE_PRESENT) == 0;
  }

  const Api& api_;
  const std::string reader_;
  Context context_;
  SCARDHANDLE card_{};
  DWORD protocol_ = 0;
  bool connected_ = false;
  mutable std::optional<std::size_t> extended_;
};

}  // namespace

std::unique_ptr<apdu::Link> connect(const Api& api, const std::string& reader) {
  return std::make_unique<CardLink>(api, reader);
}

}  // namespace jpki::pcsc
