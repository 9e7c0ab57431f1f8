// A link that plays a script: each command must be the expected one, each answer is given once.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "apdu/transport.hpp"
#include "base/hex.hpp"
#include "support/catch.hpp"

namespace jpki::test {

inline Bytes hex(std::string_view text) {
  const auto bytes = from_hex(text);
  if (!bytes) throw std::logic_error("not hexadecimal: " + std::string(text));
  return *bytes;
}

/// `count` bytes, none like its neighbour, that begin with `first`.
inline std::string counted(std::size_t count, std::uint8_t first = 0) {
  Bytes bytes(count);
  for (auto& byte : bytes) byte = first++;
  return to_hex(bytes);
}

/// What happens at one command.
struct Step {
  const char* word;
  std::string command;
  std::string answer;
  std::optional<apdu::TransportError::Reason> failure = std::nullopt;
};

class ScriptedLink final : public apdu::Link {
 public:
  explicit ScriptedLink(std::vector<Step> steps) : steps_(std::move(steps)) {}

  void begin() override {}
  void end() noexcept override {}
  bool power_off() noexcept override { return true; }
  [[nodiscard]] std::size_t extended_limit() const override {
    ++limit_asked;
    return limit;
  }

  Bytes transmit(ByteView command) override {
    const std::string said = to_hex(command);
    if (at_ == steps_.size()) throw std::logic_error("after the script's end came " + said);
    const Step& step = steps_[at_++];
    if (said != to_hex(hex(step.command)))
      throw std::logic_error(std::string(step.word) + ": expected " + step.command + ", got " + said);
    if (step.failure) throw apdu::TransportError(*step.failure, step.word);
    return hex(step.answer);
  }

  [[nodiscard]] std::size_t left() const { return steps_.size() - at_; }

  std::size_t limit = 0;  // what extended_limit() states
  mutable int limit_asked = 0;

 private:
  const std::vector<Step> steps_;
  std::size_t at_ = 0;
};

}  // namespace jpki::test
