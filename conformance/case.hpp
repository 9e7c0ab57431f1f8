// What a case is: one row that names the sentence it proves, and a function that proves it.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace conformance {

class Run;

/// What is done before a case's function is called. Each level includes those before it.
enum class Setup {
  loaded,       ///< the module is loaded, C_Initialize not called
  initialized,  ///< C_Initialize called, the slot found
  session,      ///< a read-only session, nobody logged in
  rw_session,   ///< a read/write session, nobody logged in
  user,         ///< a read-only session, the user logged in where the token wants a login
  rw_user,      ///< a read/write session, the user logged in where the token wants a login
};

/// What a case does beyond session objects and right PINs.
enum Effect : unsigned {
  none = 0,
  changes_token = 1,  ///< makes token objects (and destroys them): left out with --read-only, runs alone
  spends_tries = 2,   ///< sends wrong PINs: only with --may-lock, runs alone
  alone = 4,          ///< does not run beside other cases
};

struct Case {
  std::string id;        ///< chapter.topic: stable, results of different runs are compared by it
  std::string chapter;   ///< of PKCS #11 3.2
  std::string sentence;  ///< what the standard says there, in our words
  Setup setup = Setup::loaded;
  std::function<void(Run&)> body;
  unsigned effects = none;
};

using Cases = std::vector<Case>;

/// Thrown by a case that met something else than the standard says.
struct Failed {
  std::string expected, got;
};

/// Thrown by a case that cannot be tried with this module or token.
struct NotApplicable {
  std::string why;
};

/// Thrown when no further case may run: a PIN was refused.
struct Stop {
  std::string why;
};

/// All cases in the order of the standard's chapters.
Cases all_cases();

// What the files of cases/ have.
void add_before_initialize(Cases&);
void add_session_handles(Cases&);
void add_null_arguments(Cases&);
void add_initialize(Cases&);
void add_information(Cases&);
void add_interfaces(Cases&);
void add_slots(Cases&);
void add_sessions(Cases&);
void add_login(Cases&);
void add_pin_rules(Cases&);
void add_context_login(Cases&);
void add_objects(Cases&);
void add_templates(Cases&);
void add_changes(Cases&);
void add_copies(Cases&);
void add_attributes(Cases&);
void add_objects_have(Cases&);
void add_profiles(Cases&);
void add_operations(Cases&);
void add_interrupted(Cases&);
void add_recovery(Cases&);
void add_signatures(Cases&);
void add_pss(Cases&);
void add_ciphers(Cases&);
void add_verify_signatures(Cases&);
void add_messages(Cases&);
void add_generation(Cases&);
void add_key_management(Cases&);
void add_pointers(Cases&);
void add_absurd(Cases&);
void add_random(Cases&);
void add_parallel(Cases&);
void add_processes(Cases&);
void add_threads(Cases&);
void add_locking(Cases&);

}  // namespace conformance
