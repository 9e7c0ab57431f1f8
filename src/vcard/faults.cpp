#include "vcard/faults.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <sstream>
#include <thread>

#include "base/hex.hpp"
#include "vcard/presence.hpp"

namespace jpki::vcard {
namespace {

std::optional<int> number_in(std::string_view text) {
  int number = 0;
  const char* const end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || last != end) return std::nullopt;
  return number;
}

// --- What arguments may be

std::string_view nothing(std::string_view argument) { return argument.empty() ? "" : "takes no argument"; }
std::string_view natural(std::string_view argument) {
  return number_in(argument).value_or(-1) >= 0 ? "" : "a number is wanted";
}
std::string_view position(std::string_view argument) {
  return number_in(argument) ? "" : "the number of a byte is wanted";
}
std::string_view some_bytes(std::string_view argument) {
  const auto bytes = from_hex(argument);
  return bytes && !bytes->empty() ? "" : "hexadecimal digits are wanted";
}
std::string_view card_folder(std::string_view argument) {
  return std::filesystem::exists(std::filesystem::path(argument) / "card.toml") ? "" : "no card is there";
}

// --- What happens to the card, whether before or after

void drop(Card& card, std::string_view) {
  vcard::remove(card.folder());
  vcard::insert(card.folder());
}
void pull(Card& card, std::string_view) { vcard::remove(card.folder()); }
void warm_reset(Card& card, std::string_view) { card.reset(); }
void power_cycle(Card& card, std::string_view) {
  card.power_off();
  card.power_on();
}
void swap_cards(Card& card, std::string_view argument) { vcard::exchange(card.folder(), argument); }
void select_other(Card& card, std::string_view argument) {
  const Bytes aid = from_hex(argument).value();
  Bytes command{0x00, 0xA4, 0x04, 0x0C, static_cast<std::uint8_t>(aid.size())};
  append(command, aid);
  card.transmit(command);
}
void wait(Card&, std::string_view argument) {
  std::this_thread::sleep_for(std::chrono::milliseconds(*number_in(argument)));
}

template <void (*Happen)(Card&, std::string_view)>
std::optional<Bytes> happens_before(Card& card, std::string_view argument) {
  Happen(card, argument);
  return std::nullopt;
}

/// A card that is not in its place any more has not answered.
template <void (*Happen)(Card&, std::string_view)>
void happens_after(Card& card, std::string_view argument, Bytes& response) {
  Happen(card, argument);
  if (!card.powered()) response.clear();
}

// --- What happens to the answer

std::optional<Bytes> no_answer(Card&, std::string_view) { return Bytes{}; }
std::optional<Bytes> answer_instead(Card&, std::string_view argument) { return from_hex(argument); }
void lose_answer(Card&, std::string_view, Bytes& response) { response.clear(); }
void replace_answer(Card&, std::string_view argument, Bytes& response) {
  response = from_hex(argument).value();
}
void cut(Card&, std::string_view argument, Bytes& response) {
  response.resize(std::min(response.size(), static_cast<std::size_t>(*number_in(argument))));
}
void garble(Card&, std::string_view argument, Bytes& response) {
  const int wanted = *number_in(argument);
  const auto size = static_cast<int>(response.size());
  const int at = wanted < 0 ? size + wanted : wanted;
  if (at >= 0 && at < size) response[static_cast<std::size_t>(at)] ^= 0xFF;
}

/// The answer is what it is only when the card has given it.
std::optional<Bytes> wait_for_answer(Card&, std::string_view) { return std::nullopt; }

constexpr std::array kinds = std::to_array<FaultKind>({
    {"drop", "", "the contact is lost and found again: the card is pulled and put back at once", nothing,
     happens_before<drop>, happens_after<drop>},
    {"pull", "", "the card is pulled, and stays out", nothing, happens_before<pull>, happens_after<pull>},
    {"swap", "FOLDER", "the card is pulled, and the one of this folder put in its place", card_folder,
     happens_before<swap_cards>, happens_after<swap_cards>},
    {"mute", "", "no answer comes", nothing, no_answer, lose_answer},
    {"answer", "BYTES", "these bytes come as the answer", some_bytes, answer_instead, replace_answer},
    {"cut", "N", "the answer ends after N bytes (always after)", natural, wait_for_answer, cut},
    {"garble", "N", "the N-th byte of the answer is inverted, from 0, or from the end: -1 (always after)",
     position, wait_for_answer, garble},
    {"delay", "N", "N milliseconds pass", natural, happens_before<wait>, happens_after<wait>},
    {"reset", "", "a warm reset", nothing, happens_before<warm_reset>, happens_after<warm_reset>},
    {"power", "", "the power goes and comes back", nothing, happens_before<power_cycle>,
     happens_after<power_cycle>},
    {"select", "AID", "another program selects this application", some_bytes, happens_before<select_other>,
     happens_after<select_other>},
});

const FaultKind* find_kind(std::string_view name) {
  for (const FaultKind& kind : kinds)
    if (kind.name == name) return &kind;
  return nullptr;
}

bool counts(const Fault& fault, ByteView command) {
  return command.size() >= fault.of.size() && std::equal(fault.of.begin(), fault.of.end(), command.begin());
}

/// Throws what is wrong with the line, as text.
Fault parse_line(const std::string& line) {
  std::istringstream words(line);
  std::string at, number, word;
  words >> at >> number;
  const auto parsed = number_in(number);
  if (at != "at" || !parsed || *parsed < 1) throw FolderError("it begins with: at NUMBER");
  Fault fault;
  fault.at = static_cast<unsigned>(*parsed);
  fault.text = line;
  words >> word;
  if (word == "of") {
    std::string head;
    words >> head >> word;
    const auto bytes = from_hex(head);
    if (!bytes || bytes->empty()) throw FolderError("of what? The first bytes of a command are wanted");
    fault.of = *bytes;
  }
  if (word == "before" || word == "after") {
    fault.after = word == "after";
    words >> word;
  }
  fault.kind = find_kind(word);
  if (fault.kind == nullptr) throw FolderError("unknown fault: " + word);
  // A folder's name may have blanks in it.
  std::getline(words >> std::ws, fault.argument);
  if (const auto wrong = fault.kind->check(fault.argument); !wrong.empty())
    throw FolderError(word + ": " + std::string(wrong));
  if (fault.kind->before == wait_for_answer) fault.after = true;
  return fault;
}

}  // namespace

