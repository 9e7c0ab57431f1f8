// Keys in this process's memory behind core's ports, and the way between them and the attributes of key
// objects.
#pragma once

#include <memory>
#include <vector>

#include "core/attribute_map.hpp"
#include "core/mechanism.hpp"
#include "crypto/private_key.hpp"
#include "token/host_keys.hpp"

namespace jpki::token {

/// Sizes of RSA keys that are taken, made and offered, in bits.
inline constexpr std::size_t min_rsa_bits = 2048, max_rsa_bits = 4096;

class SoftPrivateKey final : public core::PrivateKey {
 public:
  SoftPrivateKey(crypto::PrivateKey key, bool always_authenticate)
      : key_(std::move(key)), always_authenticate_(always_authenticate) {}
  [[nodiscard]] CK_KEY_TYPE type() const override;
  [[nodiscard]] std::size_t bits() override { return key_.bits(); }
  [[nodiscard]] bool always_authenticate() const override { return always_authenticate_; }
  std::size_t sign(const core::Scheme& scheme, ByteView block, std::span<std::uint8_t> out) override;
  std::size_t decrypt(const core::Scheme& scheme, ByteView block, std::span<std::uint8_t> out) override;

  [[nodiscard]] const crypto::PrivateKey& key() const { return key_; }
  /// To be called when the key's object dies or its login ends: the key is overwritten, whoever holds this
  /// still (a session that signed with it), and answers CKR_USER_NOT_LOGGED_IN from here on.
  void close() noexcept { key_.close(); }

 private:
  crypto::PrivateKey key_;
  const bool always_authenticate_;
};

/// Where a private key's numbers are from: anywhere, or what was checked once and has been under a seal
/// since.
enum class Numbers : std::uint8_t { given, sealed };

/// The key of a private or public key object. CKR_TEMPLATE_INCOMPLETE; CKR_ATTRIBUTE_VALUE_INVALID for
/// numbers that are no key or do not belong together, and for RSA keys of other sizes;
/// CKR_CURVE_NOT_SUPPORTED, CKR_DOMAIN_PARAMS_INVALID.
std::shared_ptr<SoftPrivateKey> make_private_key(const core::AttributeMap& object,
                                                 Numbers numbers = Numbers::given);
std::shared_ptr<HostPublicKey> make_public_key(const core::AttributeMap& object);

/// What an imported key object shows besides its template's attributes: numbers that the template left out,
/// and CKA_PUBLIC_KEY_INFO. CKR_ATTRIBUTE_VALUE_INVALID where the template's own CKA_PUBLIC_KEY_INFO is
/// another key's (PKCS#11 3.2, 4.9 f.).
core::AttributeMap computed_attributes(const core::AttributeMap& object, const SoftPrivateKey& key);
core::AttributeMap computed_attributes(const core::AttributeMap& object, const HostPublicKey& key);

/// A fresh pair, with what the mechanism contributes to both objects but class and key type.
struct GeneratedPair {
  core::AttributeMap public_numbers, private_numbers;
  std::shared_ptr<HostPublicKey> public_key;
  std::shared_ptr<SoftPrivateKey> private_key;
};

/// `mechanism`: CKM_RSA_PKCS_KEY_PAIR_GEN, CKM_EC_KEY_PAIR_GEN or CKM_EC_EDWARDS_KEY_PAIR_GEN. Of the public
/// template CKA_MODULUS_BITS and CKA_PUBLIC_EXPONENT, or CKA_EC_PARAMS are looked at; of the private one
/// CKA_ALWAYS_AUTHENTICATE. CKR_MECHANISM_PARAM_INVALID, CKR_TEMPLATE_INCOMPLETE, CKR_TEMPLATE_INCONSISTENT
/// for an exponent, CKR_KEY_SIZE_RANGE, CKR_CURVE_NOT_SUPPORTED, CKR_DOMAIN_PARAMS_INVALID.
GeneratedPair generate_pair(const core::MechanismView& mechanism, const core::AttributeMap& public_wanted,
                            const core::AttributeMap& private_wanted);

/// What a token of such keys offers of the program's mechanisms.
std::vector<core::OfferedMechanism> soft_mechanisms(const core::MechanismTable& mechanisms);

}  // namespace jpki::token
