// What `jpki setup` changes on the disk: planned first, done in one go, and written down so that it can be
// undone.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace jpki::tool {

/// The plan of one call. Nothing is touched before carry_out(); then the record goes first, so that what was
/// begun can be undone. Paths of files that are symbolic links are followed.
class Changes {
 public:
  using Path = std::filesystem::path;
  using Strip = std::function<std::string(const std::string&)>;

  /// `record`: what earlier calls for the same client changed.
  explicit Changes(Path record);

  /// A file's text as planned so far; empty where there is no file.
  [[nodiscard]] std::optional<std::string> text(const Path& path) const;
  /// Plans new content, if it is new. A file that is there keeps its mode. `keep`: its text today goes into
  /// the record, for files that nobody hides things in and whose form would be lost.
  void write(const Path& path, const std::string& text, unsigned mode = 0644, bool keep = false);
  /// Plans a step that changes this file by other means, such as another program.
  void act(const Path& path, std::string what, std::function<void()> step);
  /// A file that a step will make: taken away again if nobody used it since.
  void will_appear(const Path& path) { made_by_steps_.push_back(path); }

  /// Plans the way back for one file: what was there before if nobody changed it since, else `strip` of its
  /// text.
  void take_back(const Path& path, const Strip& strip);
  /// Plans the removal of what steps had made. False: nothing was, or something was used since and stays.
  bool take_back_made();
  /// Carried out, these leave nothing behind: the record and the folders that were made go as well.
  void forget() { forgets_ = true; }

  /// Words that a client keeps from one call to the next.
  [[nodiscard]] std::vector<std::string> notes() const { return notes_; }
  void note(const std::string& word);

  struct Row {
    Path path;
    std::string what;  // "written", "removed", or what act() was given
  };
  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
  void carry_out();

 private:
  struct Past {
    bool existed = false;
    std::optional<std::string> before;
    std::string after;  // SHA-256 of what we left
  };
  struct Step {
    Path path;
    std::optional<std::string> text;  // nothing: removal
    unsigned mode = 0;
    std::function<void()> act;
  };
  void plan(const Path& path, std::optional<std::string> text, unsigned mode);
  void make_folders(const Path& folder);
  void save();
  void read();

  const Path record_;
  bool forgets_ = false, had_record_ = false;
  std::map<Path, std::optional<std::string>> planned_;
  std::vector<Step> steps_;
  std::vector<Row> rows_;
  // the record
  std::map<Path, Past> files_;
  std::map<Path, std::string> made_;  // by steps, with the SHA-256 that they had
  std::vector<Path> made_by_steps_;
  std::vector<Path> folders_;  // in the order in which they were made
  std::vector<std::string> notes_;
};

}  // namespace jpki::tool
