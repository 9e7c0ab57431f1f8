// The generation word: a number in a small file beside a token's, by which a process notices that another one
// changed the token, at the cost of reading memory.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

namespace jpki::token {

/// Thread-safe. It is a notice only. Where its file cannot be had (a full or read-only disk), the size and
/// time of the token's files serve instead.
class GenerationWord {
 public:
  /// `file`: the token's.
  explicit GenerationWord(std::filesystem::path file);
  GenerationWord(const GenerationWord&) = delete;
  GenerationWord& operator=(const GenerationWord&) = delete;
  ~GenerationWord();

  [[nodiscard]] std::uint64_t read() noexcept;

  /// What the token's files look like: taken before the token is read, and handed to saw() with the
  /// generation that was found in it. Both do nothing where there is a word.
  [[nodiscard]] std::uint64_t look() const noexcept;
  void saw(std::uint64_t look, std::uint64_t generation) noexcept;

  /// By whoever holds the database's lock for changes, before the change takes effect: a reader that comes
  /// too early will find that the word is ahead of what it read, and read again.
  void write(std::uint64_t generation) noexcept;

 private:
  struct Mapping {
    int fd = -1;
    void* page = nullptr;
    std::uint64_t inode = 0;
    Mapping() = default;
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    ~Mapping();
    [[nodiscard]] bool usable() const noexcept;
  };
  [[nodiscard]] std::unique_ptr<Mapping> map() const noexcept;
  [[nodiscard]] bool current_is_there() const noexcept;
  void attach() noexcept;
  void look_after_file() noexcept;

  const std::filesystem::path token_, file_;
  std::mutex mutex_;                                // guards the next
  std::vector<std::unique_ptr<Mapping>> mappings_;  // former ones too: somebody may be reading them
  std::atomic<const Mapping*> current_{nullptr};
  std::atomic<std::int64_t> looked_{0};
  std::atomic<std::uint64_t> seen_look_{0}, seen_generation_{0};
};

}  // namespace jpki::token
