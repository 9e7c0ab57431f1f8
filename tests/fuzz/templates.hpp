// Templates and mechanisms out of the input: the standard's names and sensible values, with anything between.
#pragma once

#include <cryptoki/pkcs11.h>

#include <deque>
#include <vector>

#include "input.hpp"

namespace jpki::fuzz {

/// Memory of exactly the size that is said, so that a sanitizer sees the first byte beyond it.
class Buffers {
 public:
  CK_BYTE* copy(ByteView bytes);
  CK_BYTE* blank(std::size_t size);

 private:
  std::deque<Bytes> kept_;
};

/// Attributes, whose values live in `buffers`.
std::vector<CK_ATTRIBUTE> make_template(Input& input, Buffers& buffers);

/// A mechanism with its parameter. No pair of RSA keys: making one takes too long to be repeated.
CK_MECHANISM make_mechanism(Input& input, Buffers& buffers);

}  // namespace jpki::fuzz
