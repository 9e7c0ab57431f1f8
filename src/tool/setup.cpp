// jpki setup CLIENT
#include "tool/setup.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "client/own_library.hpp"
#include "tool/exits.hpp"
#include "tool/messages.hpp"
#include "tool/trust_folder.hpp"

extern char** environ;

namespace jpki::tool {
namespace {

namespace fs = std::filesystem;

const ClientRow& client_of(const std::string& name) {
  for (const auto& row : setup_clients())
    if (row.name == name) return row;
  throw Failure(Exit::usage,
                tr("jpki setup does not know %1 (jpki setup --help lists what it knows)", {name}));
}

bool is_for_system(const Options& options, const ClientRow& client) {
  if (options.for_user && options.for_system) throw Failure(Exit::usage, tr("either --user or --system"));
  const bool system = options.for_system || client.scope == "system";
  if (client.scope.find(system ? "system" : "user") == client.scope.npos)
    throw Failure(Exit::usage, system
                                   ? tr("%1 has no setting for the whole system: use --user", {client.title})
                                   : tr("%1 has no setting for one user: use --system", {client.title}));
  return system;
}

struct ViewRow {
  std::string_view word, library;
};
constexpr std::array view_rows{ViewRow{"auth", "jpki-pkcs11-auth.so"}, ViewRow{"sign", "jpki-pkcs11-sign.so"},
                               ViewRow{"both", "jpki-pkcs11.so"}};

const ViewRow& view_of(const Options& options, const ClientRow& client) {
  const std::string word = options.view.empty() ? "auth" : options.view;
  const auto* found =
      std::find_if(view_rows.begin(), view_rows.end(), [&](const auto& row) { return row.word == word; });
  if (found == view_rows.end()) throw Failure(Exit::usage, tr("--view takes auth, sign or both"));
  if (!client.takes_view && word != "auth")
    throw Failure(
        Exit::usage,
        tr("%1 gets the authentication half alone: it would ask the signature PIN as well", {client.title}));
  return *found;
}

std::string library_of(const Options& options, const ClientRow& client) {
  const ViewRow& view = view_of(options, client);
  std::error_code error;
  if (options.module.empty()) {
    const auto own = client::own_library(view.library);
    if (!own)
      throw Failure(Exit::failed,
                    tr("the module %1 was not found: name it with --module", {std::string(view.library)}));
    return fs::weakly_canonical(*own, error);
  }
  const fs::path named = fs::canonical(options.module, error);
  if (error) throw Failure(Exit::failed, tr("%1 cannot be read", {options.module}));
  if (!client.takes_view && named.filename() != view_rows[0].library)
    throw Failure(
        Exit::usage,
        tr("%1 gets the authentication half alone: it would ask the signature PIN as well", {client.title}));
  return named;
}

std::optional<service::Certificate> ca_of(const Options& options, const ClientRow& client) {
  if (options.trust.empty()) {
    if (!options.expect.empty()) throw Failure(Exit::usage, tr("--expect belongs to --trust FILE"));
    return std::nullopt;
  }
  if (!client.is_browser) throw Failure(Exit::usage, tr("--trust is for browsers"));
  return compared_ca(options.trust, options.expect);
}

fs::path record_of(const Places& places, bool system, std::string_view client) {
  const std::string name = "setup-" + std::string(client) + ".json";
  if (system) return places.system / "var/lib/jpki" / name;
  const char* state = std::getenv("XDG_STATE_HOME");
  return (state != nullptr && *state == '/' ? fs::path(state) : places.home / ".local/state") / "jpki" / name;
}

std::string line_of(const Changes::Row& row, bool planned) {
  const std::string path = row.path;
  if (row.what == "written") return planned ? tr("would be written: %1", {path}) : tr("written: %1", {path});
  if (row.what == "removed") return planned ? tr("would be removed: %1", {path}) : tr("removed: %1", {path});
  if (row.what == "created") return planned ? tr("would be created: %1", {path}) : tr("created: %1", {path});
  if (row.what == "trusted")
    return planned ? tr("the CA would be registered in: %1", {path})
                   : tr("the CA is registered in: %1", {path});
  return planned ? tr("the CA would be taken out of: %1", {path}) : tr("the CA is taken out of: %1", {path});
}

void report(const Setup& setup) {
  const auto& context = setup.context;
  const auto& rows = setup.changes.rows();
  if (context.options.json) {
    nlohmann::json all = nlohmann::json::array();
    for (const auto& row : rows) all.push_back({{"path", row.path.string()}, {"change", row.what}});
    context.out << nlohmann::json{{"done", !context.options.dry_run}, {"changes", all}}.dump(2) << '\n';
    return;
  }
  for (const auto& row : rows) context.out << line_of(row, context.options.dry_run) << '\n';
  if (rows.empty())
    context.out << (context.options.undo ? tr("nothing to undo")
                                         : tr("nothing to change: it is set up already"))
                << '\n';
  for (const auto& hint : setup.hints) context.out << hint << '\n';
}

void warn_of_boxes(const Setup& setup, const ClientRow& client) {
  if (!client.is_browser || setup.context.options.undo) return;
  for (const auto& finding : see_sandboxes(setup.places)) {
    if (!finding.subject.starts_with(client.title)) continue;
    setup.context.err
        << "jpki: "
        << tr("%1 lives in a box and cannot load the module. What helps is the browser of a Debian "
              "package (tried: firefox-esr); a way through the box is not known to us.",
              {finding.subject})
        << '\n';
  }
}

}  // namespace

std::string seen_from_inside(const Places& places, const fs::path& path) {
  return ("/" / path.lexically_relative(places.system)).string();
}

fs::path config_folder(const Places& places) {
  const char* named = std::getenv("XDG_CONFIG_HOME");
  return named != nullptr && *named == '/' ? fs::path(named) : places.home / ".config";
}

void run_program(const std::vector<std::string>& words, const std::string& package) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = -1;
  const int failed = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0)
    throw Failure(Exit::failed, tr("%1 is needed: install the package %2", {words[0], package}));
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw Failure(Exit::failed, tr("%1 failed", {words[0]}));
}

int set_up(const Context& context) {
  const Options& options = context.options;
  const ClientRow& client = client_of(options.words.at(0));
  Places where = places();
  if (!options.root.empty()) where.system = fs::absolute(options.root);
  const bool system = is_for_system(options, client);
  Changes changes(record_of(where, system, client.name));
  Setup setup{context, where, system, options.undo ? "" : library_of(options, client), ca_of(options, client),
              changes, {}};
  if (options.undo) {
    changes.forget();
    client.undo(setup);
  } else {
    client.apply(setup);
  }
  warn_of_boxes(setup, client);
  if (!options.dry_run) changes.carry_out();
  report(setup);
  return Exit::done;
}

}  // namespace jpki::tool