std::span<const FaultKind> fault_kinds() { return kinds; }

std::vector<Fault> parse_faults(std::string_view text) {
  std::vector<Fault> faults;
  std::istringstream lines{std::string(text)};
  std::string line;
  for (unsigned number = 1; std::getline(lines, line); ++number) {
    const auto begin = line.find_first_not_of(" \t\r");
    if (begin == std::string::npos || line[begin] == '#') continue;
    line = line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1);
    try {
      faults.push_back(parse_line(line));
    } catch (const FolderError& error) {
      throw FolderError("fault script, line " + std::to_string(number) + ": " + error.what());
    }
  }
  return faults;
}

FaultScript::FaultScript(std::vector<Fault> faults, std::function<void(std::string_view)> told)
    : told_(std::move(told)) {
  for (auto& fault : faults) pending_.push_back({std::move(fault), 0});
}

std::optional<Bytes> FaultScript::before(Card& card, ByteView command) {
  std::optional<Bytes> answer;
  for (Pending& pending : pending_) {
    if (!counts(pending.fault, command) || ++pending.counted != pending.fault.at) continue;
    if (pending.fault.after) continue;
    told_(pending.fault.text);
    if (auto found = pending.fault.kind->before(card, pending.fault.argument)) answer = std::move(found);
  }
  return answer;
}

void FaultScript::after(Card& card, ByteView command, Bytes& response) {
  for (const Pending& pending : pending_) {
    const bool due = pending.counted == pending.fault.at && counts(pending.fault, command);
    if (!pending.fault.after || !due) continue;
    told_(pending.fault.text);
    pending.fault.kind->after(card, pending.fault.argument, response);
  }
}

}  // namespace jpki::vcard
