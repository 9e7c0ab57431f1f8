#include "token/soft_rows.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "token/soft_errors.hpp"

namespace jpki::token {
namespace {

using Reason = StoreError::Reason;

constexpr std::size_t max_object = 4 << 20;
constexpr std::size_t max_attributes = 1000;
constexpr std::size_t head_size = 8;  // of one attribute

void put_number(std::uint8_t* at, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) at[i] = static_cast<std::uint8_t>(value >> 8 * i);
}

std::uint32_t number_at(ByteView bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | bytes[at + i];
  return value;
}

bool contains(AttributeTypes types, CK_ATTRIBUTE_TYPE type) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

void require_sound(bool sound) {
  if (!sound) throw StoreError(Reason::corrupt, "an object's attributes are not as they were written");
}

void require_room(const core::AttributeMap& attributes) {
  bool fits = attributes.rows().size() <= max_attributes;
  std::size_t size = 0;
  for (const auto& row : attributes.rows()) {
    fits = fits && row.type <= std::numeric_limits<std::uint32_t>::max();
    size += head_size + row.length;
  }
  if (!fits || size > max_object) throw StoreError(Reason::too_large, "the object is too large for a token");
}

}  // namespace

WipedBytes encode(const core::AttributeMap& attributes, Part part, AttributeTypes types) {
  require_room(attributes);
  WipedBytes out;
  out.reserve(attributes.rows().size() * head_size + attributes.bytes());
  for (const auto& row : attributes.rows()) {
    if (part != Part::all && contains(types, row.type) != (part == Part::those)) continue;
    const std::size_t at = out.size();
    out.resize(at + head_size);
    put_number(&out[at], row.type, 4);
    put_number(&out[at + 4], row.length, 4);
    const ByteView value = attributes.value(row);
    out.insert(out.end(), value.begin(), value.end());
  }
  return out;
}

void decode(ByteView bytes, core::AttributeMap& attributes) {
  std::int64_t last = -1;
  while (!bytes.empty()) {
    require_sound(bytes.size() >= head_size);
    const std::uint32_t type = number_at(bytes, 0, 4), length = number_at(bytes, 4, 4);
    bytes = bytes.subspan(head_size);
    require_sound(length <= bytes.size() && type > last);
    attributes.put(type, bytes.first(length));
    bytes = bytes.subspan(length);
    last = type;
  }
}

Bytes type_list(const core::AttributeMap& attributes, AttributeTypes types) {
  Bytes list(2);
  for (const auto& row : attributes.rows()) {
    if (!contains(types, row.type)) continue;
    list.resize(list.size() + 4);
    put_number(&list[list.size() - 4], row.type, 4);
  }
  put_number(list.data(), list.size() / 4, 2);
  return list;
}

std::size_t type_list_size(ByteView bytes) {
  require_sound(bytes.size() >= 2);
  const std::size_t size = 2 + 4 * std::size_t{number_at(bytes, 0, 2)};
  require_sound(size <= bytes.size());
  return size;
}

void combine(Checksum& sum, const Checksum& more) {
  for (std::size_t i = 0; i < checksum_size; ++i) sum[i] ^= more[i];
}

Checksum checksum_of(ByteView bytes) {
  require_sound(bytes.size() == checksum_size);
  Checksum sum;
  std::copy(bytes.begin(), bytes.end(), sum.begin());
  return sum;
}

Summer& Summer::add(std::int64_t value) {
  const std::size_t at = fields_.size();
  fields_.resize(at + 8);
  put_number(&fields_[at], static_cast<std::uint64_t>(value), 8);
  return *this;
}

Summer& Summer::add(ByteView value) {
  add(static_cast<std::int64_t>(value.size()));
  append(fields_, value);
  return *this;
}

Checksum Summer::finish() {
  std::array<std::uint8_t, 32> digest{};
  hasher_.update(fields_);
  hasher_.finish(digest);
  fields_.clear();
  Checksum sum;
  std::copy_n(digest.begin(), checksum_size, sum.begin());
  return sum;
}

Bytes binding(const Place& place, ByteView types) {
  Bytes bound;
  bound.reserve(64 + types.size());
  for (const ByteView field :
       {bytes_of("jpki soft token 1"), bytes_of(place.part), bytes_of(place.serial), place.key_id}) {
    bound.push_back(static_cast<std::uint8_t>(field.size()));
    append(bound, field);
  }
  const std::size_t at = bound.size();
  bound.resize(at + 16);
  put_number(&bound[at], static_cast<std::uint64_t>(place.id), 8);
  put_number(&bound[at + 8], static_cast<std::uint64_t>(place.version), 8);
  append(bound, types);
  return bound;
}

}  // namespace jpki::token
