// Fault scripts: what goes wrong with a card, and at which command. docs/virtual-card.md has the words.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vcard/card.hpp"

namespace jpki::vcard {

/// One kind of fault. A fault strikes before the card has seen the command, or after it has answered.
struct FaultKind {
  std::string_view name;
  std::string_view argument;  // what it is, for people; empty: none
  std::string_view meaning;
  /// What is wrong with the argument; empty: nothing.
  std::string_view (*check)(std::string_view argument);
  /// Bytes returned by a fault that strikes before are the answer, and the card never sees the command.
  std::optional<Bytes> (*before)(Card& card, std::string_view argument);
  void (*after)(Card& card, std::string_view argument, Bytes& response);
};
std::span<const FaultKind> fault_kinds();

/// One line of a script.
struct Fault {
  unsigned at = 1;  // the number of the command, among those that `of` counts
  Bytes of;         // commands that begin so count; empty: all do
  bool after = false;
  const FaultKind* kind = nullptr;
  std::string argument;
  std::string text;  // the line
};

/// Throws FolderError, which names the line.
std::vector<Fault> parse_faults(std::string_view text);

/// Plays a script, once.
class FaultScript final : public Interceptor {
 public:
  /// `told`: each fault as it strikes.
  FaultScript(std::vector<Fault> faults, std::function<void(std::string_view fault)> told);
  std::optional<Bytes> before(Card& card, ByteView command) override;
  void after(Card& card, ByteView command, Bytes& response) override;

 private:
  struct Pending {
    Fault fault;
    unsigned counted = 0;
  };

  std::vector<Pending> pending_;
  std::function<void(std::string_view)> told_;
};

}  // namespace jpki::vcard
