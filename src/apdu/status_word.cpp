#include "apdu/status_word.hpp"

#include <array>
#include <cstdio>

namespace jpki::apdu::sw {
namespace {

struct Row {
  std::uint16_t status;
  std::uint16_t mask;  // bits that count
  const char* name;
};

constexpr std::uint16_t whole = 0xFFFF, first_byte = 0xFF00, all_but_counter = 0xFFF0;

// The first row that fits names the status.
constexpr std::array rows = std::to_array<Row>({
    {ok, whole, "ok"},
    {0x6100, first_byte, "more data waits"},
    {end_of_file, whole, "end of file reached"},
    {0x6200, first_byte, "warning, memory unchanged"},
    {0x63C0, all_but_counter, "tries left"},
    {0x6300, first_byte, "warning, memory changed"},
    {0x6400, first_byte, "execution error, memory unchanged"},
    {0x6500, first_byte, "execution error, memory changed"},
    {wrong_length, whole, "wrong length"},
    {0x6881, whole, "logical channel not supported"},
    {0x6882, whole, "secure messaging not supported"},
    {0x6981, whole, "command does not fit the file"},
    {security_status, whole, "security status not satisfied"},
    {method_blocked, whole, "authentication method blocked"},
    {reference_data_unusable, whole, "reference data not usable"},
    {conditions_of_use, whole, "conditions of use not satisfied"},
    {0x6986, whole, "no current file"},
    {0x6A80, whole, "wrong data"},
    {0x6A81, whole, "function not supported"},
    {not_found, whole, "file or application not found"},
    {0x6A86, whole, "wrong parameters P1-P2"},
    {0x6A88, whole, "referenced data not found"},
    {wrong_offset, whole, "offset outside the file"},
    {0x6C00, first_byte, "wrong Le"},
    {0x6D00, whole, "instruction not supported"},
    {class_not_supported, whole, "class not supported"},
    {no_diagnosis, whole, "no precise diagnosis"},
});

}  // namespace

std::string text_of(std::uint16_t status) {
  std::array<char, 80> text{};
  for (const Row& row : rows) {
    if ((status & row.mask) != row.status) continue;
    std::snprintf(text.data(), text.size(), "%04X (%s)", status, row.name);
    return text.data();
  }
  std::snprintf(text.data(), text.size(), "%04X", status);
  return text.data();
}

}  // namespace jpki::apdu::sw
