// DigestInfo (RFC 8017, A.2.4): what a signature by RSASSA-PKCS1-v1_5 is made over.
#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.hpp"

namespace jpki::token {

struct DigestInfo {
  std::string_view name;  // "sha256" and the like
  ByteView digest;
};

/// Empty where the block is not exactly the DigestInfo of a hash that is known here.
[[nodiscard]] std::optional<DigestInfo> digest_info_of(ByteView block);

}  // namespace jpki::token
