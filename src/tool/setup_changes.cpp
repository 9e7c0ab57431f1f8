#include "tool/setup_changes.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/file.hpp"
#include "base/hex.hpp"
#include "crypto/hash.hpp"
#include "tool/exits.hpp"
#include "tool/messages.hpp"

namespace jpki::tool {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string sha256(std::string_view text) {
  return to_hex(crypto::digest(crypto::Hash::sha256, bytes_of(text)));
}

std::optional<std::string> content(const fs::path& path) {
  const auto bytes = read_file(path);
  if (!bytes) return std::nullopt;
  return std::string(text_of(*bytes));
}

/// The file itself, where the path is a link to it.
fs::path followed(const fs::path& path) {
  std::error_code error;
  const auto real = fs::canonical(path, error);
  return error ? path : real;
}

bool is_blank(const std::string& text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

[[noreturn]] void cannot_write(const fs::path& path) {
  throw Failure(Exit::failed, tr("%1 cannot be written", {path.string()}));
}

}  // namespace

Changes::Changes(Path record) : record_(std::move(record)) { read(); }

std::optional<std::string> Changes::text(const Path& path) const {
  const auto found = planned_.find(followed(path));
  return found != planned_.end() ? found->second : content(path);
}

void Changes::plan(const Path& path, std::optional<std::string> text, unsigned mode) {
  planned_[path] = text;
  rows_.push_back({path, text ? "written" : "removed"});
  steps_.push_back({path, std::move(text), mode, nullptr});
}

void Changes::write(const Path& given, const std::string& text, unsigned mode, bool keep) {
  const Path path = followed(given);
  const auto now = this->text(path);
  if (now == text) return;
  auto& past = files_[path];
  if (past.after.empty()) {
    past.existed = now.has_value();
    if (keep) past.before = now;
  }
  past.after = sha256(text);
  plan(path, text, mode);
}

void Changes::act(const Path& path, std::string what, std::function<void()> step) {
  rows_.push_back({path, std::move(what)});
  steps_.push_back({path, std::nullopt, 0, std::move(step)});
}

void Changes::take_back(const Path& given, const Strip& strip) {
  const Path path = followed(given);
  const auto now = text(path);
  if (!now) return;
  const auto found = files_.find(path);
  const bool untouched = found != files_.end() && found->second.after == sha256(*now);
  const bool is_new = found != files_.end() && !found->second.existed;
  if (untouched && is_new) return plan(path, std::nullopt, 0);
  if (untouched && found->second.before) return plan(path, found->second.before, 0644);
  const std::string rest = strip(*now);
  if (rest == *now) return;
  if (is_new && is_blank(rest)) return plan(path, std::nullopt, 0);
  plan(path, rest, 0644);
}

bool Changes::take_back_made() {
  const bool unused = std::all_of(made_.begin(), made_.end(), [](const auto& row) {
    const auto now = content(row.first);
    return !now || sha256(*now) == row.second;
  });
  if (made_.empty() || !unused) return false;
  for (const auto& [path, hash] : made_)
    if (content(path)) plan(path, std::nullopt, 0);
  return true;
}

void Changes::note(const std::string& word) {
  if (std::find(notes_.begin(), notes_.end(), word) == notes_.end()) notes_.push_back(word);
}

// --- On the disk
// ----------------------------------------------------------------------------------------------

void Changes::make_folders(const Path& folder) {
  std::error_code error;
  if (folder.empty() || fs::is_directory(folder, error)) return;
  make_folders(folder.parent_path());
  // Only what is for one user alone lies in such a folder: ~/.ssh and ~/.pki are of this mode.
  const bool hidden = folder.filename().string().starts_with(".");
  if (!fs::create_directory(folder, error)) cannot_write(folder);
  if (hidden) fs::permissions(folder, fs::perms::owner_all, error);
  folders_.push_back(folder);
}

void Changes::carry_out() {
  if (steps_.empty() && !(forgets_ && had_record_)) return;
  if (!forgets_) {
    make_folders(record_.parent_path());
    for (const auto& step : steps_) make_folders(step.path.parent_path());
    save();
  }
  for (const auto& step : steps_) {
    std::error_code error;
    if (step.act) {
      step.act();
    } else if (!step.text) {
      if (!fs::remove(step.path, error) && error) cannot_write(step.path);
    } else {
      const auto status = fs::status(step.path, error);
      const bool there = fs::exists(status);
      const unsigned mode = there ? static_cast<unsigned>(status.permissions() & fs::perms::mask) : step.mode;
      try {
        replace_file(step.path, bytes_of(*step.text), mode);
        if (const auto made = made_.find(step.path); made != made_.end()) made->second = sha256(*step.text);
      } catch (const std::system_error&) {
        cannot_write(step.path);
      }
    }
  }
  if (!forgets_) {
    for (const auto& path : made_by_steps_)
      if (const auto now = content(path)) made_[path] = sha256(*now);
    return save();
  }
  std::error_code ignored;
  fs::remove(record_, ignored);
  for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder) fs::remove(*folder, ignored);
}

void Changes::save() {
  json record{
      {"files", json::object()}, {"made", json::object()}, {"folders", json::array()}, {"notes", notes_}};
  for (const auto& [path, past] : files_) {
    record["files"][path.string()] = {{"existed", past.existed}, {"after", past.after}};
    if (past.before) record["files"][path.string()]["before"] = *past.before;
  }
  for (const auto& [path, hash] : made_) record["made"][path.string()] = hash;
  for (const auto& folder : folders_) record["folders"].push_back(folder.string());
  try {
    replace_file(record_, bytes_of(record.dump(1) + "\n"), 0600);
  } catch (const std::system_error&) {
    cannot_write(record_);
  }
}

void Changes::read() {
  const auto text = content(record_);
  if (!text) return;
  had_record_ = true;
  // A record that was damaged is none: the way back is then by what stands in the files.
  const auto record = json::parse(*text, nullptr, false);
  if (!record.is_object()) return;
  try {
    for (const auto& [path, row] : record.at("files").items()) {
      Past past{row.at("existed").get<bool>(), std::nullopt, row.at("after").get<std::string>()};
      if (row.contains("before")) past.before = row["before"].get<std::string>();
      files_[path] = past;
    }
    for (const auto& [path, hash] : record.at("made").items()) made_[path] = hash.get<std::string>();
    for (const auto& folder : record.at("folders")) folders_.emplace_back(folder.get<std::string>());
    notes_ = record.at("notes").get<std::vector<std::string>>();
  } catch (const json::exception&) {
    files_.clear(), made_.clear(), folders_.clear(), notes_.clear();
  }
}

}  // namespace jpki::tool
