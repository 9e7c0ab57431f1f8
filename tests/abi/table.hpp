// What a PKCS #11 header says: the values of its constants and the layout of its structures.
#pragma once

#include <cstddef>
#include <map>
#include <string>

struct Place {
  std::size_t offset;
  std::size_t size;
  bool operator==(const Place&) const = default;
};

/// Members are named "STRUCTURE.member"; "STRUCTURE." is the structure itself.
struct Table {
  std::map<std::string, unsigned long> constants;
  std::map<std::string, Place> members;
};

Table table_of_expected();
Table table_of_ours();
Table table_of_p11kit();
Table table_of_nss();
