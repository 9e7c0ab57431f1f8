// Texts of fixed length, padded with blanks (PKCS#11 3.2, 3.1).
#pragma once

#include <cryptoki/pkcs11.h>

#include <algorithm>
#include <string_view>

namespace jpki::pkcs11 {

/// Cut at the end of a UTF-8 character if it is too long.
template <std::size_t Size>
void pad(CK_UTF8CHAR (&field)[Size], std::string_view text) {
  if (text.size() > Size) {
    std::size_t end = Size;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end);
  }
  std::fill(std::copy(text.begin(), text.end(), field), field + Size, static_cast<CK_UTF8CHAR>(' '));
}

}  // namespace jpki::pkcs11
