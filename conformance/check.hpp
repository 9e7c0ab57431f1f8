// How a case says what it expects.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "case.hpp"
#include "cryptoki/names.hpp"
#include "vectors/vectors.hpp"

namespace conformance {

std::string rv_text(CK_RV rv);
std::string mechanism_text(CK_MECHANISM_TYPE type);
std::string attribute_text(CK_ATTRIBUTE_TYPE type);

/// One of these codes, for what `call` says. CKR_FUNCTION_NOT_SUPPORTED, where it is not among them, makes
/// the case not applicable: a module may leave functions out (5.1.6). So does a refusal with a code that the
/// standard allows, if it prefers another (5.1.1, 5.1.8).
void expect(std::string_view call, CK_RV rv, std::initializer_list<CK_RV> allowed);
void expect(std::string_view call, CK_RV rv, const std::vector<CK_RV>& allowed);

/// Where the standard says of these codes no more than that they "should" or "may" come: any other answer
/// makes the case not applicable.
void recommended(std::string_view call, CK_RV rv, const std::vector<CK_RV>& codes);

/// An error, where the standard forbids success but only recommends these codes for it.
void refused_best(std::string_view call, CK_RV rv, const std::vector<CK_RV>& codes);

/// CKR_OK and nothing else.
inline void ok(std::string_view call, CK_RV rv) { expect(call, rv, {CKR_OK}); }

/// Any code but CKR_OK: where the standard forbids success and names no code.
void refused(std::string_view call, CK_RV rv);

/// Something that holds; `got` tells what was seen instead.
void require(bool holds, std::string_view expected, std::string_view got);

void equal(std::string_view what, CK_ULONG value, CK_ULONG wanted);
void equal(std::string_view what, const Bytes& value, const Bytes& wanted);

[[noreturn]] void not_applicable(std::string why);

}  // namespace conformance
