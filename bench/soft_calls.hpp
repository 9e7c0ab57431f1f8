// A module's calls as batches, in the way of programs that are in a hurry: nothing is allocated between them.
#pragma once

#include "bench/soft_token.hpp"

namespace jpki::bench {

using Parts = std::vector<client::Bytes>;

/// Where and with what: a session, a mechanism, a key.
struct Use {
  const CK_FUNCTION_LIST* calls;
  CK_SESSION_HANDLE session;
  client::Mechanism mechanism;
  CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
};

Batch sign(const Use& use, const client::Bytes& data);
Batch sign_parts(const Use& use, const Parts& parts);
Batch verify(const Use& use, const client::Bytes& data, const client::Bytes& signature);
Batch decrypt(const Use& use, const client::Bytes& cryptogram);
/// One part goes by C_Digest.
Batch digest(const Use& use, const Parts& parts);
Batch random(const Use& use, std::size_t size);

}  // namespace jpki::bench
