// The rows of the card suite and their goals.
#pragma once

#include "bench/report.hpp"

namespace jpki::bench {

inline std::vector<Row> card_rows() {
  const auto apdus = [](double limit) { return Goal{"apdus", Bound::at_most, limit}; };
  const auto none = std::optional<Goal>();
  return {
      {"slots", "cold C_Initialize, C_GetSlotList(present)", apdus(5), {}},
      {"list-auth", "cold listing, authentication token", apdus(30), {}},
      {"list-sign", "cold listing, signature token", apdus(30), {}},
      {"token-auth", "C_GetTokenInfo, first, authentication", none, {}},
      {"login-auth", "  C_Login", apdus(3), {}},
      {"find-auth", "  search for the private key", none, {}},
      {"sign-auth-1", "  first signature", none, {}},
      {"sign-auth-2", "  second signature", apdus(2), {}},
      {"sign-auth-n", "  3rd to 10th signature, each", apdus(2), {}},
      {"token-sign", "C_GetTokenInfo, first, signature", none, {}},
      {"login-sign", "  C_Login", apdus(3), {}},
      {"find-sign", "  search for the private key", none, {}},
      {"sign-sign-1", "  first signature", none, {}},
      {"sign-sign-2", "  second signature", apdus(2), {}},
      {"sign-sign-n", "  3rd to 10th signature, each", apdus(2), {}},
      {"fresh-auth", "fresh process, authentication signature", apdus(22), {}},
      {"fresh-sign", "fresh process, signature-key signature", apdus(22), {}},
      {"certificate-sign", "first read of the signature certificate", none, {}},
      {"startup", "start-up: CPU ms more than an empty process", Goal{"cpu_ms", Bound::below, 3}, {}},
  };
}

inline std::vector<Column> card_columns() {
  return {{"APDUs", {"apdus"}, 0},
          {"to card", {"to_card"}, 0},
          {"from card", {"from_card"}, 0},
          {"ms", {"ms", "cpu_ms"}, 2}};
}

}  // namespace jpki::bench
