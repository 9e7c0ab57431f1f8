#include "templates.hpp"

#include <array>
#include <cryptoki/names.hpp>
#include <cstring>
#include <filesystem>
#include <map>

#include "base/file.hpp"
#include "base/hex.hpp"

namespace jpki::fuzz {
namespace {

constexpr auto classes = std::to_array<CK_ULONG>({CKO_DATA, CKO_CERTIFICATE, CKO_PUBLIC_KEY, CKO_PRIVATE_KEY,
                                                  CKO_SECRET_KEY, CKO_HW_FEATURE, CKO_PROFILE});
constexpr auto key_types =
    std::to_array<CK_ULONG>({CKK_RSA, CKK_EC, CKK_EC_EDWARDS, CKK_AES, CKK_GENERIC_SECRET});

/// A whole object: attributes with values as they should be.
using Whole = std::vector<std::pair<CK_ATTRIBUTE_TYPE, Bytes>>;

Bytes number(CK_ULONG value) {
  Bytes bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

Bytes hex(const std::string& text) { return from_hex(text).value(); }

/// The numbers of tests/vectors/keys/keys.tsv: key, attribute, value.
const std::map<std::string, Whole>& vector_keys() {
  static const auto read = [] {
    std::map<std::string, Whole> keys;
    const auto file = *read_file(std::filesystem::path(JPKI_FUZZ_VECTORS) / "keys/keys.tsv");
    std::string_view rest = text_of(file);
    while (!rest.empty()) {
      const auto end = std::min(rest.find('\n'), rest.size() - 1);
      const std::string line(rest.substr(0, end));
      rest.remove_prefix(end + 1);
      const auto first = line.find('\t'), second = line.find('\t', first + 1);
      if (first == std::string::npos || second == std::string::npos) continue;
      const auto name = line.substr(first + 1, second - first - 1);
      for (const auto& known : cryptoki::attributes)
        if (known.text == name)
          if (const auto value = from_hex(line.substr(second + 1)))
            keys[line.substr(0, first)].emplace_back(known.value, *value);
    }
    return keys;
  }();
  return read;
}

CK_ULONG type_of(const std::string& key) {
  if (key.starts_with("rsa")) return CKK_RSA;
  return key.starts_with("ed") ? CKK_EC_EDWARDS : CKK_EC;
}

std::vector<Whole> make_wholes() {
  const Bytes yes{1}, no{0};
  std::vector<Whole> all;
  for (const auto& [name, numbers] : vector_keys()) {
    for (const CK_ULONG kind : {CKO_PUBLIC_KEY, CKO_PRIVATE_KEY}) {
      Whole whole{{CKA_CLASS, number(kind)}, {CKA_KEY_TYPE, number(type_of(name))}, {CKA_ID, {1, 2}}};
      for (const auto& [type, value] : numbers) {
        const bool shared = type == CKA_MODULUS || type == CKA_PUBLIC_EXPONENT || type == CKA_EC_PARAMS;
        if (shared || (kind == CKO_PRIVATE_KEY ? type != CKA_EC_POINT && type != CKA_PUBLIC_KEY_INFO
                                               : type == CKA_EC_POINT))
          whole.emplace_back(type, value);
      }
      for (const CK_ATTRIBUTE_TYPE use : {CKA_SIGN, CKA_DECRYPT})
        if (kind == CKO_PRIVATE_KEY) whole.emplace_back(use, yes);
      for (const CK_ATTRIBUTE_TYPE use : {CKA_VERIFY, CKA_ENCRYPT})
        if (kind == CKO_PUBLIC_KEY) whole.emplace_back(use, yes);
      all.push_back(std::move(whole));
    }
  }
  const auto der = *read_file(std::filesystem::path(JPKI_FUZZ_DATA) / "certificate.der");
  all.push_back({{CKA_CLASS, number(CKO_CERTIFICATE)},
                 {CKA_CERTIFICATE_TYPE, number(CKC_X_509)},
                 {CKA_VALUE, der},
                 {CKA_SUBJECT, hex("3000")}});
  all.push_back({{CKA_CLASS, number(CKO_DATA)}, {CKA_TOKEN, yes}, {CKA_PRIVATE, no}, {CKA_VALUE, {1, 2, 3}}});
  all.push_back({{CKA_EC_PARAMS, hex("06082A8648CE3D030107")}, {CKA_VERIFY, yes}});
  all.push_back({{CKA_EC_PARAMS, hex("06052B81040022")}, {CKA_TOKEN, yes}});
  all.push_back({{CKA_TOKEN, yes}, {CKA_PRIVATE, yes}, {CKA_SIGN, yes}, {CKA_SENSITIVE, yes}});
  all.push_back({});
  return all;
}

CK_ATTRIBUTE_TYPE attribute_type(Input& input) {
  const auto which = input.number(1);
  constexpr std::size_t count = std::size(cryptoki::attributes);
  return which == 255 ? input.number(4) : cryptoki::attributes[which % count].value;
}

CK_ATTRIBUTE attribute(Input& input, Buffers& buffers) {
  const CK_ATTRIBUTE_TYPE type = attribute_type(input);
  Bytes value;
  switch (input.byte() % 8) {
    case 0:
      return {type, nullptr, input.byte()};
    case 1:
      return {type, nullptr, ~0UL - input.byte()};
    case 2:
      value = {input.byte()};
      break;
    case 3:
      value = number(input.pick(classes));
      break;
    case 4:
      value = number(input.pick(key_types));
      break;
    case 5:
      value = number(input.number(4));
      break;
    case 6:
      value = Bytes(input.number(2), input.byte());
      break;
    default:
      value = copy_of(input.short_bytes());
  }
  return {type, buffers.copy(value), value.size()};
}

constexpr auto hashes =
    std::to_array<std::pair<CK_MECHANISM_TYPE, CK_RSA_PKCS_MGF_TYPE>>({{CKM_SHA_1, CKG_MGF1_SHA1},
                                                                       {CKM_SHA224, CKG_MGF1_SHA224},
                                                                       {CKM_SHA256, CKG_MGF1_SHA256},
                                                                       {CKM_SHA384, CKG_MGF1_SHA384},
                                                                       {CKM_SHA512, CKG_MGF1_SHA512},
                                                                       {CKM_SHA3_256, CKG_MGF1_SHA3_256},
                                                                       {0, 0}});

constexpr auto mechanism_types = std::to_array<CK_MECHANISM_TYPE>({CKM_RSA_PKCS,
                                                                   CKM_RSA_X_509,
                                                                   CKM_SHA1_RSA_PKCS,
                                                                   CKM_SHA256_RSA_PKCS,
                                                                   CKM_SHA384_RSA_PKCS,
                                                                   CKM_SHA512_RSA_PKCS,
                                                                   CKM_RSA_PKCS_PSS,
                                                                   CKM_SHA256_RSA_PKCS_PSS,
                                                                   CKM_SHA512_RSA_PKCS_PSS,
                                                                   CKM_RSA_PKCS_OAEP,
                                                                   CKM_ECDSA,
                                                                   CKM_ECDSA_SHA256,
                                                                   CKM_ECDSA_SHA384,
                                                                   CKM_EDDSA,
                                                                   CKM_SHA_1,
                                                                   CKM_SHA256,
                                                                   CKM_SHA512,
                                                                   CKM_SHA3_256,
                                                                   CKM_EC_KEY_PAIR_GEN,
                                                                   CKM_EC_EDWARDS_KEY_PAIR_GEN,
                                                                   CKM_AES_CBC,
                                                                   CKM_ECDH1_DERIVE});

}  // namespace

CK_BYTE* Buffers::copy(ByteView bytes) {
  Bytes exact(bytes.begin(), bytes.end());
  exact.shrink_to_fit();
  kept_.push_back(std::move(exact));
  return kept_.back().data();
}

CK_BYTE* Buffers::blank(std::size_t size) { return copy(Bytes(size, 0xA5)); }

std::vector<CK_ATTRIBUTE> make_template(Input& input, Buffers& buffers) {
  static const auto wholes = make_wholes();
  std::vector<CK_ATTRIBUTE> made;
  for (const auto& [type, value] : wholes[input.byte() % wholes.size()])
    made.push_back({type, buffers.copy(value), value.size()});
  const unsigned leave_out = input.byte();
  if (leave_out < made.size()) made.erase(made.begin() + leave_out);
  for (unsigned more = input.byte() % 5; more > 0; --more) {
    const auto added = attribute(input, buffers);
    const unsigned at = input.byte();
    if (at < made.size())
      made[at] = added;
    else
      made.push_back(added);
  }
  return made;
}

CK_MECHANISM make_mechanism(Input& input, Buffers& buffers) {
  CK_MECHANISM made{};
  const auto which = input.byte();
  made.mechanism = which == 255 ? input.number(4) : mechanism_types[which % mechanism_types.size()];
  if (made.mechanism == CKM_RSA_PKCS_KEY_PAIR_GEN || made.mechanism == CKM_RSA_X9_31_KEY_PAIR_GEN)
    made.mechanism = CKM_EC_KEY_PAIR_GEN;
  const auto put = [&](const auto& parameter) {
    made.pParameter = buffers.copy({reinterpret_cast<const std::uint8_t*>(&parameter), sizeof parameter});
    made.ulParameterLen = sizeof parameter;
  };
  const auto [hash, mask] = input.pick(hashes);
  switch (input.byte() % 6) {
    case 1:
      put(CK_RSA_PKCS_PSS_PARAMS{hash, mask, input.byte()});
      break;
    case 2:
      put(CK_RSA_PKCS_PSS_PARAMS{hash, input.number(1), ~0UL - input.byte()});
      break;
    case 3: {
      const auto label = input.short_bytes();
      put(CK_RSA_PKCS_OAEP_PARAMS{hash, mask, input.byte() % 3UL, buffers.copy(label), label.size()});
      break;
    }
    case 4: {
      const auto context = input.short_bytes();
      put(CK_EDDSA_PARAMS{static_cast<CK_BBOOL>(input.byte() % 3), context.size(), buffers.copy(context)});
      break;
    }
    case 5: {
      const auto any = input.short_bytes();
      made.pParameter = buffers.copy(any);
      made.ulParameterLen = any.size() + input.byte() % 2 * (any.empty() ? 8 : 0);
      if (any.empty()) made.pParameter = nullptr;
      break;
    }
    default:
      break;
  }
  return made;
}

}  // namespace jpki::fuzz
