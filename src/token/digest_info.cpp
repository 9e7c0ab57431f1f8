#include "token/digest_info.hpp"

#include <array>

#include "base/der.hpp"

namespace jpki::token {
namespace {

struct Row {
  std::string_view oid, name;
  std::size_t size;
};

/// RFC 8017, appendix B.1, and NIST's register of object identifiers (2.16.840.1.101.3.4.2).
constexpr auto rows = std::to_array<Row>({
    {"\x2B\x0E\x03\x02\x1A", "sha1", 20},
    {"\x60\x86\x48\x01\x65\x03\x04\x02\x04", "sha224", 28},
    {"\x60\x86\x48\x01\x65\x03\x04\x02\x01", "sha256", 32},
    {"\x60\x86\x48\x01\x65\x03\x04\x02\x02", "sha384", 48},
    {"\x60\x86\x48\x01\x65\x03\x04\x02\x03", "sha512", 64},
    {"\x60\x86\x48\x01\x65\x03\x04\x02\x05", "sha512-224", 28},
    {"\x60\x86\x48\x01\x65\x03\x04\x02\x06", "sha512-256", 32},
    {"\x60\x86\x48\x01\x65\x03\x04\x02\x07", "sha3-224", 28},
    {"\x60\x86\x48\x01\x65\x03\x04\x02\x08", "sha3-256", 32},
    {"\x60\x86\x48\x01\x65\x03\x04\x02\x09", "sha3-384", 48},
    {"\x60\x86\x48\x01\x65\x03\x04\x02\x0A", "sha3-512", 64},
});

}  // namespace

std::optional<DigestInfo> digest_info_of(ByteView block) {
  der::Reader whole(block);
  const auto outer = whole.next(der::sequence);
  if (!outer || !whole.at_end()) return std::nullopt;
  der::Reader inner(outer->content);
  const auto algorithm = inner.next(der::sequence), digest = inner.next(der::octet_string);
  if (!algorithm || !digest || !inner.at_end()) return std::nullopt;
  der::Reader fields(algorithm->content);
  const auto oid = fields.next(der::oid), null = fields.next(der::null);
  if (!oid || !fields.at_end() || (null && !null->content.empty())) return std::nullopt;
  for (const auto& row : rows)
    if (text_of(oid->content) == row.oid && digest->content.size() == row.size)
      return DigestInfo{row.name, digest->content};
  return std::nullopt;
}

}  // namespace jpki::token
