// A line in the audit log for a signature, where there is such a log.
#pragma once

#include <string_view>

#include "base/audit.hpp"
#include "base/scheme.hpp"
#include "crypto/public_key.hpp"

namespace jpki::token {

/// Which key, by the place where it is and the start of its public key's SHA-256; and the digest that was
/// signed (of another block than a hash, the block's SHA-256). Throws CKR_FUNCTION_FAILED where the line
/// cannot be written: the signature is then not given out.
void record_signature(std::string_view place, ByteView spki, const Scheme& scheme, ByteView block);

}  // namespace jpki::token
