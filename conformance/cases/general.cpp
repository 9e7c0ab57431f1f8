// 5.4 General-purpose functions.
#include <cstring>

#include "run.hpp"

namespace conformance {
namespace {

CK_RV create_mutex(CK_VOID_PTR_PTR mutex) {
  *mutex = new int(0);
  return CKR_OK;
}
CK_RV destroy_mutex(CK_VOID_PTR mutex) {
  delete static_cast<int*>(mutex);
  return CKR_OK;
}
CK_RV lock_mutex(CK_VOID_PTR /*mutex*/) { return CKR_OK; }
CK_RV unlock_mutex(CK_VOID_PTR /*mutex*/) { return CKR_OK; }

CK_C_INITIALIZE_ARGS with_mutexes(CK_FLAGS flags) {
  return {create_mutex, destroy_mutex, lock_mutex, unlock_mutex, flags, nullptr};
}

/// C_Initialize with these arguments answers one of the codes; after CKR_OK, C_Finalize answers CKR_OK.
void initialize_with(Run& run, std::string_view what, void* arguments, std::initializer_list<CK_RV> codes) {
  const CK_RV rv = run->C_Initialize(arguments);
  expect("C_Initialize " + std::string(what), rv, codes);
  if (rv == CKR_OK) ok("C_Finalize", run->C_Finalize(nullptr));
}

void no_string_needed(Run& run) {
  if (run.options.init_args) not_applicable("the module takes a string in pReserved (--init-args)");
}

bool padded(const CK_UTF8CHAR* field, std::size_t size) { return std::memchr(field, 0, size) == nullptr; }

}  // namespace

void add_initialize(Cases& cases) {
  const auto add = [&](const char* id, const char* sentence, std::function<void(Run&)> body) {
    cases.push_back({std::string("initialize.") + id, "5.4.1", sentence, Setup::loaded, std::move(body)});
  };
  add("null", "NULL arguments are like a structure with all members zero", [](Run& run) {
    no_string_needed(run);
    initialize_with(run, "with NULL", nullptr, {CKR_OK});
  });
  add("zero_arguments", "no flag and no functions: one thread only", [](Run& run) {
    no_string_needed(run);
    CK_C_INITIALIZE_ARGS arguments{};
    initialize_with(run, "with zero arguments", &arguments, {CKR_OK});
  });
  add("os_locking", "CKF_OS_LOCKING_OK alone: the system's locks, or CKR_CANT_LOCK", [](Run& run) {
    no_string_needed(run);
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.flags = CKF_OS_LOCKING_OK;
    initialize_with(run, "with CKF_OS_LOCKING_OK", &arguments, {CKR_OK, CKR_CANT_LOCK});
  });
  add("mutexes", "four functions without the flag: these functions, or CKR_CANT_LOCK", [](Run& run) {
    no_string_needed(run);
    CK_C_INITIALIZE_ARGS arguments = with_mutexes(0);
    initialize_with(run, "with mutex functions", &arguments, {CKR_OK, CKR_CANT_LOCK});
  });
  add("mutexes_or_os", "four functions with the flag: either, or CKR_CANT_LOCK", [](Run& run) {
    no_string_needed(run);
    CK_C_INITIALIZE_ARGS arguments = with_mutexes(CKF_OS_LOCKING_OK);
    initialize_with(run, "with mutex functions and CKF_OS_LOCKING_OK", &arguments, {CKR_OK, CKR_CANT_LOCK});
  });
  for (int missing = 0; missing < 4; ++missing) {
    const std::string id = "incomplete_mutexes_" + std::to_string(missing + 1);
    add(id.c_str(), "some but not all mutex functions should be CKR_ARGUMENTS_BAD", [missing](Run& run) {
      CK_C_INITIALIZE_ARGS arguments = with_mutexes(CKF_OS_LOCKING_OK);
      if (missing == 0) arguments.CreateMutex = nullptr;
      if (missing == 1) arguments.DestroyMutex = nullptr;
      if (missing == 2) arguments.LockMutex = nullptr;
      if (missing == 3) arguments.UnlockMutex = nullptr;
      recommended("C_Initialize with three mutex functions", run->C_Initialize(&arguments),
                  {CKR_ARGUMENTS_BAD});
    });
  }
  add("reserved", "a pReserved that is not NULL should be CKR_ARGUMENTS_BAD", [](Run& run) {
    no_string_needed(run);
    CK_C_INITIALIZE_ARGS arguments{};
    char reserved[] = "";
    arguments.pReserved = reserved;
    recommended("C_Initialize with pReserved", run->C_Initialize(&arguments), {CKR_ARGUMENTS_BAD});
  });
  add("no_threads", "the library may be told to make no threads of its own", [](Run& run) {
    no_string_needed(run);
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.flags = CKF_LIBRARY_CANT_CREATE_OS_THREADS | CKF_OS_LOCKING_OK;
    initialize_with(run, "with CKF_LIBRARY_CANT_CREATE_OS_THREADS", &arguments,
                    {CKR_OK, CKR_NEED_TO_CREATE_THREADS, CKR_CANT_LOCK});
  });
  add("twice", "a second C_Initialize is CKR_CRYPTOKI_ALREADY_INITIALIZED", [](Run& run) {
    run.initialize();
    expect("the second C_Initialize", run->C_Initialize(nullptr), {CKR_CRYPTOKI_ALREADY_INITIALIZED});
  });
  add("twice_keeps", "a refused second C_Initialize leaves sessions as they are", [](Run& run) {
    run.initialize();
    const auto session = run.open();
    expect("the second C_Initialize", run->C_Initialize(nullptr), {CKR_CRYPTOKI_ALREADY_INITIALIZED});
    (void)run.state(session);
  });
  add("refused_then_right", "a C_Initialize that was refused may be followed by a right one", [](Run& run) {
    CK_C_INITIALIZE_ARGS arguments = with_mutexes(0);
    arguments.LockMutex = nullptr;
    if (run->C_Initialize(&arguments) == CKR_OK) not_applicable("the module takes three mutex functions");
    run.initialize();
  });
  add("refused_is_not_initialized", "a refused C_Initialize leaves the library uninitialized", [](Run& run) {
    CK_C_INITIALIZE_ARGS arguments = with_mutexes(0);
    arguments.LockMutex = nullptr;
    if (run->C_Initialize(&arguments) == CKR_OK) not_applicable("the module takes three mutex functions");
    CK_INFO info{};
    recommended("C_GetInfo", run->C_GetInfo(&info), {CKR_CRYPTOKI_NOT_INITIALIZED});
  });
  const auto finalize = [&](const char* id, const char* sentence, std::function<void(Run&)> body) {
    cases.push_back({std::string("finalize.") + id, "5.4.2", sentence, Setup::loaded, std::move(body)});
  };
  finalize("reserved", "a pReserved that is not NULL should be CKR_ARGUMENTS_BAD", [](Run& run) {
    run.initialize();
    int reserved = 0;
    recommended("C_Finalize with pReserved", run->C_Finalize(&reserved), {CKR_ARGUMENTS_BAD});
  });
  finalize("reserved_keeps", "a refused C_Finalize leaves the library initialized", [](Run& run) {
    run.initialize();
    int reserved = 0;
    if (run->C_Finalize(&reserved) == CKR_OK) not_applicable("the module does not look at pReserved");
    CK_INFO info{};
    ok("C_GetInfo after the refused C_Finalize", run->C_GetInfo(&info));
  });
  finalize("twice", "C_Finalize without C_Initialize can be CKR_CRYPTOKI_NOT_INITIALIZED", [](Run& run) {
    run.initialize();
    run.finalize();
    recommended("the second C_Finalize", run->C_Finalize(nullptr), {CKR_CRYPTOKI_NOT_INITIALIZED});
  });
  finalize("again", "C_Initialize and C_Finalize may follow each other many times", [](Run& run) {
    for (int round = 0; round < 20; ++round) {
      run.initialize();
      (void)run.open();
      run.finalize();
    }
  });
  finalize("ends_sessions", "session handles do not outlive C_Finalize", [](Run& run) {
    run.initialize();
    const auto session = run.open();
    run.finalize();
    run.initialize();
    CK_SESSION_INFO info{};
    expect("C_GetSessionInfo with a handle from before", run->C_GetSessionInfo(session, &info),
           {CKR_SESSION_HANDLE_INVALID});
  });
  finalize("ends_login", "a login does not outlive C_Finalize", [](Run& run) {
    run.initialize();
    if (!run.wants_login()) not_applicable("the token wants no login");
    run.login(run.open());
    run.finalize();
    run.initialize();
    equal("the state of a new session", run.state(run.open()), CKS_RO_PUBLIC_SESSION);
  });
}

void add_information(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence,
                       const std::function<void(const CK_INFO&)>& body) {
    cases.push_back({std::string("info.") + id, chapter, sentence, Setup::initialized, [body](Run& run) {
                       CK_INFO info;
                       std::memset(&info, 0xa5, sizeof info);
                       ok("C_GetInfo", run->C_GetInfo(&info));
                       body(info);
                     }});
  };
  add("version", "3.1", "cryptokiVersion is the version of the interface", [](const CK_INFO& info) {
    require(info.cryptokiVersion.major == 2 || info.cryptokiVersion.major == 3, "cryptokiVersion 2.x or 3.x",
            std::to_string(info.cryptokiVersion.major) + "." + std::to_string(info.cryptokiVersion.minor));
  });
  add("flags", "3.1", "flags is zero for this version",
      [](const CK_INFO& info) { equal("flags", info.flags, 0); });
  add("manufacturer", "3.1", "manufacturerID is padded with blanks and not null-terminated",
      [](const CK_INFO& info) {
        require(padded(info.manufacturerID, sizeof info.manufacturerID), "blanks", "a zero byte");
      });
  add("description", "3.1", "libraryDescription is padded with blanks and not null-terminated",
      [](const CK_INFO& info) {
        require(padded(info.libraryDescription, sizeof info.libraryDescription), "blanks", "a zero byte");
      });
  cases.push_back({"function_list.same", "5.4.4",
                   "C_GetFunctionList gives the library's list, before C_Initialize too", Setup::loaded,
                   [](Run& run) {
                     CK_FUNCTION_LIST* before = nullptr;
                     CK_FUNCTION_LIST* after = nullptr;
                     ok("C_GetFunctionList", run->C_GetFunctionList(&before));
                     run.initialize();
                     ok("C_GetFunctionList", run->C_GetFunctionList(&after));
                     require(before != nullptr && before == after, "the same list", "another pointer");
                   }});
  cases.push_back({"function_list.version", "5.4.4",
                   "the list is of version 2.x: 3.x lists come from C_GetInterface", Setup::loaded,
                   [](Run& run) {
                     equal("the list's major version", run->version.major, 2);
                     require(run->version.minor == 40 || run->version.minor < 40, "2.40 or older",
                             "2." + std::to_string(run->version.minor));
                   }});
}

}  // namespace conformance
