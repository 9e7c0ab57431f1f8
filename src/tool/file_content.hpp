// Files as content that is read in pieces, and files that appear whole or not at all.
#pragma once

#include <ostream>
#include <string>

#include "jpki/signed_data.hpp"

namespace jpki::tool {

/// An open file; says how far it is read, on a terminal, where it is long.
class FileContent {
 public:
  /// Throws Failure where there is no such ordinary file.
  explicit FileContent(const std::string& path, std::ostream* progress = nullptr);
  ~FileContent();
  FileContent(const FileContent&) = delete;
  FileContent& operator=(const FileContent&) = delete;

  /// From the beginning. Lives as long as this.
  service::Content content();
  /// A part of it, likewise.
  service::Content part(std::uint64_t offset, std::uint64_t size);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Fills the buffer from that place; false where the file ends before.
  [[nodiscard]] bool read_at(std::uint64_t offset, std::span<std::uint8_t> buffer) const;

 private:
  service::Content from(std::uint64_t offset, std::uint64_t size, std::uint64_t most);
  std::size_t read(std::span<std::uint8_t> buffer);
  void show_progress();

  int fd_;
  std::uint64_t size_ = 0;               // of the file
  std::uint64_t wanted_ = 0, done_ = 0;  // of what is being read
  std::uint64_t left_ = 0;
  int shown_ = -1;
  std::ostream* progress_;
};

/// Throws Failure if there is something at this path.
void require_new(const std::string& path);

/// A file that is written beside its place and put there by keep(); gone without. For the owner's eyes.
class NewFile {
 public:
  explicit NewFile(std::string path);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  void write(ByteView bytes);
  /// Throws Failure where a file has come to that place meanwhile.
  void keep();

 private:
  [[noreturn]] void fail() const;
  std::string path_, temporary_;
  int fd_;
};

}  // namespace jpki::tool
