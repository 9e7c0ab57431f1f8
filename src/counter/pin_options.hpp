// Options by which PINs come in: files, the well-known test PINs, or a question at the terminal.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "counter/pins.hpp"
#include "jpki/profile.hpp"

namespace CLI {
class App;
}

namespace jpki::counter {

struct PinOptions {
  bool test_pins = false;
  std::string auth_file, sign_file;
};

void add_pin_options(CLI::App& verb, PinOptions& options);

/// What the options give; nothing else is asked for. Throws UsageError.
Pins given_pins(const PinOptions& options, vcard::Kind kind);

/// What the options do not give for these tiers, the holder types, twice, without echo. Throws UsageError for
/// a PIN against the rules, or where there is nobody to ask.
Pins chosen_pins(const PinOptions& options, vcard::Kind kind, std::span<const service::Tier> tiers);

/// From the file if one is named, otherwise typed.
Secret new_pin(const std::string& file, vcard::Kind kind, vcard::Role role);
/// The PIN as it is now, which no rule needs to fit. From the file, otherwise typed once.
Secret present_pin(const std::string& file, vcard::Role role);

}  // namespace jpki::counter
