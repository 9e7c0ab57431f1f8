// Tables of tests/vectors: a row a line, fields between tabs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/hex.hpp"
#include "support/vectors.hpp"

namespace jpki::test {

using Row = std::vector<std::string>;

/// The rows of a file, without its head (`#`).
inline std::vector<Row> table(const std::string& name) {
  std::vector<Row> rows;
  const Bytes content = vector_file(name);
  Row row(1);
  for (const auto byte : content) {
    if (byte == '\t') {
      row.emplace_back();
    } else if (byte != '\n') {
      row.back().push_back(static_cast<char>(byte));
    } else {
      if (!row.front().starts_with('#')) rows.push_back(row);
      row.assign(1, {});
    }
  }
  REQUIRE(!rows.empty());
  return rows;
}

/// A field of bytes in hex; "-" is none.
inline Bytes bytes_in(const std::string& field) {
  if (field == "-") return {};
  auto bytes = from_hex(field);
  REQUIRE(bytes.has_value());
  return *bytes;
}

/// A number of keys/keys.tsv.
inline Bytes number_of_key(const std::string& name, std::string_view attribute) {
  for (const auto& row : table("keys/keys.tsv"))
    if (row.at(0) == name && row.at(1) == attribute) return bytes_in(row.at(2));
  FAIL("no such number");
  return {};
}

}  // namespace jpki::test
