// The kinds of operations behind one face, so that what holds for each is written once.
#pragma once

#include <span>

#include "keys.hpp"

namespace conformance {

/// One piece of work for an operation: what to begin with, what to give it, what should come out.
struct Job {
  CK_MECHANISM mechanism{};
  CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
  Bytes input;
  Bytes second;       ///< the signature to be verified
  Bytes answer;       ///< known answer, if there is one
  bool parts = true;  ///< whether the mechanism takes its input in parts
};

/// What came out of a call that writes to a buffer.
struct Output {
  CK_RV rv = CKR_OK;
  CK_ULONG length = 0;
  Bytes bytes;
};

/// A kind of operation: its functions with one shape.
struct Kind {
  const char* name;
  const char* call;  ///< C_Sign
  const char* chapter;
  CK_FLAGS flag;   ///< of CK_MECHANISM_INFO and C_SessionCancel
  bool writes;     ///< answers with bytes
  bool has_parts;  ///< has Update and Final
  Job (*job)(Run&);
  CK_RV (*init)(Run&, CK_SESSION_HANDLE, CK_MECHANISM*, CK_OBJECT_HANDLE);
  /// One call for all: output NULL asks for the length. Kinds that verify ignore output.
  CK_RV (*once)(Run&, CK_SESSION_HANDLE, const Job&, CK_BYTE* output, CK_ULONG* length);
  CK_RV (*update)(Run&, CK_SESSION_HANDLE, const Bytes& part, Bytes& out);
  CK_RV (*final)(Run&, CK_SESSION_HANDLE, const Job&, CK_BYTE* output, CK_ULONG* length);
};

std::span<const Kind> kinds();
const Kind& kind(std::string_view name);

/// Begins the operation. CKR_OK or the case fails.
void begin(Run& run, const Kind& kind, Job& job);
/// Does the operation in one call, with enough room.
Output finish(Run& run, const Kind& kind, const Job& job);

}  // namespace conformance
