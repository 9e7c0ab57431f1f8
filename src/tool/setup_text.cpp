#include "tool/setup_text.hpp"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

namespace jpki::tool {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* policy_name = "jpki";

std::string begin_mark(const std::string& name) { return "# jpki setup " + name + ": begin"; }
std::string end_mark(const std::string& name) { return "# jpki setup " + name + ": end\n"; }
// The line before had no end: it will have none again.
constexpr const char* was_open = " (the line above was open)";

bool is_ours(const std::string& stanza) {
  std::istringstream lines(stanza);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("library=")) continue;
    return std::filesystem::path(line.substr(8)).filename().string().starts_with("jpki-pkcs11");
  }
  return false;
}

// Whether an object has nothing but, or no, other members: what becomes empty by our leaving goes.
void drop_if_empty(Json& parent, const char* name) {
  if (parent.contains(name) && parent[name].empty()) parent.erase(name);
}

bool is_object_or_none(const Json& parent, const char* name) {
  return !parent.contains(name) || parent[name].is_object();
}

// Firefox takes both forms: {"Add": {name: path}}, and {name: path}, which is the older one.
Json& devices(Json& policies) {
  Json& list = policies["SecurityDevices"];
  const bool older = !list.empty() && !list.contains("Add") && !list.contains("Delete");
  return older ? list : list["Add"];
}

std::string ssh_string(const std::string& bytes) {
  std::string field;
  for (int shift = 24; shift >= 0; shift -= 8) field += static_cast<char>(bytes.size() >> shift & 0xFF);
  return field + bytes;
}

// RFC 4251, 5: a number whose highest bit is set has a zero byte in front.
std::string ssh_number(std::string bytes) {
  bytes.erase(0, std::min(bytes.find_first_not_of('\0'), bytes.size()));
  if (!bytes.empty() && (static_cast<unsigned char>(bytes[0]) & 0x80) != 0) bytes.insert(0, 1, '\0');
  return ssh_string(bytes);
}

// RFC 4648, 4.
std::string base64(const std::string& bytes) {
  constexpr const char* digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8 | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      text += at + i <= bytes.size() ? digits[group >> (18 - 6 * i) & 0x3F] : '=';
  }
  return text;
}

}  // namespace

std::string with_block(const std::string& text, const std::string& name, const std::string& body) {
  const std::string rest = without_block(text, name);
  const bool open = !rest.empty() && rest.back() != '\n';
  return rest + (open ? "\n" : "") + begin_mark(name) + (open ? was_open : "") + "\n" + body + end_mark(name);
}

std::string without_block(const std::string& text, const std::string& name) {
  const std::string begin = begin_mark(name), end = end_mark(name);
  std::size_t from = text.starts_with(begin) ? 0 : text.find("\n" + begin);
  if (from == text.npos) return text;
  if (from != 0 || text.starts_with("\n")) ++from;
  const auto to = text.find(end, from);
  if (to == text.npos) return text;  // somebody took our mark away: what is whose is not known
  const bool open =
      text.compare(from + begin.size(), std::char_traits<char>::length(was_open), was_open) == 0;
  return text.substr(0, from - (open ? 1 : 0)) + text.substr(to + end.size());
}

std::string with_module(const std::string& list, const std::string& library) {
  // NSS writes the stanzas anew when it changes one: ours may have moved, and is still ours.
  const std::string rest = without_module(list);
  const auto line = "library=" + library + "\n";
  const bool there = list.starts_with(line) || list.find("\n" + line) != list.npos;
  if (there && rest.find(line) == rest.npos) return list;
  return "library=" + library + "\nname=JPKI\n\n" + rest;
}

std::string without_module(const std::string& list) {
  std::string rest;
  for (std::size_t at = 0; at < list.size();) {
    const auto end = list.find("\n\n", at);
    const auto size = (end == list.npos ? list.size() : end + 2) - at;
    if (const auto stanza = list.substr(at, size); !is_ours(stanza)) rest += stanza;
    at += size;
  }
  return rest;
}

std::optional<std::string> with_policies(const std::string& text, const std::string& library,
                                         const std::string& ca_file) {
  Json all = text.empty() ? Json::object() : Json::parse(text, nullptr, false);
  if (!all.is_object() || !is_object_or_none(all, "policies")) return std::nullopt;
  Json& policies = all["policies"];
  if (!is_object_or_none(policies, "SecurityDevices") || !is_object_or_none(policies, "Certificates"))
    return std::nullopt;
  Json& list = devices(policies);
  if (!list.is_null() && !list.is_object()) return std::nullopt;
  list[policy_name] = library;
  if (!ca_file.empty()) {
    Json& install = policies["Certificates"]["Install"];
    if (!install.is_null() && !install.is_array()) return std::nullopt;
    if (std::find(install.begin(), install.end(), Json(ca_file)) == install.end()) install.push_back(ca_file);
  }
  return all.dump(2) + "\n";
}

std::optional<std::string> without_policies(const std::string& text,
                                            const std::vector<std::string>& ca_files) {
  Json all = Json::parse(text, nullptr, false);
  if (!all.is_object() || !all.contains("policies") || !all["policies"].is_object()) return std::nullopt;
  const Json before = all;
  Json& policies = all["policies"];
  if (policies.contains("SecurityDevices") && policies["SecurityDevices"].is_object()) {
    Json& given = policies["SecurityDevices"];
    Json& list = given.contains("Add") && given["Add"].is_object() ? given["Add"] : given;
    if (list.erase(policy_name) != 0) {
      drop_if_empty(given, "Add");
      drop_if_empty(policies, "SecurityDevices");
    }
  }
  if (policies.contains("Certificates") && policies["Certificates"].is_object() &&
      policies["Certificates"].contains("Install")) {
    Json left = Json::array();
    for (const auto& file : policies["Certificates"]["Install"])
      if (!file.is_string() ||
          std::find(ca_files.begin(), ca_files.end(), file.get<std::string>()) == ca_files.end())
        left.push_back(file);
    if (left.size() != policies["Certificates"]["Install"].size()) {
      policies["Certificates"]["Install"] = left;
      drop_if_empty(policies["Certificates"], "Install");
      drop_if_empty(policies, "Certificates");
    }
  }
  // Nothing of ours: not even the layout is to change.
  if (all == before) return text;
  drop_if_empty(all, "policies");
  return all.empty() ? "" : all.dump(2) + "\n";
}

std::vector<std::string> profile_folders(const std::string& ini) {
  std::vector<std::string> found;
  bool profile = false;
  std::istringstream lines(ini);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.starts_with("[")) profile = line.starts_with("[Profile");
    if (profile && line.starts_with("Path=")) found.push_back(line.substr(5));
  }
  return found;
}

std::string ssh_rsa_line(const std::string& modulus, const std::string& exponent) {
  return "ssh-rsa " + base64(ssh_string("ssh-rsa") + ssh_number(exponent) + ssh_number(modulus));
}

}  // namespace jpki::tool
