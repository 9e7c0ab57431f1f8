#include "oasis/player.hpp"

#include <cstring>

#include "oasis/names.hpp"
#include "oasis/steps.hpp"

namespace conformance::oasis {
namespace {

const char* const booleans[] = {
    "TOKEN",  "PRIVATE", "MODIFIABLE", "SENSITIVE", "EXTRACTABLE", "ENCRYPT",  "DECRYPT", "SIGN",
    "VERIFY", "WRAP",    "UNWRAP",     "DERIVE",    "DESTROYABLE", "COPYABLE", "LOCAL",   "TRUSTED"};

bool is_boolean(const std::string& type) {
  for (const char* name : booleans) {
    if (type == name) return true;
  }
  return false;
}

/// This node or the next that is an element: texts hold remarks between elements.
pugi::xml_node element(pugi::xml_node node) {
  while (node && node.type() != pugi::node_element) node = node.next_sibling();
  return node;
}

}  // namespace

Bytes bytes_of(const std::string& hex) {
  Bytes bytes;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
    bytes.push_back(static_cast<unsigned char>(std::stoul(hex.substr(at, 2), nullptr, 16)));
  }
  return bytes;
}

std::string Player::value(const pugi::xml_node& element, const char* name) {
  std::string text = element.attribute(name).value();
  const auto bound = run.options.bindings.find(text);
  if (bound != run.options.bindings.end()) {
    warn("the text's \"" + text + "\" was bound to \"" + bound->second + "\"");
    return bound->second;
  }
  if (!text.starts_with("${")) return text;
  const std::string variable = text.substr(2, text.size() - 3);
  if (run.options.bindings.contains(variable)) return run.options.bindings.at(variable);
  if (variables_.contains(variable)) return variables_.at(variable);
  if (variable == "Pin") return run.pin();
  throw Failed{"a value for ${" + variable + "}", "none was given by an earlier step"};
}

CK_ULONG Player::number(const pugi::xml_node& element) { return oasis::number(value(element)); }

void Player::bind(const pugi::xml_node& element, const char* name, const std::string& value) {
  const std::string text = element.attribute(name).value();
  if (text.starts_with("${")) variables_[text.substr(2, text.size() - 3)] = value;
}

void Player::literal(const std::string& what, CK_ULONG got, CK_ULONG text) {
  if (got != text) warn(what + " is " + std::to_string(got) + ", the text's is " + std::to_string(text));
}

void Player::literal(const std::string& what, const Bytes& got, const Bytes& text) {
  if (got != text) {
    warn(what + " has another value than the text's (" + std::to_string(got.size()) + " and " +
         std::to_string(text.size()) + " bytes)");
  }
}

Template Player::template_of(const pugi::xml_node& element) {
  Template result;
  for (const auto& attribute : element.children("Attribute")) {
    const std::string type = attribute.attribute("type").value();
    const std::string text = value(attribute);
    if (type == "CLASS") {
      result.number(CKA_CLASS, object_class(text));
    } else if (type == "KEY_TYPE") {
      result.number(CKA_KEY_TYPE, key_type(text));
    } else if (is_boolean(type)) {
      result.flag(oasis::attribute(type), text == "TRUE" || text == "true");
    } else if (type == "LABEL" || type == "APPLICATION") {
      result.text(oasis::attribute(type), text);
    } else {
      result.bytes(oasis::attribute(type), bytes_of(text));
    }
  }
  return result;
}

void Player::play(const pugi::xml_document& text) {
  const pugi::xml_node root = text.child("PKCS11");
  require(static_cast<bool>(root), "a text with the root PKCS11", "none");
  for (auto call = element(root.first_child()); call; call = element(call.next_sibling())) {
    const auto result = element(call.next_sibling());
    require(std::strcmp(call.name(), result.name()) == 0 && !result.attribute("rv").empty(),
            std::string("the outcome of ") + call.name(), "another element in the text");
    const Step* step = step_of(call.name());
    if (step == nullptr) not_applicable(std::string("the player does not know ") + call.name());
    const CK_RV rv = step->play(*this, call, result);
    expect(std::string(call.name()) + " of the text", rv, {return_value(value(result, "rv"))});
    call = result;
  }
}

}  // namespace conformance::oasis
