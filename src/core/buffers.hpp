// Input and Output: what a caller of the C ABI hands over, checked once for all functions.
#pragma once

#include <cryptoki/pkcs11.h>

#include <cstring>
#include <span>

#include "base/bytes.hpp"
#include "core/error.hpp"

namespace jpki::core {

/// Reads or writes a value behind a caller's pointer, which need not be aligned. NULL: CKR_ARGUMENTS_BAD.
template <class T>
T load(const T* from) {
  require(from != nullptr, CKR_ARGUMENTS_BAD);
  T value;
  std::memcpy(static_cast<void*>(&value), static_cast<const void*>(from), sizeof(T));
  return value;
}

template <class T>
void store(T* to, const T& value) {
  require(to != nullptr, CKR_ARGUMENTS_BAD);
  // A pointer may well be the value. NOLINTNEXTLINE(bugprone-sizeof-expression)
  std::memcpy(static_cast<void*>(to), static_cast<const void*>(&value), sizeof(T));
}

/// Bytes that come in. A NULL pointer is an empty string only where the length is 0; a length that no address
/// space holds is refused before anything reads there. Either way: CKR_ARGUMENTS_BAD.
inline ByteView input(const void* data, CK_ULONG size) {
  constexpr unsigned address_bits = 47;
  require((data != nullptr || size == 0) && size >> address_bits == 0, CKR_ARGUMENTS_BAD);
  return {static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)};
}

/// Bytes that go out, under the standard's convention for variable-length output (PKCS#11 3.2, 5.2): a NULL
/// buffer asks for the length; a short one gives CKR_BUFFER_TOO_SMALL and the length.
class Output {
 public:
  Output(CK_BYTE_PTR buffer, CK_ULONG_PTR length) : buffer_(buffer), length_(length) {}

  /// True where `size` bytes may now be produced. False for a length query, which is hereby answered.
  [[nodiscard]] bool wants(std::size_t size) {
    const CK_ULONG room = load(length_);
    if (buffer_ == nullptr || room < size) store(length_, static_cast<CK_ULONG>(size));
    if (buffer_ == nullptr) return false;
    require(room >= size, CKR_BUFFER_TOO_SMALL);
    space_ = {buffer_, size};
    return true;
  }
  /// True for a length query, which is hereby answered with `size`: for what is known in its full length only
  /// once it is there.
  [[nodiscard]] bool asks(std::size_t size) {
    static_cast<void>(load(length_));
    if (buffer_ == nullptr) produced(size);
    return buffer_ == nullptr;
  }
  [[nodiscard]] std::span<std::uint8_t> space() const { return space_; }
  void produced(std::size_t size) { store(length_, static_cast<CK_ULONG>(size)); }
  void write(ByteView bytes) {
    std::copy(bytes.begin(), bytes.end(), space_.begin());
    produced(bytes.size());
  }

 private:
  CK_BYTE_PTR buffer_;
  CK_ULONG_PTR length_;
  std::span<std::uint8_t> space_;
};

}  // namespace jpki::core
