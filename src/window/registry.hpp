// What the window asks of the CA behind it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "jpki/certificate.hpp"

namespace jpki::window {

enum class State : std::uint8_t { valid, revoked, expired, not_yet_valid };

/// One of a person's certificates: no personal data.
struct Item {
  service::Tier tier{};
  std::string serial;  // hexadecimal digits
  service::Instant first, last;
  State state = State::valid;
  std::optional<service::Instant> revoked = {};
};

struct Holder {
  std::string subject;         // ties the certificates of one person together
  Item own;                    // the one that was asked about
  std::vector<Item> all = {};  // every one that was issued to this person
};

class Registry {
 public:
  virtual ~Registry() = default;
  /// Empty for a certificate that none of this hierarchy's CAs has signed for a person.
  virtual std::optional<Holder> holder_of(const service::Certificate& certificate, service::Instant now) = 0;
  /// By the holder's own wish: all of these or none, and on the disk when it returns. False where one of them
  /// is revoked already.
  virtual bool revoke(const std::vector<std::string>& serials, service::Instant now) = 0;
  /// Whether there is a post certificate to sign receipts with.
  virtual bool seals() = 0;
  /// The receipt, signed with it (CMS with the text in it).
  virtual Bytes sealed(std::string_view receipt, service::Instant now) = 0;
};

}  // namespace jpki::window
