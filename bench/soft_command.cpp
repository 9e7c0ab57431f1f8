#include "bench/soft_command.hpp"

#include <fstream>
#include <iostream>
#include <memory>

#include "bench/soft_child.hpp"
#include "bench/soft_report.hpp"
#include "bench/soft_suite.hpp"
#include "client/own_library.hpp"

namespace jpki::bench {
namespace fs = std::filesystem;

namespace {

struct CommandLine {
  SoftOptions soft;
  std::vector<std::string> modules, against;
  std::string json;
  bool check = false;
};

std::string own_module() {
  if (const auto found = client::own_library("jpki-pkcs11.so")) return found->string();
  throw std::invalid_argument("jpki-pkcs11.so was not found: name it with --module");
}

fs::path memory_folder() {
  const fs::path memory = "/dev/shm";
  return fs::is_directory(memory) ? memory : fs::temp_directory_path();
}

void write_json(const std::string& path, const Report& report) {
  const auto text = to_json(report).dump(2);
  if (path == "-") {
    std::cout << text << '\n';
    return;
  }
  std::ofstream file(path);
  file << text << '\n';
  if (!file.flush()) throw std::runtime_error(path + " cannot be written");
}

int measure(CommandLine& line) {
  SoftOptions& options = line.soft;
  if (line.modules.empty()) line.modules = {own_module()};
  for (const auto& text : line.modules) options.modules.push_back(SoftModule::parse(text));
  for (const auto& text : line.against) options.against.push_back(SoftModule::parse(text));
  if (options.memory.empty()) options.memory = memory_folder();
  if (options.disk.empty()) options.disk = fs::temp_directory_path();
  if (options.quick) options.objects = std::min<std::size_t>(options.objects, 10);
  options.again = line.check;
  const Report report = measure_soft(options, std::cerr);
  if (line.json != "-") print_soft(std::cout, report);
  if (!line.json.empty()) write_json(line.json, report);
  return line.check && !missed(report).empty() ? 1 : 0;
}

void list_rows() {
  for (const auto& row : soft_rows()) {
    std::cout << row.id << "  " << row.what;
    if (row.goal) std::cout << "  (" << row.goal->measure << ' ' << text_of(row.goal) << ')';
    std::cout << '\n';
  }
}

void add_measure(CLI::App& app, int& status) {
  const auto line = std::make_shared<CommandLine>();
  auto* soft =
      app.add_subcommand("soft", "a module's software token, beside raw OpenSSL in the same process");
  soft->add_option("--module", line->modules,
                   "a module held to the goals: MODULE or MODULE:ARGUMENTS, of which the "
                   "second go to C_Initialize (default: the build's)");
  soft->add_option("--against", line->against, "another module, measured beside it");
  soft->add_option("--rows", line->soft.rows, "only these rows, by their ids with * and ?");
  soft->add_flag("--quick", line->soft.quick, "few and short repetitions, ten objects: does it run?");
  soft->add_option("--objects", line->soft.objects, "leave out rows that need more objects")
      ->capture_default_str();
  soft->add_option("--memory-folder", line->soft.memory, "where tokens are made (default: /dev/shm)");
  soft->add_option("--disk-folder", line->soft.disk, "where those of the disk's rows are (default: TMPDIR)");
  soft->add_option("--json", line->json, "write the figures to this file; -: in the table's place");
  soft->add_flag("--check", line->check, "exit status 1 where a goal is missed twice");
  const auto list = std::make_shared<bool>(false);
  soft->add_flag("--list", *list, "only tell the rows' ids and goals");
  soft->callback([line, list, &status] {
    if (*list)
      list_rows();
    else
      status = measure(*line);
  });
}

void add_child(CLI::App& app) {
  const auto errand = std::make_shared<std::string>();
  auto* child = app.add_subcommand("child-soft", "")->group("");
  child->add_option("errand", *errand)->required();
  child->callback(
      [errand] { std::cout << run_soft_errand(errand_of(nlohmann::json::parse(*errand))) << std::flush; });
}

}  // namespace

void add_soft_command(CLI::App& app, int& status) {
  add_measure(app, status);
  add_child(app);
}

}  // namespace jpki::bench
