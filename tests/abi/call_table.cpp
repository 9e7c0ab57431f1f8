// pkcs11/call_table.def against the table of functions: order, versions, parameters, argument names.
#include "support/catch.hpp"
#include "tsv.hpp"

namespace {

// This file does not include the header, so the parameters are turned into text as they are written.
const std::vector<Row> calls = {
#define CALL(since, Name, parameters, arguments) {#since, #Name, #parameters, #arguments},
#include "pkcs11/call_table.def"
};

/// "CK_A a; CK_B b" as "(CK_A a, CK_B b)".
std::string as_parameters(std::string text) {
  for (std::size_t at; (at = text.find(';')) != std::string::npos;) text[at] = ',';
  return "(" + text + ")";
}

/// "CK_A a; CK_B b" as "(a, b)".
std::string as_arguments(const std::string& text) {
  std::string names;
  std::istringstream words(text);
  for (std::string type, name; words >> type >> name;) names += name + " ";
  names.pop_back();
  for (auto& c : names) c = c == ';' ? ',' : c;
  return "(" + names + ")";
}

std::string as_suffix(std::string version) {
  version[1] = '_';
  return version;
}

}  // namespace

TEST_CASE("the call table has the functions of the standard, in order, with their parameters") {
  std::vector<Row> expected;
  for (const auto& row : read_tsv("functions.tsv")) {
    expected.push_back({as_suffix(row.at(1)), row.at(0), as_parameters(row.at(2)), as_arguments(row.at(2))});
  }
  CHECK(expected.size() == 104);
  CHECK(calls == expected);
}
