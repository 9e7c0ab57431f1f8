// The one exception of the PKCS#11 side: a return value of the standard, and why.
#pragma once

#include <cryptoki/pkcs11.h>

#include <exception>

namespace jpki::core {

class Error : public std::exception {
 public:
  /// `why` is a literal: no data of the caller or the card ever gets into it.
  explicit Error(CK_RV rv, const char* why = "") noexcept : rv_(rv), why_(why) {}
  [[nodiscard]] CK_RV rv() const noexcept { return rv_; }
  [[nodiscard]] const char* what() const noexcept override { return why_; }

 private:
  CK_RV rv_;
  const char* why_;
};

inline void require(bool condition, CK_RV rv, const char* why = "") {
  if (!condition) throw Error(rv, why);
}

}  // namespace jpki::core
