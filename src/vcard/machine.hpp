// The JPKI application as a state machine. What is not sourced is marked "assumed" where it is decided.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "vcard/command.hpp"
#include "vcard/ef_map.hpp"
#include "vcard/folder.hpp"
#include "vcard/keys.hpp"
#include "vcard/status.hpp"

namespace jpki::vcard {

/// A file as the selected application shows it.
struct Ef {
  std::uint16_t id;
  EfType type;
  std::optional<Role> role;
};

class Machine {
 public:
  explicit Machine(Folder& folder) : folder_(folder) {}

  void power_off() { session_ = {}; }
  void warm_reset();
  Bytes transmit(ByteView bytes);

  /// One instruction: its class, its code, what answers it, and whether its data field may be shown in a log.
  struct Row {
    std::uint8_t cla, ins;
    Answer (Machine::*run)(const Command& command);
    bool log_data;
  };
  static std::span<const Row> rows();
  static const Row* find_row(std::uint8_t cla, std::uint8_t ins);

 private:
  enum class Application : std::uint8_t { none, security_domain, jpki, other };

  /// What ends with power. Verified PINs survive a warm reset, the rest does not.
  struct Session {
    bool fresh = true;
    std::array<bool, 2> verified{};
    Application application = Application::none;
    std::optional<std::uint16_t> current;
    Bytes held;  // response data that waits for GET RESPONSE
    unsigned other_tries = 3;
    Bytes challenge;  // of the issuer channel, as the next three
    bool issuer = false;
    Bytes outgoing, incoming;
  };

  Answer dispatch(const Command& command);
  Bytes deliver(const Command& command, Answer answer);
  Bytes hand_out(std::size_t limit, Bytes data);
  const Settings& settings() { return folder_.settings(); }
  const Switches& switches() { return settings().switches; }
  bool& verified(Role role) { return session_.verified[index_of(role)]; }

  // select.cpp
  Answer select(const Command& command);
  Answer select_application(const Command& command);
  Answer select_ef(const Command& command);
  Answer select_master(const Command& command);
  void enter(Application application);

  // files.cpp
  std::optional<Ef> find(std::uint16_t id);
  bool exists(const EfRow& row);
  bool exists_in_half(const EfRow& row);
  bool half_is_empty(std::optional<Role> role);
  Bytes content(const Ef& ef);
  Bytes certificate_content(const Ef& ef);
  Bytes token_info();
  Bytes availability();
  std::uint16_t read_rule(const Ef& ef);
  Answer read_binary(const Command& command);
  Answer get_data(const Command& command);

  // pins.cpp
  struct Found {
    std::uint16_t sw;
    std::optional<Ef> ef;
  };
  Found refer(std::uint8_t p2, EfType type);
  Answer verify(const Command& command);
  Answer verify_other(const Command& command);
  Answer query(Role role);
  Answer try_pin(Role role, ByteView pin);
  Answer change(const Command& command);

  // signing.cpp
  Answer sign(const Command& command);
  Answer sign_verbatim(Role role, ByteView payload);
  Answer sign_pss(Role role, ByteView payload);
  Answer sign_with(Role role, ByteView payload, KeyRing::Padding padding);
  Answer get_challenge(const Command& command);
  Answer get_response(const Command& command);
  Answer needs_terminal(const Command& command);
  Answer last_command(const Command& command);

  // issuer.cpp
  Answer issuer_challenge(const Command& command);
  Answer issuer_authenticate(const Command& command);
  Answer issuer_status(const Command& command);
  Answer issuer_generate(const Command& command);
  Answer issuer_public_key(const Command& command);
  Answer issuer_fetch(const Command& command);
  Answer issuer_load(const Command& command);
  Answer issuer_write(const Command& command);
  Answer issuer_read(const Command& command);
  Answer issuer_set_pin(const Command& command);
  Answer issuer_unblock(const Command& command);
  Answer issuer_set_kind(const Command& command);
  Answer issuer_erase(const Command& command);
  Answer issuer_end(const Command& command);
  Answer hold_outgoing(Bytes content);
  std::optional<Role> half(std::uint8_t p1);

  Folder& folder_;
  KeyRing keys_;
  Session session_;
};

}  // namespace jpki::vcard
