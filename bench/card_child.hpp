// The fresh processes of the card suite: each does one scenario with one module and tells what it cost.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cryptoki/cryptoki.hpp"

namespace jpki::bench {

/// A scenario by its name, and what it needs.
struct Errand {
  std::string scenario, module, log;
  std::string half;  // of the card, and the slot where this module has it
  CK_SLOT_ID slot = 0;
};

/// {"halves": {name: slot}, "steps": {row id: [{"apdus", "to_card", "from_card", "ms"}]}, "signature":
/// hexadecimal}; of these what the scenario has. The PIN comes from standard input.
nlohmann::json run_errand(const Errand& errand);

/// A process that loads libcrypto and nothing else: what starting is measured against.
void load_libcrypto();

}  // namespace jpki::bench
