// What the torture programs share: their arguments, objects that tell by themselves whether they are whole,
// and mounts.
#pragma once

#include <cryptoki/pkcs11.h>

#include <filesystem>
#include <functional>
#include <map>
#include <random>
#include <stdexcept>
#include <string>

#include "support/temp_folder.hpp"
#include "token/soft_store.hpp"

namespace jpki::torture {

using core::AttributeMap;
using core::PinOutcome;
using token::SoftStore;
using token::StoreError;
using Reason = StoreError::Reason;
namespace fs = std::filesystem;

struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct Skip : std::runtime_error {
  using std::runtime_error::runtime_error;
};
void expect(bool condition, const std::string& what);

/// Where nothing else is said: in memory, where that can be; what a killed process leaves behind is the same
/// there.
[[nodiscard]] fs::path usual_folder();

struct Options {
  double seconds = 0;  // 0: as long as `count` takes
  unsigned count = 0;  // 0: as many as `seconds` allow
  unsigned seed = std::random_device{}();
  fs::path folder = usual_folder();
};
/// Runs `body` with the options of the command line; its exit code, with what went wrong printed.
int run(int argc, char** argv, const Options& usual, const std::function<void(const Options&)>& body);

/// The object of a name and version: public, private, or public with a secret value. Another one for any
/// other name or version, in its value's length and every byte.
AttributeMap object(const std::string& name, unsigned version);
inline constexpr CK_ATTRIBUTE_TYPE secret_types[] = {CKA_VALUE};
std::string name_of(const AttributeMap& object);
unsigned version_of(const AttributeMap& object);
/// All attributes, for comparison.
std::string text(const AttributeMap& object);

inline constexpr std::string_view user_pin = "user-pin", officer_pin = "officer-pin", wrong_pin = "wrong-pin";
/// A new token with a user PIN; nobody is logged in.
std::unique_ptr<SoftStore> new_token(const fs::path& folder, unsigned tries);

/// The reason of the StoreError that `action` throws; a Failure if there is none.
Reason reason_of(const std::function<void()>& action);

/// This process's own view of the file systems, so that nothing stays mounted. Throws Skip.
void own_mounts();
/// Runs `body` in a child of fork, as another user where `uid` is not 0. Throws Failure if it does.
void in_child(unsigned uid, const std::function<void()>& body);

}  // namespace jpki::torture
