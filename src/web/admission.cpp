#include "web/admission.hpp"

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace jpki::web {
namespace {

constexpr int ok = 200, bad_request = 400, not_found = 404, method_not_allowed = 405, length_required = 411,
              too_large = 413, wrong_type = 415, misdirected = 421;

std::size_t count(const Head& head, const char* name) {
  return static_cast<std::size_t>(
      std::count_if(head.fields.begin(), head.fields.end(),
                    [&](const auto& field) { return strcasecmp(field.first.c_str(), name) == 0; }));
}

std::string value(const Head& head, const char* name) {
  for (const auto& field : head.fields)
    if (strcasecmp(field.first.c_str(), name) == 0) return field.second;
  return "";
}

/// Digits and nothing else (RFC 9110, 8.6).
std::optional<std::uint64_t> length_of(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// A name that resolves to this machine may be anybody's (DNS rebinding): only our own names are answered
/// for.
bool is_our_host(const std::string& field, const std::vector<std::string>& hosts) {
  const auto colon = field.rfind(':');
  const bool has_port = colon != std::string::npos && field.find(']', colon) == std::string::npos;
  const std::string host = has_port ? field.substr(0, colon) : field;
  if (has_port && !length_of(field.substr(colon + 1))) return false;
  return std::any_of(hosts.begin(), hosts.end(),
                     [&](const std::string& our) { return strcasecmp(our.c_str(), host.c_str()) == 0; });
}

int admission_of_body(const Head& head, const Route& route, const Limits& limits) {
  const auto length = length_of(value(head, "Content-Length"));
  if (count(head, "Content-Length") == 0) return length_required;
  if (count(head, "Content-Length") > 1 || !length) return bad_request;
  if (*length > limits.body) return too_large;
  return media_type(value(head, "Content-Type")) == route.type ? ok : wrong_type;
}

}  // namespace

std::string media_type(const std::string& field) {
  std::string type = field.substr(0, field.find(';'));
  type.erase(type.find_last_not_of(" \t") + 1);
  std::transform(type.begin(), type.end(), type.begin(),
                 [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  return type;
}

std::string pattern_of(const std::string& literal) {
  std::string pattern;
  for (const char c : literal) {
    if (std::string_view(R"(\^$.|?*+()[]{})").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

int admission(const Head& head, const Site& site) {
  const std::string method = head.method == "HEAD" ? "GET" : head.method;
  bool path_is_known = false;
  const Route* route = nullptr;
  for (const Route& row : site.routes) {
    path_is_known |= row.path == head.path;
    if (row.path == head.path && row.method == method) route = &row;
  }
  // A body whose length is not told, or is another one once unpacked, is no body for us; nor is a part of a
  // page.
  for (const char* name : {"Transfer-Encoding", "Content-Encoding", "Range"})
    if (count(head, name) > 0) return bad_request;
  if (count(head, "Host") != 1) return bad_request;
  if (!is_our_host(value(head, "Host"), site.hosts)) return misdirected;
  if (!path_is_known) return not_found;
  if (route == nullptr) return method_not_allowed;
  if (method == "POST") return admission_of_body(head, *route, site.limits);
  const auto length = value(head, "Content-Length");
  return length.empty() || length == "0" ? ok : bad_request;
}

}  // namespace jpki::web
