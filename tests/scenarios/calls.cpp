#include "calls.hpp"

#include <algorithm>
#include <map>
#include <sstream>

#include "../abi/tsv.hpp"

namespace scenario {
namespace {

template <class T>
T as(std::uintptr_t value) {
  if constexpr (std::is_pointer_v<T>)
    return reinterpret_cast<T>(value);
  else
    return static_cast<T>(value);
}

template <class... Types, std::size_t... Index>
CK_RV invoke(CK_RV (*function)(Types...), const std::vector<std::uintptr_t>& values,
             std::index_sequence<Index...>) {
  return function(as<Types>(values[Index])...);
}

template <class... Types>
auto callable(CK_RV (*function)(Types...)) {
  return [function](const std::vector<std::uintptr_t>& values) {
    return invoke(function, values, std::index_sequence_for<Types...>{});
  };
}

/// "(CK_A a, CK_B b)"
std::vector<Parameter> parse(std::string text) {
  std::replace(text.begin(), text.end(), ',', ' ');
  text = text.substr(1, text.size() - 2);
  std::istringstream words(text);
  std::vector<Parameter> found;
  for (Parameter one; words >> one.type >> one.name;) found.push_back(one);
  return found;
}

std::set<std::string> words_of(const std::string& text) {
  std::istringstream words(text);
  std::set<std::string> found;
  for (std::string word; words >> word;) found.insert(word);
  return found;
}

const std::map<std::string, std::set<std::string>>& listed() {
  static const auto table = [] {
    std::map<std::string, std::set<std::string>> rows;
    for (const auto& row : read_tsv("returns.tsv")) rows[row.at(0)] = words_of(row.at(1));
    return rows;
  }();
  return table;
}

}  // namespace

bool Parameter::is_pointer() const {
  const auto ends_with = [this](const std::string& end) {
    return type.size() > end.size() && type.compare(type.size() - end.size(), end.size(), end) == 0;
  };
  return ends_with("_PTR") || ends_with("_PTR_PTR");
}

std::vector<Function> functions_of(const CK_FUNCTION_LIST_3_2& list) {
  return {
#define CALL(since, name, parameters, arguments) {#name, parse(#parameters), callable(list.name)},
#include "pkcs11/call_table.def"
  };
}

std::set<std::string> permitted(const Function& function) {
  const auto row = listed().find(function.name);
  if (row == listed().end()) return {"CKR_FUNCTION_NOT_SUPPORTED"};
  auto names = row->second;
  if (function.takes_session())
    names.insert({"CKR_SESSION_HANDLE_INVALID", "CKR_DEVICE_REMOVED", "CKR_SESSION_CLOSED"});
  // What only some tokens can do, and the card's cannot (5.1.6).
  for (const char* name : {"C_InitToken", "C_CreateObject", "C_CopyObject", "C_GenerateKeyPair"})
    if (function.name == name) names.insert("CKR_FUNCTION_NOT_SUPPORTED");
  // Its section lists all that the sections of its sisters do, but for this.
  if (function.name == "C_EncryptInit") names.insert("CKR_ARGUMENTS_BAD");
  return names;
}

}  // namespace scenario
