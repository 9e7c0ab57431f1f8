#include "check.hpp"

#include <algorithm>
#include <cstdio>

namespace conformance {
namespace {

std::string hex_number(CK_ULONG value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%08lx", value);
  return text;
}

std::string hex_bytes(const Bytes& bytes) {
  std::string text = std::to_string(bytes.size()) + " bytes";
  if (!bytes.empty()) text += " ";
  for (std::size_t at = 0; at < std::min<std::size_t>(bytes.size(), 16); ++at) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", bytes[at]);
    text += two;
  }
  return bytes.size() > 16 ? text + "..." : text;
}

std::string named(std::string_view name, CK_ULONG value) {
  return name.empty() ? hex_number(value) : std::string(name);
}

bool among(CK_RV rv, std::initializer_list<CK_RV> codes) {
  return std::find(codes.begin(), codes.end(), rv) != codes.end();
}

template <class Codes>
bool any_of(const Codes& allowed, std::initializer_list<CK_RV> codes) {
  return std::any_of(allowed.begin(), allowed.end(), [&](CK_RV code) { return among(code, codes); });
}

/// Why a refusal with another code than the one expected is no fault, or nothing.
template <class Codes>
std::string_view excuse(CK_RV rv, const Codes& allowed) {
  if (!std::any_of(allowed.begin(), allowed.end(), [](CK_RV code) { return code != CKR_OK; })) return "";
  if (rv == CKR_FUNCTION_FAILED) return "any function may answer so and tell no reason (5.1.1)";
  const std::initializer_list<CK_RV> blurred[] = {
      {CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCOMPLETE, CKR_TEMPLATE_INCONSISTENT},
      {CKR_DATA_INVALID, CKR_DATA_LEN_RANGE},
      {CKR_ENCRYPTED_DATA_INVALID, CKR_ENCRYPTED_DATA_LEN_RANGE},
      {CKR_WRAPPED_KEY_INVALID, CKR_WRAPPED_KEY_LEN_RANGE}};
  for (const auto& codes : blurred) {
    if (among(rv, codes) && any_of(allowed, codes)) return "these codes are hard to tell apart (5.1.8)";
  }
  return "";
}

template <class Codes>
void expect_any(std::string_view call, CK_RV rv, const Codes& allowed) {
  if (std::find(allowed.begin(), allowed.end(), rv) != allowed.end()) return;
  if (rv == CKR_FUNCTION_NOT_SUPPORTED) not_applicable(std::string(call) + " is not supported");
  std::string codes;
  for (const CK_RV code : allowed) codes += (codes.empty() ? "" : " or ") + rv_text(code);
  const std::string_view reason = excuse(rv, allowed);
  if (!reason.empty()) {
    not_applicable(std::string(call) + ": expected " + codes + ", got " + rv_text(rv) + "; " +
                   std::string(reason));
  }
  throw Failed{std::string(call) + ": " + codes, rv_text(rv)};
}

}  // namespace

std::string rv_text(CK_RV rv) { return named(jpki::cryptoki::rv_name(rv), rv); }
std::string mechanism_text(CK_MECHANISM_TYPE type) {
  return named(jpki::cryptoki::mechanism_name(type), type);
}
std::string attribute_text(CK_ATTRIBUTE_TYPE type) {
  return named(jpki::cryptoki::attribute_name(type), type);
}

void expect(std::string_view call, CK_RV rv, std::initializer_list<CK_RV> allowed) {
  expect_any(call, rv, allowed);
}

void expect(std::string_view call, CK_RV rv, const std::vector<CK_RV>& allowed) {
  expect_any(call, rv, allowed);
}

void recommended(std::string_view call, CK_RV rv, const std::vector<CK_RV>& codes) {
  if (std::find(codes.begin(), codes.end(), rv) != codes.end()) return;
  std::string best;
  for (const CK_RV code : codes) best += (best.empty() ? "" : " or ") + rv_text(code);
  not_applicable(std::string(call) + ": " + best + " is recommended only, got " + rv_text(rv));
}

void refused_best(std::string_view call, CK_RV rv, const std::vector<CK_RV>& codes) {
  refused(call, rv);
  recommended(call, rv, codes);
}

void refused(std::string_view call, CK_RV rv) {
  if (rv == CKR_FUNCTION_NOT_SUPPORTED) not_applicable(std::string(call) + " is not supported");
  if (rv == CKR_OK) throw Failed{std::string(call) + ": an error", rv_text(rv)};
}

void require(bool holds, std::string_view expected, std::string_view got) {
  if (!holds) throw Failed{std::string(expected), std::string(got)};
}

void equal(std::string_view what, CK_ULONG value, CK_ULONG wanted) {
  if (value != wanted) {
    throw Failed{std::string(what) + ": " + std::to_string(wanted),
                 value == CK_UNAVAILABLE_INFORMATION ? "CK_UNAVAILABLE_INFORMATION" : std::to_string(value)};
  }
}

void equal(std::string_view what, const Bytes& value, const Bytes& wanted) {
  if (value != wanted) throw Failed{std::string(what) + ": " + hex_bytes(wanted), hex_bytes(value)};
}

void not_applicable(std::string why) { throw NotApplicable{std::move(why)}; }

}  // namespace conformance
