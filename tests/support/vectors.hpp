// Files of tests/vectors: answers that other implementations gave.
#pragma once

#include <string>

#include "base/file.hpp"
#include "support/catch.hpp"

namespace jpki::test {

inline Bytes vector_file(const std::string& name) {
  const auto content = read_file(std::string(JPKI_TEST_DATA) + "/" + name);
  REQUIRE(content.has_value());
  return *content;
}

}  // namespace jpki::test
