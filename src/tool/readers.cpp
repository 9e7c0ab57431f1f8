#include "tool/readers.hpp"

#include <reader.h>
#include <unistd.h>
#include <winscard.h>

#include <array>
#include <cstdlib>
#include <regex>

namespace jpki::tool {
namespace {

// PC/SC part 10, 2.2 and 2.6.14: features of a reader, and the property that tells how long commands may be.
constexpr DWORD get_features = SCARD_CTL_CODE(3400);
constexpr std::uint8_t feature_properties = 0x12, property_longest_command = 0x0A;
constexpr std::size_t longest_short_command = 261;

struct Context {
  SCARDCONTEXT handle = 0;
  LONG status;
  Context() : status(SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &handle)) {}
  ~Context() {
    if (status == SCARD_S_SUCCESS) SCardReleaseContext(handle);
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
};

ServiceState state_without_answer(LONG status) {
  if (status == SCARD_W_SECURITY_VIOLATION) return ServiceState::forbidden;
  const std::string socket = service_socket();
  if (access(socket.c_str(), F_OK) == 0)
    return access(socket.c_str(), W_OK) == 0 ? ServiceState::mute : ServiceState::forbidden;
  const bool installed = access("/usr/sbin/pcscd", F_OK) == 0 || access("/usr/bin/pcscd", F_OK) == 0;
  return installed ? ServiceState::stopped : ServiceState::missing;
}

std::vector<std::string> names(SCARDCONTEXT context) {
  DWORD size = 0;
  if (SCardListReaders(context, nullptr, nullptr, &size) != SCARD_S_SUCCESS) return {};
  std::string all(size, '\0');
  if (SCardListReaders(context, nullptr, all.data(), &size) != SCARD_S_SUCCESS) return {};
  std::vector<std::string> found;
  for (std::size_t at = 0; at < all.size() && all[at] != 0; at += found.back().size() + 1)
    found.emplace_back(all.c_str() + at);
  return found;
}

// A list of tag, length and value; empty without that tag.
ByteView value_of(ByteView list, std::uint8_t tag) {
  while (list.size() >= 2 && list.size() - 2 >= list[1]) {
    if (list[0] == tag) return list.subspan(2, list[1]);
    list = list.subspan(2 + std::size_t{list[1]});
  }
  return {};
}

Bytes control(SCARDHANDLE card, DWORD code) {
  std::array<std::uint8_t, 256> answer{};
  DWORD size = 0;
  if (SCardControl(card, code, nullptr, 0, answer.data(), answer.size(), &size) != SCARD_S_SUCCESS) return {};
  return {answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(size)};
}

std::optional<bool> takes_extended(SCARDHANDLE card) {
  const Bytes features = control(card, get_features);
  const ByteView code = value_of(features, feature_properties);
  if (code.size() != 4) return std::nullopt;
  const DWORD get_properties = static_cast<DWORD>(code[0]) << 24 | static_cast<DWORD>(code[1]) << 16 |
                               static_cast<DWORD>(code[2]) << 8 | code[3];
  const Bytes properties = control(card, get_properties);
  const ByteView longest = value_of(properties, property_longest_command);
  std::size_t length = 0;
  for (std::size_t i = longest.size(); i > 0; --i) length = length << 8 | longest[i - 1];  // little-endian
  if (length == 0) return std::nullopt;
  return length > longest_short_command;
}

// Shared, so that nobody is disturbed: a program that holds the card for itself is told by the refusal.
void connect(SCARDCONTEXT context, ReaderFacts& reader) {
  SCARDHANDLE card = 0;
  DWORD protocol = 0;
  const LONG status = SCardConnect(context, reader.name.c_str(), SCARD_SHARE_SHARED,
                                   SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol);
  if (status == SCARD_S_SUCCESS) {
    reader.seat = Seat::seated;
    reader.extended = takes_extended(card);
    SCardDisconnect(card, SCARD_LEAVE_CARD);
  } else if (status == SCARD_E_SHARING_VIOLATION) {
    reader.seat = Seat::held;
  } else {
    const bool left = status == SCARD_E_NO_SMARTCARD || status == SCARD_W_REMOVED_CARD;
    reader.seat = left ? Seat::empty : Seat::mute;
  }
}

ReaderFacts facts_of(SCARDCONTEXT context, const std::string& name) {
  ReaderFacts reader{name, Seat::empty, {}, {}};
  SCARD_READERSTATE state{};
  state.szReader = name.c_str();
  state.dwCurrentState = SCARD_STATE_UNAWARE;
  if (SCardGetStatusChange(context, 0, &state, 1) != SCARD_S_SUCCESS) return reader;
  if ((state.dwEventState & SCARD_STATE_PRESENT) == 0) return reader;
  reader.atr.assign(state.rgbAtr, state.rgbAtr + state.cbAtr);
  if ((state.dwEventState & SCARD_STATE_MUTE) != 0)
    reader.seat = Seat::mute;
  else if ((state.dwEventState & SCARD_STATE_EXCLUSIVE) != 0)
    reader.seat = Seat::held;
  else
    connect(context, reader);
  return reader;
}

}  // namespace

std::string service_socket() {
  const char* named = std::getenv("PCSCLITE_CSOCK_NAME");
  return named != nullptr ? named : "/run/pcscd/pcscd.comm";
}

ServiceFacts ask_service() {
  const Context context;
  if (context.status != SCARD_S_SUCCESS) return {state_without_answer(context.status), {}};
  ServiceFacts facts{ServiceState::answers, {}};
  for (const auto& name : names(context.handle)) facts.readers.push_back(facts_of(context.handle, name));
  return facts;
}

std::string without_serial(const std::string& name) {
  // "SCM Microsystems Inc. SCR 3310 [CCID Interface] (53311234567890) 00 00"
  static const std::regex serial(R"( *\([^()]*[0-9][^()]*\))");
  return std::regex_replace(name, serial, "");
}

std::optional<bool> is_contactless(ByteView atr) {
  if (atr.empty()) return std::nullopt;
  return atr.size() >= 4 && atr[0] == 0x3B && (atr[1] & 0xF0) == 0x80 && atr[2] == 0x80 && atr[3] == 0x01;
}

}  // namespace jpki::tool
