// What OpenSSL does by itself, in its fastest pattern: everything that can be made before is made before, and
// kept.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <vector>

#include "bench/timing.hpp"
#include "client/error.hpp"

namespace jpki::bench::raw {

using Key = std::shared_ptr<EVP_PKEY>;

Key rsa(unsigned bits);
Key ec(const char* curve);
Key ed25519();
/// A thread's own: threads that share an RSA key share a lock.
Key copy(const Key& key);

/// A block that is ready: PKCS #1 v1.5 padding for RSA, none for EC.
Batch sign(const Key& key, const client::Bytes& block);
/// SHA-256 of the parts, and that signed.
Batch sign_hashed(const Key& key, const std::vector<client::Bytes>& parts);
/// Ed25519.
Batch sign_message(const Key& key, const client::Bytes& message);
/// Of a signature that this makes.
Batch verify(const Key& key, const client::Bytes& block);
/// With SHA-1, of a cryptogram that this makes.
Batch decrypt_oaep(const Key& key, const client::Bytes& text);
/// SHA-256.
Batch digest(const std::vector<client::Bytes>& parts);
Batch random(std::size_t size);

/// PKCS #8, DER.
client::Bytes document(const Key& key);
/// n, e, d, p, q, dP, dQ, qInv, each behind its length (4 bytes, big-endian).
client::Bytes numbers(const Key& key);
/// A self-signed certificate, DER. Of its name, which has eight digits, and its number, the copies differ.
client::Bytes certificate(const Key& key);

}  // namespace jpki::bench::raw
