// The port of random numbers (PKCS#11 3.2, 5.20): whoever uses sessions brings a generator.
#pragma once

#include <cstdint>
#include <span>

namespace jpki::core {

/// For one caller at a time.
class Randomness {
 public:
  Randomness() = default;
  Randomness(const Randomness&) = delete;
  Randomness& operator=(const Randomness&) = delete;
  virtual ~Randomness() = default;
  virtual void generate(std::span<std::uint8_t> out) = 0;
};

}  // namespace jpki::core
