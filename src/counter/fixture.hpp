// Ready cards and software tokens for other people's tests: a folder each, with the CA and its lists.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "jpki/date.hpp"

namespace jpki::counter {

struct FixtureOrder {
  std::string kind;              // one of fixture_kinds()
  std::filesystem::path folder;  // appears whole or not at all
  service::Instant today;        // issue, events, lists
  /// Software tokens in place of a card, made by this library.
  std::filesystem::path soft_module;
};

/// ordinary, expired, revoked, moved, locked, one-try-left, no-signature, juki, latin-name.
std::vector<std::string> fixture_kinds();

/// Within it: `ca` with its lists in `ca/crl`, and `card` or `tokens`. PINs are the test PINs. Throws
/// DeskError where the folder is taken, and whatever went wrong.
void make_fixture(const FixtureOrder& order);

}  // namespace jpki::counter
