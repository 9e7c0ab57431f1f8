// The four facts (基本4情報) that a signature certificate states of its holder, with the substitute
// characters.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "jpki/certificate.hpp"
#include "jpki/era.hpp"
#include "jpki/sex.hpp"

namespace jpki::service {

/// Text in which some characters stand for others that certificates cannot write (代替文字).
struct MarkedText {
  std::string text;
  std::string marks;  // otherName .2 or .6 as it stands: a digit for each character; empty without

  /// Positions of the substitutes, counted from 0. Empty where the marks do not fit the text: see fits().
  [[nodiscard]] std::vector<std::size_t> substituted() const;
  /// One digit, 0 or 1, for each character.
  [[nodiscard]] bool fits() const;
};

/// A coded fact: the code as it stands, and its meaning where it has one.
struct Birth {
  std::string code;
  std::optional<BirthDate> date;
};
struct Sex {
  std::string code;
  const SexRow* row = nullptr;
};

/// An otherName that this program does not know: shown, never an error.
struct UnknownName {
  std::string oid;
  std::optional<std::string> text;  // empty if it is not text
};

struct Person {
  std::optional<MarkedText> name, address;
  std::optional<Birth> birth;
  std::optional<Sex> sex;
  std::vector<UnknownName> others;
};

/// Empty where the certificate states none of the facts. The first otherName of a kind counts; texts are made
/// fit to be shown.
std::optional<Person> person_of(const Certificate& certificate);

}  // namespace jpki::service
