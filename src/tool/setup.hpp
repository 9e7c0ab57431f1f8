// jpki setup: what one client needs to find the module, and the way back. One row a client
// (setup_clients.cpp).
#pragma once

#include <optional>
#include <span>

#include "jpki/certificate.hpp"
#include "tool/registrations.hpp"
#include "tool/setup_changes.hpp"
#include "tool/verbs.hpp"

namespace jpki::tool {

/// One call, as a client's functions see it.
struct Setup {
  const Context& context;
  Places places;
  bool for_system;
  std::string library;                     // absolute
  std::optional<service::Certificate> ca;  // its fingerprint was compared
  Changes& changes;
  std::vector<std::string> hints;  // said at the end
};

struct ClientRow {
  std::string_view name;
  const char* title;       // as people call it
  std::string_view scope;  // "user", "system" or both
  bool is_browser;         // gets the authentication half alone, and may be told of a CA
  bool takes_view;
  void (*apply)(Setup& setup);
  void (*undo)(Setup& setup);
};
std::span<const ClientRow> setup_clients();

/// $XDG_CONFIG_HOME, or ~/.config.
std::filesystem::path config_folder(const Places& places);
/// A path as programs see it that run in the system.
std::string seen_from_inside(const Places& places, const std::filesystem::path& path);

// One pair a client, or a group of them.
void apply_firefox(Setup& setup);
void undo_firefox(Setup& setup);
void apply_shared_database(Setup& setup);
void undo_shared_database(Setup& setup);
void apply_p11_kit(Setup& setup);
void undo_p11_kit(Setup& setup);
void apply_openssl(Setup& setup);
void undo_openssl(Setup& setup);
void apply_java(Setup& setup);
void undo_java(Setup& setup);
void apply_ssh(Setup& setup);
void undo_ssh(Setup& setup);
void apply_git(Setup& setup);
void undo_git(Setup& setup);

/// A database of NSS (a folder with pkcs11.txt): the module, and the CA if there is one.
void apply_nss(Setup& setup, const std::filesystem::path& database);
void undo_nss(Setup& setup, const std::filesystem::path& database);

/// Runs a program to its end, without input and output. Throws Failure where it is not installed (`package`
/// has it) or fails.
void run_program(const std::vector<std::string>& words, const std::string& package);

}  // namespace jpki::tool
