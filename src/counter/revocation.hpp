// Why certificates are revoked, and which of a person's: the counter's words and what the lists say of them.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "counter/register.hpp"

namespace jpki::counter {

/// Which certificates of the person a cause reaches.
enum class Reach : std::uint8_t {
  named,      // those that were named
  person,     // both
  signature,  // the signature certificate: it states what is no longer true
};

struct CauseRow {
  std::string_view word;
  Reason reason;
  Reach reach;
  bool is_event;  // of the resident register; otherwise the holder asks for it
  std::string_view text;
};

/// The holder's own: loss, theft, damage, misuse, own-wish.
std::vector<std::string> wishes();
/// Of the resident register: move, name, correction, address-renamed, death.
std::vector<std::string> events();
/// Throws std::out_of_range for another word.
const CauseRow& cause_row(std::string_view word);

/// What a certificate is revoked for when another one takes its place.
inline constexpr std::string_view renewed = "renewed";

/// `named`, and what the cause reaches besides: the person's other certificates that are valid still.
std::vector<std::uint32_t> reached(const Register& records, const std::vector<Entry>& named,
                                   const CauseRow& cause, service::Instant now);

}  // namespace jpki::counter
