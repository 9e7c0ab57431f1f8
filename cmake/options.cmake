# Options and flags that hold for every target.
option(JPKI_TESTS "build the tests" ON)
option(JPKI_FUZZ "build the libFuzzer programs of tests/fuzz (clang)" OFF)
set(JPKI_SANITIZE "" CACHE STRING "sanitizers, as -fsanitize= takes them")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# Where everything is installed, below the prefix (cmake/install.cmake).
include(GNUInstallDirs)
# Position independent programs also where the compiler does not make them by itself (clang): CMake's policy CMP0083.
include(CheckPIESupported)
check_pie_supported()
set(JPKI_MODULE_FOLDER "${CMAKE_INSTALL_LIBDIR}/pkcs11")

set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/archive")

add_compile_options(-Wall -Wextra -Wpedantic -Werror -Wshadow $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
  -Wmissing-field-initializers -fstack-protector-strong)
if(JPKI_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(JPKI_SANITIZE)
  add_compile_options(-fsanitize=${JPKI_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${JPKI_SANITIZE})
  # GCC's warnings that follow the flow of values are wrong about instrumented code (GCC manual, -fsanitize);
  # they count in the other builds.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds -Wno-maybe-uninitialized
      -Wno-restrict -Wno-nonnull)
  endif()
else()
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-clash-protection)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
      add_compile_options(-fcf-protection=full)
    endif()
    # The same bytes whatever the folder and the day (scripts/dev reproducible). Macros that tell the date are errors.
    add_compile_options("-ffile-prefix-map=${PROJECT_SOURCE_DIR}=." -Wdate-time)
  endif()
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()

find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(PCSC REQUIRED IMPORTED_TARGET libpcsclite)
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)
