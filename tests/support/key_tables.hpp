// The keys and mechanisms of tests/vectors/keys: names in tables become numbers, parameters and key objects.
#pragma once

#include <cryptoki/names.hpp>

#include <algorithm>

#include "core/attribute_map.hpp"
#include "core/mechanism.hpp"
#include "support/table.hpp"

namespace jpki::test {

inline CK_ULONG number_of(std::span<const cryptoki::Name> names, std::string_view text) {
  const auto found =
      std::find_if(names.begin(), names.end(), [&](const auto& name) { return name.text == text; });
  REQUIRE(found != names.end());
  return found->value;
}

inline CK_MECHANISM_TYPE mechanism_number(const std::string& name) {
  return number_of(cryptoki::mechanisms, name);
}
inline CK_RV rv_number(const std::string& name) { return number_of(cryptoki::return_values, name); }

inline CK_KEY_TYPE type_of_key(const std::string& name) {
  if (name.starts_with("rsa")) return CKK_RSA;
  return name.starts_with("ed") ? CKK_EC_EDWARDS : CKK_EC;
}

/// The numbers of a key of keys.tsv as a private or public key object has them; `without` leaves some out.
inline core::AttributeMap key_object(const std::string& name, CK_OBJECT_CLASS object_class,
                                     const std::vector<CK_ATTRIBUTE_TYPE>& without = {}) {
  static const auto rows = table("keys/keys.tsv");
  const bool is_private = object_class == CKO_PRIVATE_KEY;
  core::AttributeMap map;
  map.put(CKA_CLASS, object_class).put(CKA_KEY_TYPE, type_of_key(name));
  for (const auto& row : rows) {
    const CK_ATTRIBUTE_TYPE type = number_of(cryptoki::attributes, row.at(1));
    const bool shared = type == CKA_MODULUS || type == CKA_PUBLIC_EXPONENT || type == CKA_EC_PARAMS;
    const bool wanted = shared || (type != CKA_PUBLIC_KEY_INFO && (type != CKA_EC_POINT) == is_private);
    if (row.at(0) == name && wanted && std::find(without.begin(), without.end(), type) == without.end())
      map.put(type, bytes_in(row.at(2)));
  }
  REQUIRE(map.size() > 2);
  return map;
}

/// "SHA256" and the like in the standard's numbers.
struct HashNumbers {
  CK_MECHANISM_TYPE hash;
  CK_RSA_PKCS_MGF_TYPE mask;
};
inline HashNumbers hash_numbers(const std::string& name) {
  if (name == "SHA1") return {CKM_SHA_1, CKG_MGF1_SHA1};
  if (name == "SHA224") return {CKM_SHA224, CKG_MGF1_SHA224};
  if (name == "SHA256") return {CKM_SHA256, CKG_MGF1_SHA256};
  if (name == "SHA384") return {CKM_SHA384, CKG_MGF1_SHA384};
  if (name == "SHA512") return {CKM_SHA512, CKG_MGF1_SHA512};
  if (name == "SHA3_224") return {CKM_SHA3_224, CKG_MGF1_SHA3_224};
  if (name == "SHA3_256") return {CKM_SHA3_256, CKG_MGF1_SHA3_256};
  if (name == "SHA3_384") return {CKM_SHA3_384, CKG_MGF1_SHA3_384};
  REQUIRE(name == "SHA3_512");
  return {CKM_SHA3_512, CKG_MGF1_SHA3_512};
}

/// A mechanism with the parameter that a row of signatures.tsv or ciphers.tsv names, if any.
class Mechanism {
 public:
  explicit Mechanism(CK_MECHANISM_TYPE type) : type_(type) {}
  template <class T>
  Mechanism(CK_MECHANISM_TYPE type, const T& parameter)
      : type_(type),
        parameter_(copy_of({reinterpret_cast<const std::uint8_t*>(&parameter), sizeof parameter})) {}

  static Mechanism signature(const Row& row) {
    const auto type = mechanism_number(row.at(0));
    if (row.at(2) == "-") return Mechanism(type);
    const CK_RSA_PKCS_PSS_PARAMS pss{hash_numbers(row.at(2)).hash, hash_numbers(row.at(3)).mask,
                                     std::stoul(row.at(4))};
    return {type, pss};
  }
  static Mechanism cipher(const Row& row, Bytes& label) {
    const auto type = mechanism_number(row.at(0));
    if (row.at(2) == "-") return Mechanism(type);
    label = bytes_in(row.at(4));
    const CK_RSA_PKCS_OAEP_PARAMS oaep{hash_numbers(row.at(2)).hash, hash_numbers(row.at(3)).mask,
                                       CKZ_DATA_SPECIFIED, label.empty() ? nullptr : label.data(),
                                       label.size()};
    return {type, oaep};
  }

  [[nodiscard]] core::MechanismView view() const { return {type_, parameter_}; }
  [[nodiscard]] CK_MECHANISM raw() {
    return {type_, parameter_.empty() ? nullptr : parameter_.data(), parameter_.size()};
  }

 private:
  CK_MECHANISM_TYPE type_;
  Bytes parameter_;
};

}  // namespace jpki::test
