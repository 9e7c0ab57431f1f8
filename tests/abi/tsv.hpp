// Rows of a table in tests/vectors/pkcs11-3.2.
#pragma once

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

using Row = std::vector<std::string>;

inline std::vector<Row> read_tsv(const std::string& name) {
  std::ifstream file(std::string(JPKI_TEST_DATA) + "/pkcs11-3.2/" + name);
  if (!file) throw std::runtime_error("cannot read " + name);
  std::vector<Row> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream cells(line);
    rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, '\t');) rows.back().push_back(cell);
  }
  return rows;
}
