// Templates and mechanisms that own their values.
#pragma once

#include <list>
#include <type_traits>

#include "client/error.hpp"

namespace jpki::client {

/// A list of attributes: `Template().number(CKA_CLASS, CKO_PRIVATE_KEY).flag(CKA_TOKEN, true)`. Move-only:
/// its rows point into its values.
class Template {
 public:
  Template() = default;
  Template(Template&&) = default;
  Template& operator=(Template&&) = default;

  Template& bytes(CK_ATTRIBUTE_TYPE type, ByteView value) & {
    auto& kept = values_.emplace_back(value.begin(), value.end());
    rows_.push_back({type, kept.data(), kept.size()});
    return *this;
  }
  Template& number(CK_ATTRIBUTE_TYPE type, CK_ULONG value) & { return object(type, value); }
  Template& flag(CK_ATTRIBUTE_TYPE type, bool value) & { return object(type, CK_BBOOL(value)); }
  Template& text(CK_ATTRIBUTE_TYPE type, std::string_view value) & {
    return bytes(type, {reinterpret_cast<const std::uint8_t*>(value.data()), value.size()});
  }

  Template&& bytes(CK_ATTRIBUTE_TYPE type, ByteView value) && { return std::move(bytes(type, value)); }
  Template&& number(CK_ATTRIBUTE_TYPE type, CK_ULONG value) && { return std::move(number(type, value)); }
  Template&& flag(CK_ATTRIBUTE_TYPE type, bool value) && { return std::move(flag(type, value)); }
  Template&& text(CK_ATTRIBUTE_TYPE type, std::string_view value) && { return std::move(text(type, value)); }

  /// The rows as the C functions take them: they read them only, but for C_GetAttributeValue.
  [[nodiscard]] CK_ATTRIBUTE_PTR data() const { return const_cast<CK_ATTRIBUTE_PTR>(rows_.data()); }
  [[nodiscard]] CK_ULONG size() const { return rows_.size(); }

 private:
  template <class T>
  Template& object(CK_ATTRIBUTE_TYPE type, const T& value) {
    return bytes(type, {reinterpret_cast<const std::uint8_t*>(&value), sizeof value});
  }

  std::list<Bytes> values_;
  std::vector<CK_ATTRIBUTE> rows_;
};

/// A mechanism with a copy of its parameter: `CKM_SHA256_RSA_PKCS`, `{CKM_RSA_PKCS_PSS, params}`.
class Mechanism {
 public:
  Mechanism(CK_MECHANISM_TYPE type) : type_(type) {}
  template <class Parameter>
  requires std::is_trivially_copyable_v<Parameter> Mechanism(CK_MECHANISM_TYPE type,
                                                             const Parameter& parameter)
      : type_(type) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&parameter);
    parameter_.assign(bytes, bytes + sizeof parameter);
  }

  /// As the C functions take it; valid while this lives.
  [[nodiscard]] CK_MECHANISM row() const {
    return {type_, parameter_.empty() ? nullptr : const_cast<std::uint8_t*>(parameter_.data()),
            parameter_.size()};
  }

 private:
  CK_MECHANISM_TYPE type_;
  Bytes parameter_;
};

}  // namespace jpki::client
