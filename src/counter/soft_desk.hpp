// Software tokens that stand for a card's halves, made through the module as any program could.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "counter/desk.hpp"

namespace jpki::counter {

struct SoftOrder {
  std::string label;                  // of the tokens: "LABEL (authentication)" and "LABEL (signature)"
  std::filesystem::path folder;       // of software tokens
  std::filesystem::path module;       // the library that makes them
  std::optional<Secret> officer_pin;  // absent: one that nobody gets to know
};

struct SoftIssued {
  Issued issued;
  std::string label;
  std::filesystem::path file;
};

struct SoftHanded {
  std::string subject;
  std::vector<SoftIssued> tokens;
};

/// "LABEL (authentication)" or "LABEL (signature)".
std::string token_label(const std::string& label, vcard::Role role);
/// Throws UsageError for a label that tokens cannot have.
void require_label(const std::string& label);

/// Makes the tokens beside the folder's other ones, all or none: they are made in a folder of their own and
/// moved when they are whole. Throws DeskError, client::Error.
SoftHanded issue_soft(const SoftOrder& soft, CaFolder& ca, const Order& order);

}  // namespace jpki::counter
