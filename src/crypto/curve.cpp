#include "crypto/curve.hpp"

#include <array>

namespace jpki::crypto {
namespace {

using namespace std::string_view_literals;

constexpr std::array rows = std::to_array<CurveFacts>({
    {Curve::p256, "P-256", 256, "\x06\x08\x2A\x86\x48\xCE\x3D\x03\x01\x07"sv, {}},
    {Curve::p384, "P-384", 384, "\x06\x05\x2B\x81\x04\x00\x22"sv, {}},
    {Curve::p521, "P-521", 521, "\x06\x05\x2B\x81\x04\x00\x23"sv, {}},
    {Curve::ed25519, "ED25519", 255, "\x06\x03\x2B\x65\x70"sv,
     "\x13\x0C"
     "edwards25519"sv},
});

}  // namespace

const CurveFacts& facts_of(Curve curve) { return rows[static_cast<std::size_t>(curve)]; }

std::optional<Curve> curve_of(ByteView params) {
  for (const CurveFacts& row : rows)
    if (text_of(params) == row.oid || (!row.curve_name.empty() && text_of(params) == row.curve_name))
      return row.curve;
  return std::nullopt;
}

}  // namespace jpki::crypto
