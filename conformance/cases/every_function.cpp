// What holds for every function: before C_Initialize, after C_Finalize, a bad session handle, NULL and absurd
// arguments.
#include "functions.hpp"

namespace conformance {
namespace {

/// 5.1.6: these may be called at any time.
bool at_any_time(const Function& function) {
  return function.name == "C_Initialize" || function.name == "C_GetFunctionList" ||
         function.name == "C_GetInterfaceList" || function.name == "C_GetInterface";
}

/// 5.20: these "should simply return" CKR_FUNCTION_NOT_PARALLEL.
bool legacy(const Function& function) { return function.chapter.starts_with("5.20"); }

/// 5.6.5: without flags C_SessionCancel is CKR_OK, and its list of codes has none for a bad handle.
std::vector<CK_RV> without_session(const Function& function) {
  std::vector<CK_RV> codes = {CKR_SESSION_HANDLE_INVALID};
  if (legacy(function)) codes.push_back(CKR_FUNCTION_NOT_PARALLEL);
  if (function.name == "C_SessionCancel") codes.push_back(CKR_OK);
  return codes;
}

std::vector<CK_RV> with_legacy(const Function& function, std::vector<CK_RV> codes) {
  if (legacy(function)) codes.push_back(CKR_FUNCTION_NOT_PARALLEL);
  return codes;
}

/// What could cost a PIN try if the module did not look at its arguments first, or a token.
bool dangerous(const Function& function) {
  return function.name == "C_Login" || function.name == "C_LoginUser" || function.name == "C_SetPIN" ||
         function.name == "C_InitPIN" || function.name == "C_InitToken";
}

/// Arguments for a library that is not initialized: places for answers, so that nothing else is wrong. NULL
/// where a pointer has to be NULL, and where a library that does not look could spend a PIN try.
Filling harmless(const Function& function, CK_ULONG first) {
  static std::vector<CK_ULONG> zeros;
  zeros.assign(512, 0);
  const bool null =
      dangerous(function) || function.name == "C_Finalize" || function.name == "C_WaitForSlotEvent";
  return null ? Filling{first, 0, nullptr} : Filling{first, CKF_SERIAL_SESSION, zeros.data()};
}

/// 5.1.7: handles and slots that mean nothing yet, or no more, may be told as such.
std::vector<CK_RV> without_library(const Function& function) {
  std::vector<CK_RV> codes = with_legacy(function, {CKR_CRYPTOKI_NOT_INITIALIZED});
  if (function.first == First::session) codes.push_back(CKR_SESSION_HANDLE_INVALID);
  if (function.first == First::slot) codes.push_back(CKR_SLOT_ID_INVALID);
  if (dangerous(function) || function.name == "C_WaitForSlotEvent") codes.push_back(CKR_ARGUMENTS_BAD);
  // The zeros are no mechanism for most of these, and codes of 5.1.6 have no order among them.
  if (function.shape == Shape::begin || function.shape == Shape::keys) codes.push_back(CKR_MECHANISM_INVALID);
  return codes;
}

}  // namespace

void add_before_initialize(Cases& cases) {
  for (const auto& function : functions()) {
    if (at_any_time(function)) continue;
    cases.push_back({"uninitialized." + id_of(function.name), "5.1.6",
                     "any function but C_Initialize and those that give lists can answer "
                     "CKR_CRYPTOKI_NOT_INITIALIZED before C_Initialize; none crashes",
                     Setup::loaded, [&function](Run& run) {
                       recommended(std::string(function.name) + " before C_Initialize",
                                   function.call(run, harmless(function, 1)), without_library(function));
                     }});
  }
  for (const auto& function : functions()) {
    if (at_any_time(function)) continue;
    cases.push_back({"finalized." + id_of(function.name), "5.4.2",
                     "C_Finalize ends the use of the library: functions can answer "
                     "CKR_CRYPTOKI_NOT_INITIALIZED; none crashes",
                     Setup::session, [&function](Run& run) {
                       const CK_ULONG first = function.first == First::session ? run.session
                                              : function.first == First::slot  ? run.slot
                                                                               : 1;
                       run.finalize();
                       recommended(std::string(function.name) + " after C_Finalize",
                                   function.call(run, harmless(function, first)), without_library(function));
                     }});
  }
}

void add_session_handles(Cases& cases) {
  for (const auto& function : functions()) {
    if (function.first != First::session) continue;
    cases.push_back({"bad_session." + id_of(function.name), "5.1.2",
                     "a session handle that was never given out is CKR_SESSION_HANDLE_INVALID",
                     Setup::initialized, [&function](Run& run) {
                       // Every pointer points to zeros: a place for answers, an empty name, a mechanism, no
                       // template.
                       std::vector<CK_ULONG> zeros(512);
                       expect(std::string(function.name) + " with a wild session handle",
                              function.call(run, {~0UL - 1, 0, zeros.data()}), without_session(function));
                     }});
    cases.push_back(
        {"precedence." + id_of(function.name), "5.1.7",
         "codes of 5.1.2 take precedence over those of 5.1.6: an invalid session handle over other faults",
         Setup::session, [&function](Run& run) {
           ok("C_CloseSession", run->C_CloseSession(run.session));
           expect(std::string(function.name) + " with a closed session's handle and NULL arguments",
                  function.call(run, {run.session, 0, nullptr}), without_session(function));
         }});
  }
  for (const auto& function : functions()) {
    if (function.first != First::slot) continue;
    cases.push_back({"bad_slot." + id_of(function.name), function.chapter.data(),
                     "a slot ID that no slot has is CKR_SLOT_ID_INVALID", Setup::initialized,
                     [&function](Run& run) {
                       // Nothing else is wrong, but for the mechanism and, without a PIN, C_InitToken.
                       std::vector<CK_RV> codes = {CKR_SLOT_ID_INVALID};
                       if (dangerous(function)) codes.push_back(CKR_ARGUMENTS_BAD);
                       if (function.name == "C_GetMechanismInfo") codes.push_back(CKR_MECHANISM_INVALID);
                       expect(std::string(function.name) + " with an unknown slot",
                              function.call(run, harmless(function, ~0UL - 1)), codes);
                     }});
  }
}

void add_null_arguments(Cases& cases) {
  for (const auto& function : functions()) {
    if (function.shape != Shape::exempt) {
      cases.push_back({"null." + id_of(function.name), function.chapter.data(),
                       "arguments that are not appropriate are refused; nothing crashes", Setup::session,
                       [&function](Run& run) {
                         const CK_ULONG first = function.first == First::session ? run.session : run.slot;
                         expect(
                             std::string(function.name) + " with NULL and zero arguments",
                             function.call(run, {function.first == First::nothing ? 0 : first, 0, nullptr}),
                             codes_without_arguments(function.shape));
                       }});
    }
    const bool no_number = function.first == First::nothing || function.shape == Shape::exempt ||
                           function.shape == Shape::pointer || function.shape == Shape::begin;
    if (no_number || dangerous(function) || function.name == "C_FindObjectsFinal") continue;
    cases.push_back({"absurd." + id_of(function.name), function.chapter.data(),
                     "NULL with a length or handle near the top of CK_ULONG is refused; nothing crashes",
                     Setup::session, [&function](Run& run) {
                       const CK_ULONG first = function.first == First::session ? run.session : run.slot;
                       refused(std::string(function.name) + " with NULL and sizes of ~0 - 7",
                               function.call(run, {first, ~0UL - 7, nullptr}));
                     }});
  }
}

}  // namespace conformance
