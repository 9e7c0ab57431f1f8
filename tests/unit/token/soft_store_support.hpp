// What the tests of the software token's store share.
#pragma once

#include <cryptoki/pkcs11.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/file.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "token/soft_store.hpp"

namespace jpki::test {

using core::AttributeMap;
using core::PinOutcome;
using token::SoftStore;
using token::StoreError;
using Reason = StoreError::Reason;

inline constexpr std::string_view officer_pin = "officer-pin", user_pin = "user-pin";
inline const token::StoreOptions cheap{5, 5, crypto::lowest_cost, 0};
inline constexpr CK_ATTRIBUTE_TYPE secret_types[] = {CKA_PRIVATE_EXPONENT, CKA_VALUE};

/// A file system in memory, where there is one: what these tests check does not depend on the disk's speed.
inline std::filesystem::path memory_folder() {
  const std::filesystem::path memory = "/dev/shm";
  return access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
}

/// A fresh token; with a user PIN, and the user logged in.
struct TokenFolder {
  TempFolder folder{memory_folder()};
  [[nodiscard]] std::filesystem::path path() const { return folder.path() / "tokens"; }
  [[nodiscard]] std::unique_ptr<SoftStore> blank(const token::StoreOptions& options = cheap) const {
    return SoftStore::create(path(), "a label", bytes_of(officer_pin), options);
  }
  [[nodiscard]] std::unique_ptr<SoftStore> ready() const {
    auto store = blank();
    store->check_officer_pin(bytes_of(officer_pin));
    store->init_user_pin(bytes_of(user_pin));
    store->forget_key();
    store->check_user_pin(bytes_of(user_pin));
    return store;
  }
};

inline AttributeMap object(std::string_view label, bool is_private, CK_OBJECT_CLASS object_class = CKO_DATA) {
  AttributeMap map;
  map.put(CKA_CLASS, object_class).put(CKA_TOKEN, true).put(CKA_PRIVATE, is_private).put(CKA_LABEL, label);
  map.put(CKA_APPLICATION, "the application").put(CKA_ID, Bytes{1, 2, 3});
  return map;
}

/// Every attribute as type=value, in order.
inline std::string text(const AttributeMap& map) {
  std::string all;
  for (const auto& row : map.rows()) {
    all += std::to_string(row.type) + "=" + std::string(text_of(map.value(row))) + ";";
  }
  return all;
}

/// The reason of the StoreError that `action` throws; fails the test if there is none.
template <class Action>
Reason reason_of(Action action) {
  try {
    action();
  } catch (const StoreError& error) {
    return error.reason();
  }
  FAIL("no StoreError");
  return Reason::failed;
}

/// SQL against a token's file, as somebody with the file in hands would do it.
inline void tamper(const std::filesystem::path& file, const std::string& sql) {
  sqlite3* connection = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &connection) == SQLITE_OK);
  char* message = nullptr;
  const int code = sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, &message);
  INFO((message != nullptr ? message : ""));
  CHECK(code == SQLITE_OK);
  sqlite3_free(message);
  sqlite3_close(connection);
}

/// Everything in the folder's files.
inline std::string all_bytes(const std::filesystem::path& folder) {
  std::string all;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    all += text_of(*read_file(entry.path()));
  }
  return all;
}

}  // namespace jpki::test
