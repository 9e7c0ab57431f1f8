// The standard's numbers of hashes and masks, and what they mean here.
#pragma once

#include <array>
#include <optional>

#include "core/error.hpp"
#include "core/mechanism.hpp"

namespace jpki::mechanism {

using core::Hash;

/// PKCS#11 3.2, 6.20 f. and table 38. Those without a mask are no hash of RSA-PSS or OAEP either: no
/// mechanism signs with them, and their name alone gives no reason to believe that the other side knows them.
struct HashRow {
  Hash hash;
  CK_MECHANISM_TYPE digest;
  CK_RSA_PKCS_MGF_TYPE mask;  // 0: none
};

inline constexpr std::array hash_table = std::to_array<HashRow>({
    {Hash::sha1, CKM_SHA_1, CKG_MGF1_SHA1},
    {Hash::sha224, CKM_SHA224, CKG_MGF1_SHA224},
    {Hash::sha256, CKM_SHA256, CKG_MGF1_SHA256},
    {Hash::sha384, CKM_SHA384, CKG_MGF1_SHA384},
    {Hash::sha512, CKM_SHA512, CKG_MGF1_SHA512},
    {Hash::sha512_224, CKM_SHA512_224, 0},
    {Hash::sha512_256, CKM_SHA512_256, 0},
    {Hash::sha3_224, CKM_SHA3_224, CKG_MGF1_SHA3_224},
    {Hash::sha3_256, CKM_SHA3_256, CKG_MGF1_SHA3_256},
    {Hash::sha3_384, CKM_SHA3_384, CKG_MGF1_SHA3_384},
    {Hash::sha3_512, CKM_SHA3_512, CKG_MGF1_SHA3_512},
});

/// The hash and the mask that a parameter of PSS or OAEP names; CKR_MECHANISM_PARAM_INVALID.
Hash hash_of(CK_MECHANISM_TYPE digest);
Hash mask_of(CK_RSA_PKCS_MGF_TYPE mask);

/// A mechanism that takes no parameter refuses any other.
inline void require_no_parameter(const core::MechanismView& mechanism) {
  core::require(mechanism.parameter.empty(), CKR_MECHANISM_PARAM_INVALID);
}

/// A parameter that is one structure of the standard, perhaps unaligned.
template <class T>
T parameter_of(const core::MechanismView& mechanism) {
  T value;
  core::require(mechanism.parameter.size() == sizeof value, CKR_MECHANISM_PARAM_INVALID);
  std::copy(mechanism.parameter.begin(), mechanism.parameter.end(), reinterpret_cast<std::uint8_t*>(&value));
  return value;
}

}  // namespace jpki::mechanism
