// Plays one text: each call is made, its return value and the shape of its answer are compared.
#pragma once

#include <map>
#include <pugixml.hpp>

#include "keys.hpp"

namespace conformance::oasis {

class Player {
 public:
  explicit Player(Run& owner) : run(owner) {}

  void play(const pugi::xml_document& text);

  Run& run;

  /// The value of an element's attribute `value`, with variables and bindings put in.
  std::string value(const pugi::xml_node& element, const char* name = "value");
  CK_ULONG number(const pugi::xml_node& element);
  CK_SESSION_HANDLE session(const pugi::xml_node& call) { return number(call.child("Session")); }
  void bind(const pugi::xml_node& element, const char* name, const std::string& value);
  void warn(const std::string& text) { run.warnings.push_back(text); }

  /// A value that need not be the text's, but should be mentioned where it is not.
  void literal(const std::string& what, CK_ULONG got, CK_ULONG text);
  void literal(const std::string& what, const Bytes& got, const Bytes& text);

  /// A template of the text.
  Template template_of(const pugi::xml_node& element);

  std::vector<CK_OBJECT_HANDLE> found;  ///< by the search that is going on
  Template searched;
  bool searched_label = false;
  std::map<std::pair<CK_OBJECT_HANDLE, CK_ATTRIBUTE_TYPE>, CK_ULONG> lengths;  ///< asked before

 private:
  std::map<std::string, std::string> variables_;
};

Bytes bytes_of(const std::string& hex);

}  // namespace conformance::oasis
