// Which requests are looked at at all: decided by the head alone, before a byte of the body is read. For this
// layer's own files.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "web/server.hpp"

namespace jpki::web {

struct Head {
  std::string method, path;
  std::vector<std::pair<std::string, std::string>> fields;
};

/// 200, or the status of the refusal.
int admission(const Head& head, const Site& site);

/// "text/html; charset=utf-8" is text/html; small letters.
std::string media_type(const std::string& field);

/// A regular expression for this text and no other.
std::string pattern_of(const std::string& literal);

}  // namespace jpki::web
