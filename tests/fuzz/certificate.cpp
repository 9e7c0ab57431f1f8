// All that is said of a certificate, a CRL and a signature, with any bytes in their place: no crash, no
// endless work, and nothing that steers a terminal.
#include <algorithm>
#include <cstdlib>

#include "jpki/details.hpp"
#include "jpki/embedded.hpp"
#include "jpki/era.hpp"
#include "jpki/fingerprint.hpp"
#include "jpki/person.hpp"
#include "jpki/signed_data.hpp"
#include "jpki/trust.hpp"

namespace {

using namespace jpki;
using service::Certificate;

// The control characters of ASCII; a line has no line end within.
void require_plain(const std::string& text) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::any_of(text.begin(), text.end(), control)) std::abort();
}

void say(const std::optional<service::MarkedText>& text) {
  if (!text) return;
  require_plain(text->text);
  const auto places = text->substituted();
  if (!text->fits() && !places.empty()) std::abort();
}

void say(const service::Person& person) {
  say(person.name);
  say(person.address);
  if (person.birth) {
    require_plain(person.birth->code);
    if (person.birth->date) {
      require_plain(service::japanese_text(*person.birth->date));
      require_plain(service::gregorian_text(*person.birth->date));
    }
  }
  if (person.sex) require_plain(person.sex->code);
  for (const auto& other : person.others) require_plain(other.text.value_or(""));
}

void say(const Certificate& certificate) {
  if (const auto person = service::person_of(certificate)) say(*person);
  for (const auto& field : service::fields_of(certificate)) {
    require_plain(field.name);
    for (const auto& line : field.lines) require_plain(line);
  }
  for (const auto& name : {certificate.subject(), certificate.issuer(), certificate.issuer_in_japanese(),
                           certificate.subject_in_japanese()})
    require_plain(service::name_text(name));
  static_cast<void>(certificate.tier());
  static_cast<void>(certificate.is_test());
  static_cast<void>(certificate.is_ca());
  static_cast<void>(service::generation_of(certificate));
  static_cast<void>(service::issuing_generation(certificate));
  static_cast<void>(service::japanese_text(service::day_in_japan(certificate.first())));
  static_cast<void>(service::japanese_text(service::day_in_japan(certificate.last())));
  if (service::Certificate::from_der(certificate.der()) != certificate) std::abort();
}

// A signature taken apart says the same as the whole one.
void compare(ByteView input, const service::SignedData& whole) {
  const service::ReadAt read = [&](std::uint64_t offset, std::span<std::uint8_t> buffer) {
    if (offset > input.size() || buffer.size() > input.size() - offset) return false;
    std::copy_n(input.begin() + static_cast<std::ptrdiff_t>(offset), buffer.size(), buffer.begin());
    return true;
  };
  const auto parts = service::separate(read, input.size());
  if (!parts) return;
  ByteView rest =
      input.subspan(static_cast<std::size_t>(parts->offset), static_cast<std::size_t>(parts->size));
  const service::Content content{parts->size, [&](std::span<std::uint8_t> buffer) {
                                   const auto size = std::min(buffer.size(), rest.size());
                                   std::copy_n(rest.begin(), size, buffer.begin());
                                   rest = rest.subspan(size);
                                   return size;
                                 }};
  const auto apart = service::verify_signed_data(parts->signature, &content);
  const auto holding = [](const service::SignedData& data) {
    return std::count_if(data.signers.begin(), data.signers.end(), [](auto& one) { return one.holds; });
  };
  if (!apart || holding(*apart) != holding(whole)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  for (const auto& certificate : Certificate::from_file(input)) say(certificate);
  static_cast<void>(service::Crl::from_file(input));
  if (const auto read = service::verify_signed_data(service::signed_data_of_file(copy_of(input)), nullptr)) {
    for (const auto& certificate : read->certificates) say(certificate);
    compare(input, *read);
  }
  return 0;
}
