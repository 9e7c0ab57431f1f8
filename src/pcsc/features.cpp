#include "pcsc/features.hpp"

#include <reader.h>

#include <algorithm>
#include <array>
#include <optional>

namespace jpki::pcsc {
namespace {

using Buffer = std::array<std::uint8_t, 512>;

std::optional<ByteView> control(const Api& api, SCARDHANDLE card, DWORD code, Buffer& buffer) {
  DWORD size = 0;
  if (api.control(card, code, nullptr, 0, buffer.data(), static_cast<DWORD>(buffer.size()), &size) !=
      SCARD_S_SUCCESS)
    return std::nullopt;
  return ByteView(buffer).first(std::min<std::size_t>(size, buffer.size()));
}

/// The value of a tag in a list of one-byte tags and lengths.
std::optional<ByteView> find(ByteView list, std::uint8_t tag) {
  while (list.size() >= 2) {
    const std::size_t length = list[1];
    if (length > list.size() - 2) return std::nullopt;
    if (list[0] == tag) return list.subspan(2, length);
    list = list.subspan(2 + length);
  }
  return std::nullopt;
}

}  // namespace

std::size_t max_apdu_data(const Api& api, SCARDHANDLE card) {
  Buffer buffer{};
  const auto features = control(api, card, CM_IOCTL_GET_FEATURE_REQUEST, buffer);
  const auto code = features ? find(*features, FEATURE_GET_TLV_PROPERTIES) : std::nullopt;
  if (!code || code->size() != 4) return 0;
  // Control codes come in network order, properties in the reader's own (little-endian).
  DWORD number = 0;
  for (const std::uint8_t byte : *code) number = number << 8 | byte;
  const auto properties = control(api, card, number, buffer);
  const auto value = properties ? find(*properties, PCSCv2_PART10_PROPERTY_dwMaxAPDUDataSize) : std::nullopt;
  if (!value || value->size() != 4) return 0;
  std::size_t size = 0;
  for (std::size_t i = 4; i-- > 0;) size = size << 8 | (*value)[i];
  return size;
}

}  // namespace jpki::pcsc
