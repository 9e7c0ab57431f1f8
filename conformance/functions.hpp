// The functions of all versions as one table, and a way to call any of them with arguments by kind.
#pragma once

#include <span>
#include <string_view>

#include "run.hpp"

namespace conformance {

/// What a function's first argument is.
enum class First { nothing, slot, session };

/// What a function does with arguments that are all NULL and zero: which codes the standard allows then.
enum class Shape {
  exempt,     ///< NULL and zero are proper arguments, or would spend a PIN try
  pointer,    ///< a place for the answer is missing: nothing else is wrong
  object,     ///< the object handle is invalid as well
  creation,   ///< the template is incomplete as well
  begin,      ///< C_...Init without mechanism: ends an operation since 3.0 (5.8.1 and its kin)
  operation,  ///< no operation is active as well
  digested,   ///< C_DigestKey: the key handle is invalid as well
  state,      ///< C_GetOperationState, C_SetOperationState
  keys,       ///< keys, templates and mechanisms are wrong as well
  random,
  async,
};

/// How to fill arguments: `pointer` for each pointer, `first` for the first number, `number` for the others.
struct Filling {
  CK_ULONG first = 0;
  CK_ULONG number = 0;
  void* pointer = nullptr;
};

struct Function {
  std::string_view name;
  std::string_view chapter;
  First first;
  Shape shape;
  CK_RV (*call)(Run&, const Filling&);
};

std::span<const Function> functions();

/// The codes for arguments that are all NULL and zero.
std::vector<CK_RV> codes_without_arguments(Shape shape);

/// "C_CloseSession" as a part of a case's id: "close_session".
std::string id_of(std::string_view function);

}  // namespace conformance
