#include "bench/soft_objects.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "bench/raw.hpp"

namespace jpki::bench {
namespace {

using client::Bytes;

void replace_all(Bytes& bytes, std::string_view from, std::string_view to) {
  for (auto at = bytes.begin();;) {
    at = std::search(at, bytes.end(), from.begin(), from.end());
    if (at == bytes.end()) return;
    at = std::copy(to.begin(), to.end(), at);
  }
}

/// SEQUENCE { SET { SEQUENCE { 2.5.4.3, UTF8String } } }, as in the certificate.
Bytes name_of(std::string_view digits) {
  const std::string text = "jpki-bench " + std::string(digits);
  const auto size = static_cast<std::uint8_t>(text.size());
  Bytes name{0x30, std::uint8_t(size + 11), 0x31, std::uint8_t(size + 9), 0x30, std::uint8_t(size + 7)};
  for (const std::uint8_t byte : {0x06, 0x03, 0x55, 0x04, 0x03, 0x0c}) name.push_back(byte);
  name.push_back(size);
  name.insert(name.end(), text.begin(), text.end());
  return name;
}

}  // namespace

Certificates::Certificates() : first_(raw::certificate(raw::rsa(2048))) {}

client::Template Certificates::object(std::size_t number, Kind kind) const {
  char digits[24];
  std::snprintf(digits, sizeof digits, "%08zu", number);
  Bytes value = first_;
  replace_all(value, "AAAAAAAA", digits);
  replace_all(value, "00000000", digits);
  Bytes serial{0x02, 8};
  serial.insert(serial.end(), digits, digits + 8);
  const Bytes name = name_of(digits);
  client::Template made;
  made.number(CKA_CLASS, CKO_CERTIFICATE)
      .number(CKA_CERTIFICATE_TYPE, CKC_X_509)
      .flag(CKA_TOKEN, kind == Kind::token)
      .flag(CKA_PRIVATE, false)
      .text(CKA_LABEL, label_of(number))
      .text(CKA_ID, id_of(number))
      .bytes(CKA_SUBJECT, name)
      .bytes(CKA_ISSUER, name)
      .bytes(CKA_SERIAL_NUMBER, serial)
      .bytes(CKA_VALUE, value);
  return made;
}

void Certificates::create(SoftSession& token, Kind kind, std::size_t begin, std::size_t end) const {
  for (; begin < end; ++begin) static_cast<void>(token.session().create(object(begin, kind)));
}

double own_memory() {
  std::ifstream status("/proc/self/status");
  double kib = 0;
  for (std::string name; status >> name;) {
    double value = 0;
    if ((name == "RssAnon:" || name == "RssShmem:") && status >> value) kib += value;
  }
  return kib * 1024;
}

}  // namespace jpki::bench
