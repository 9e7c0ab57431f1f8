// The applicant's form, and where software tokens are, as options that several commands take.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "counter/applicant.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace jpki::counter {

void add_form_options(CLI::App& verb, Form& form);

struct SoftOptions {
  std::optional<std::string> label;
  std::string folder, officer_pin_file, module;
};

/// --soft LABEL and what belongs to it. `text` says what becomes of the tokens.
CLI::Option* add_soft_options(CLI::App& verb, SoftOptions& options, const std::string& text);

/// The library that makes the tokens; throws UsageError where none is found.
std::filesystem::path module_for(const SoftOptions& options);
/// Their folder: what --folder or JPKI_SOFT_TOKENS says. Throws UsageError without either.
std::filesystem::path folder_for(const SoftOptions& options);

}  // namespace jpki::counter
