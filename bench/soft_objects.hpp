// Certificates in a token: as many as a row needs, each with a label and an id of its own.
#pragma once

#include "bench/soft_token.hpp"

namespace jpki::bench {

inline std::string label_of(std::size_t number) { return "certificate " + std::to_string(number); }
inline std::string id_of(std::size_t number) { return "id " + std::to_string(number); }

/// Copies of one certificate that differ in name and serial number; the signature is left as it was.
class Certificates {
 public:
  Certificates();
  /// Creates those from `begin` to before `end`.
  void create(SoftSession& token, Kind kind, std::size_t begin, std::size_t end) const;

 private:
  [[nodiscard]] client::Template object(std::size_t number, Kind kind) const;

  client::Bytes first_;
};

/// Bytes of memory that this process has to itself (no file's pages).
double own_memory();

}  // namespace jpki::bench
