#include "bench/card_log.hpp"

#include <charconv>
#include <chrono>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace jpki::bench {
namespace {

[[noreturn]] void refuse(std::string_view line) {
  throw std::runtime_error("not a line of a virtual card's log: " + std::string(line));
}

/// The word after a name, as in "Lc=10"; empty where the name is not there.
std::string_view after(std::string_view line, std::string_view name) {
  const auto at = line.find(name);
  if (at == line.npos) return {};
  const auto rest = line.substr(at + name.size());
  return rest.substr(0, rest.find(' '));
}

unsigned number(std::string_view word, std::string_view line) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) refuse(line);
  return value;
}

/// ISO 7816-4, 5.1: header; Lc of one or three bytes and the data; Le of one byte, of two after an extended
/// Lc, of three after none. The log tells an extended command by a length that a short one cannot say.
unsigned command_size(unsigned lc, unsigned le) {
  const bool extended = lc > 255 || le > 256;
  const unsigned lc_field = lc == 0 ? 0 : extended ? 3 : 1;
  const unsigned le_field = le == 0 ? 0 : !extended ? 1 : lc == 0 ? 3 : 2;
  return 4 + lc_field + lc + le_field;
}

unsigned sent(std::string_view line) {
  if (const auto bytes = after(line, " malformed, "); !bytes.empty()) return number(bytes, line);
  const auto le = after(line, " Le=");
  return command_size(number(after(line, " Lc="), line), le == "-" ? 0 : number(le, line));
}

unsigned received(std::string_view line) {
  const bool silent = after(line, " SW=") == "----";
  return silent ? 0 : number(after(line, " Lr="), line) + 2;
}

}  // namespace

Traffic& Traffic::operator+=(const Traffic& other) {
  apdus += other.apdus;
  to_card += other.to_card;
  from_card += other.from_card;
  return *this;
}

Traffic traffic_of(std::string_view line) {
  if (line.starts_with("POWER ")) return {};
  if (!line.starts_with("APDU ")) refuse(line);
  return {1, sent(line), received(line)};
}

std::uintmax_t CardLog::mark() const {
  std::error_code missing;
  const auto size = std::filesystem::file_size(path_, missing);
  return missing ? 0 : size;
}

std::string CardLog::text(std::uintmax_t from) const {
  std::ifstream file(path_, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(from));
  std::ostringstream text;
  if (file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  return text.str();
}

Traffic CardLog::since(std::uintmax_t mark) const {
  Traffic sum;
  std::istringstream lines(text(mark));
  for (std::string line; std::getline(lines, line);) sum += traffic_of(line);
  return sum;
}

bool CardLog::cold() const {
  const auto all = text(0);
  const auto last = all.rfind("POWER ");
  if (last == all.npos) return true;  // nobody has used it yet
  const auto line = all.substr(last, all.find('\n', last) - last);
  return line.ends_with(" off") || line.ends_with(" removed");
}

void CardLog::wait_cold() const {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!cold()) {
    if (std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error("the card keeps its power: does another program use it?");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace jpki::bench
