// An OCSP responder (RFC 6960) for the CAs of one folder: answers from the register, signed by whom each CA
// has named for that.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "counter/crl.hpp"
#include "counter/draft.hpp"

namespace jpki::counter {

class Responder {
 public:
  /// Makes a key for each CA, in memory only, and certifies it for `period`. `issuers` are the folder's, and
  /// outlive the object.
  Responder(std::filesystem::path folder, std::vector<ListIssuer> issuers, Period period);

  /// The answer (DER) to a request (DER), whatever that is. Safe for several threads.
  [[nodiscard]] Bytes answer(ByteView request, service::Instant now) const;

 private:
  struct Signer {
    ListIssuer issuer;
    Authority own;
  };
  [[nodiscard]] const Signer* signer_for(const void* certificate_id) const;

  std::filesystem::path folder_;
  std::vector<Signer> signers_;
};

/// Serves it on host and port (0: any free one) until SIGTERM or SIGINT; tells the address on `out` when it
/// listens. POST, and GET with the request in the path (RFC 6960, A.1). Throws CaError where it cannot
/// listen.
void serve(const Responder& responder, const std::string& host, int port, std::ostream& out);

}  // namespace jpki::counter
