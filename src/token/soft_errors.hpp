// What can go wrong with a software token's file, and the one table from there to the standard's words.
#pragma once

#include <cryptoki/pkcs11.h>

#include <cstdint>
#include <exception>

#include "core/error.hpp"

namespace jpki::token {

class StoreError : public std::exception {
 public:
  enum class Reason : std::uint8_t {
    not_found,     // no such file or folder
    not_a_token,   // something else than a software token
    not_private,   // others may write it or own it, or it is a symbolic link
    read_only,     // on a read-only file system, or no right to write
    no_space,      // the disk is full, or the quota
    corrupt,       // a checksum or tag is wrong, or the file's structure is
    busy,          // another process held the file for too long
    newer_schema,  // written by a later version
    no_key,        // asked for what only a login gives, or the token was initialized anew by another process
    no_pin,        // the user PIN is not initialized
    no_object,     // another process may have destroyed it
    too_large,     // above the limits of the store
    failed,        // anything else: memory, input or output
  };
  /// `why` is a literal: no path, label or value gets into it.
  StoreError(Reason reason, const char* why) noexcept : reason_(reason), why_(why) {}
  [[nodiscard]] Reason reason() const noexcept { return reason_; }
  [[nodiscard]] const char* what() const noexcept override { return why_; }

 private:
  Reason reason_;
  const char* why_;
};

[[nodiscard]] CK_RV to_rv(StoreError::Reason reason);

/// What the call returns; a StoreError in the standard's words.
template <class Call>
auto in_standard_words(Call call) {
  try {
    return call();
  } catch (const StoreError& error) {
    throw core::Error(to_rv(error.reason()), error.what());
  }
}

}  // namespace jpki::token
