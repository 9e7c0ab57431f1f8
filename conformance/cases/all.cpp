// The cases in the order of the standard's chapters.
#include "case.hpp"

namespace conformance {

Cases all_cases() {
  Cases cases;
  for (const auto add : {add_before_initialize,
                         add_session_handles,
                         add_null_arguments,
                         add_initialize,
                         add_information,
                         add_interfaces,
                         add_slots,
                         add_sessions,
                         add_login,
                         add_pin_rules,
                         add_context_login,
                         add_objects,
                         add_templates,
                         add_changes,
                         add_copies,
                         add_attributes,
                         add_objects_have,
                         add_profiles,
                         add_operations,
                         add_interrupted,
                         add_recovery,
                         add_signatures,
                         add_pss,
                         add_ciphers,
                         add_verify_signatures,
                         add_messages,
                         add_generation,
                         add_key_management,
                         add_pointers,
                         add_absurd,
                         add_random,
                         add_parallel,
                         add_processes,
                         add_threads,
                         add_locking}) {
    add(cases);
  }
  return cases;
}

}  // namespace conformance
