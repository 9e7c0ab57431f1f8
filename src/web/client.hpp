// A visit to a server by HTTPS, whose certificate must hold for the address.
#pragma once

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

#include "base/bytes.hpp"

namespace jpki::web {

/// https://HOST[:PORT]/PATH[?QUERY]; nothing else is an address.
struct Address {
  std::string host;
  int port = 443;
  std::string target = "/";  // path and query

  static std::optional<Address> of(const std::string& url);
  /// https://HOST[:PORT], as the Host field says it.
  [[nodiscard]] std::string origin() const;
};

enum class Trouble : std::uint8_t { unreachable, not_trusted, broken_off };

/// There was no answer.
class NoAnswer : public std::runtime_error {
 public:
  NoAnswer(Trouble trouble, const std::string& text) : std::runtime_error(text), trouble_(trouble) {}
  [[nodiscard]] Trouble trouble() const noexcept { return trouble_; }

 private:
  Trouble trouble_;
};

struct Answer {
  int status = 0;
  std::string type;  // without parameters
  Bytes body;
};

struct Visit {
  Address address;
  std::filesystem::path authorities = {};  // CAs that are trusted for it (PEM); empty: the system's
  std::string languages = {};              // Accept-Language
};

/// Redirections are not followed. Both throw NoAnswer.
Answer get(const Visit& visit);
Answer post(const Visit& visit, const std::string& type, ByteView body);

}  // namespace jpki::web
