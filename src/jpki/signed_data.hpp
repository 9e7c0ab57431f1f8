// Signatures over files: CMS SignedData (RFC 5652) with the signed attributes of CAdES-BES (ETSI EN 319
// 122-1, B-B level), detached or embedded, and bare ones. Content goes through in pieces, whatever its size.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/scheme.hpp"
#include "jpki/certificate.hpp"

namespace jpki::service {

/// What is signed. `read` fills a part of the buffer and says how much; 0 at the end.
struct Content {
  std::uint64_t size = 0;
  std::function<std::size_t(std::span<std::uint8_t>)> read;
};

/// The key: pads a DigestInfo and signs it (RSA PKCS #1 v1.5).
using SignBlock = std::function<Bytes(ByteView digest_info)>;
using Write = std::function<void(ByteView)>;

struct SignatureOrder {
  Certificate signer;
  std::vector<Certificate> others;  // the CA's, for whoever verifies
  Instant when;
  bool embedded = false;  // the content goes into the signature
};

/// The content is not as long as it was said, or the key's signature does not hold.
class SignatureError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Writes a ContentInfo in DER.
void write_signed_data(const SignatureOrder& order, const Content& content, const SignBlock& sign,
                       const Write& write);

/// The signature alone, over the SHA-256 digest of the content.
Bytes bare_signature(const Certificate& signer, const Content& content, const SignBlock& sign);

/// One signer of a SignedData.
struct Signer {
  bool holds = false;                      // the signature is the certificate's over this content
  std::optional<Certificate> certificate;  // empty where nobody has it: then nothing can be verified
  std::optional<Instant> when;             // signingTime: what the signer's clock said
  bool names_certificate = false;          // signingCertificate(V2) is there, and names this certificate
  std::string digest;                      // the hash's name, where it is one that can be forged: MD5, SHA-1
  bool counter_signed = false, time_stamped = false;  // has such attributes, which are not verified here
};

struct SignedData {
  bool embedded = false;
  std::vector<Signer> signers;
  std::vector<Certificate> certificates;  // all that came with it
};

/// Reads and verifies; whether the signers' certificates are valid is another question (validity.hpp). Empty
/// where `der` is no SignedData, or the content is missing. A detached signature's content is read in pieces.
/// `helpers`: where signers' certificates are looked for that did not come along.
std::optional<SignedData> verify_signed_data(ByteView der, const Content* detached,
                                             const std::vector<Certificate>& helpers = {});

/// A CMS or PKCS #7 structure as a file has it: DER as it is, a PEM text's first one decoded. Empty for a PEM
/// text with nothing of the kind.
Bytes signed_data_of_file(Bytes content);

bool verify_bare(const Certificate& signer, const Content& content, ByteView signature);

}  // namespace jpki::service
