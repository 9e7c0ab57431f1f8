// CardUnit: one insertion of one card, which stands behind up to two tokens. It owns the link, its lock, the
// login state of both PINs, and what was read.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "apdu/transport.hpp"
#include "base/bytes.hpp"
#include "base/log.hpp"
#include "base/wiping_allocator.hpp"
#include "card/jpki/jpki_card.hpp"
#include "core/error.hpp"
#include "core/token.hpp"
#include "crypto/public_key.hpp"
#include "crypto/x509.hpp"
#include "token/card_options.hpp"

namespace jpki::token {

/// Told of every change of a PIN's state, and when the card is gone. Called with the unit's lock held.
class CardListener {
 public:
  virtual ~CardListener() = default;
  /// `number`: of this login; a key of an earlier one does not sign any more.
  virtual void logged_in(std::uint64_t number) = 0;
  virtual void login_lost() = 0;
  virtual void card_gone() = 0;
  /// What was read of this half's certificate may be wrong.
  virtual void certificate_doubted() = 0;
};

/// A certificate of the card, read and taken apart.
struct CardCertificate {
  /// It may tell name and address, which nobody is to find in memory when the PIN's holder has left.
  std::vector<std::uint8_t, WipingAllocator<std::uint8_t>> der;
  crypto::CertificateFields fields;
  std::optional<crypto::PublicKey> key;
};

enum class CertificateKind : std::uint8_t { user, ca };

/// Thread-safe: one lock around every use of the card. Functions throw core::Error.
///
/// The link is open while a session is (hold/release); otherwise it lives for one call. Multi-step work runs
/// in one PC/SC transaction. If the card was reset meanwhile, both logins are lost. After a VERIFY went out
/// the unit is `tainted` until it has taken the card's power away.
///
/// An isolated PIN (CardOptions) is in force for nobody else: whatever sends it takes the card's power away
/// in the same transaction. A context-specific login leaves its transaction open, and gives a permit for it:
/// the power goes when the last permit has ended.
class CardUnit {
 public:
  CardUnit(std::shared_ptr<apdu::Reader> reader, card::Identity identity, const CardOptions& options);
  CardUnit(const CardUnit&) = delete;
  CardUnit& operator=(const CardUnit&) = delete;
  ~CardUnit();

  [[nodiscard]] const card::Identity& identity() const { return identity_; }
  [[nodiscard]] const card::CardProfile& profile() const { return *identity_.profile; }
  [[nodiscard]] const card::Half& half(card::Role role) const { return *profile().half(role); }
  [[nodiscard]] const CardOptions& options() const { return options_; }
  /// RSA-PSS: wanted, and known of such a card.
  [[nodiscard]] bool does_pss(card::Role role) const { return options_.pss && half(role).key.pss; }

  void listen(card::Role role, CardListener* listener);

  [[nodiscard]] bool gone() const { return gone_.load(std::memory_order_acquire); }
  /// The reader says that this insertion is over.
  void mark_gone();

  /// Opens the link and selects the application.
  void hold();
  /// With the last hold the link is closed; where a PIN was verified, by taking the card's power away.
  void release();

  /// Empty where the counter could not be asked.
  [[nodiscard]] std::optional<card::PinStatus> pin_status(card::Role role);
  [[nodiscard]] card::PinResult login(card::Role role, ByteView pin);
  /// VERIFY for a role that is logged in already. `permit` is filled for an isolated one.
  [[nodiscard]] static card::PinResult verify(const std::shared_ptr<CardUnit>& unit, card::Role role,
                                              ByteView pin, std::shared_ptr<void>& permit);
  void logout(card::Role role);
  [[nodiscard]] card::PinResult change_pin(card::Role role, ByteView old_pin, ByteView new_pin);

  /// Ends logins that were not used for as long as the options say.
  void end_idle_logins();

  /// `login`: the number of the login that the key belongs to. A PSS signature does not leave unverified: the
  /// certificate is read for it.
  std::size_t sign(card::Role role, std::uint64_t login, const core::Scheme& scheme, ByteView block,
                   std::span<std::uint8_t> out);

  /// Read at first use, then remembered: until logout where it needs the PIN, else until the card leaves.
  /// Null where the card has none.
  [[nodiscard]] std::shared_ptr<const CardCertificate> certificate(card::Role role, CertificateKind kind);
  /// Without any exchange: null if it was not read yet.
  [[nodiscard]] std::shared_ptr<const CardCertificate> known_certificate(card::Role role,
                                                                         CertificateKind kind);

 private:
  struct Login {
    bool active = false;
    std::uint64_t number = 0;
    std::int64_t used = 0;  // when it was last needed
  };
  struct Remembered {
    bool read = false;
    std::shared_ptr<const CardCertificate> certificate;
    bool doubted = false;  // by a signature
    void forget() { read = false, certificate = nullptr; }
  };
  static std::size_t at(card::Role role) { return static_cast<std::size_t>(role); }
  Remembered& remembered(card::Role role, CertificateKind kind) {
    return certificates_[at(role)][static_cast<std::size_t>(kind)];
  }

  class Permit;
  class PowerOff;

  template <class Work>
  auto with_card(Work work);
  [[nodiscard]] card::PinResult verify(card::Role role, ByteView pin, Permit* permit);
  void read_while_verified(card::JpkiCard& card, card::Role role);
  void forget_pin(card::Role role);
  void end_permit(std::uint64_t transaction) noexcept;
  void close_link() noexcept;
  void open_link();
  void begin_transaction();
  void end_transaction() noexcept;
  [[nodiscard]] core::Error translate(const apdu::TransportError& error);
  void lose_login(card::Role role);
  void lose_logins();
  void lose_card_logins();
  void end_if_idle(card::Role role);
  void go_locked();
  void power_off() noexcept;
  void log_failure(const std::exception& error, log::Level level = log::Level::info) const;
  [[nodiscard]] bool logged_in(card::Role role) const { return logins_[at(role)].active; }
  /// Throws where the signature does not fit what was read of the card.
  void check(card::JpkiCard& card, card::Role role, const core::Scheme& scheme, ByteView block,
             ByteView signature);
  [[nodiscard]] std::shared_ptr<const CardCertificate> fetch(card::JpkiCard& card, card::Role role,
                                                             CertificateKind kind);
  [[nodiscard]] std::shared_ptr<const CardCertificate> read(card::JpkiCard& card, card::Role role,
                                                            CertificateKind kind);

  const std::shared_ptr<apdu::Reader> reader_;
  const card::Identity identity_;
  const CardOptions options_;
  std::atomic<bool> gone_{false};

  std::mutex mutex_;  // guards all below
  std::array<CardListener*, 2> listeners_{};
  std::unique_ptr<apdu::Link> link_;
  apdu::ChannelState channel_state_;
  bool application_selected_ = false;
  unsigned holds_ = 0;
  bool tainted_ = false;
  unsigned permits_ = 0;           // that keep this transaction open
  std::uint64_t transaction_ = 0;  // counts those that permits have kept
  std::array<Login, 2> logins_{};
  std::array<std::array<Remembered, 2>, 2> certificates_{};
};

}  // namespace jpki::token
