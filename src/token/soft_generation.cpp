#include "token/soft_generation.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ctime>

namespace jpki::token {
namespace {

constexpr std::size_t word_size = sizeof(std::uint64_t);
constexpr std::size_t max_mappings = 1000;  // a file that is removed again and again: then without

/// Seconds, at the cost of a few nanoseconds.
std::int64_t now() noexcept {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
  return time.tv_sec;
}

/// FNV-1a over what changes when a file does.
std::uint64_t mix(std::uint64_t sum, const std::filesystem::path& file) noexcept {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) return sum * 31;
  for (const auto value :
       {static_cast<std::int64_t>(status.st_ino), static_cast<std::int64_t>(status.st_size),
        static_cast<std::int64_t>(status.st_mtim.tv_sec),
        static_cast<std::int64_t>(status.st_mtim.tv_nsec)}) {
    sum = (sum ^ static_cast<std::uint64_t>(value)) * 0x100000001B3U;
  }
  return sum;
}

std::filesystem::path with_ending(const std::filesystem::path& file, const char* ending) {
  return file.string() + ending;
}

int open_word(const std::filesystem::path& file) noexcept {
  constexpr int flags = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
  const int fd = open(file.c_str(), O_RDWR | O_CREAT | flags, 0600);
  return fd >= 0 ? fd : open(file.c_str(), O_RDONLY | flags);
}

}  // namespace

GenerationWord::Mapping::~Mapping() {
  if (page != nullptr) munmap(page, word_size);
  if (fd >= 0) close(fd);
}

/// Whether the file is long enough that its page can be read, and has its name still.
bool GenerationWord::Mapping::usable() const noexcept {
  struct stat status {};
  return fstat(fd, &status) == 0 && status.st_nlink > 0 && status.st_size >= static_cast<off_t>(word_size);
}

GenerationWord::GenerationWord(std::filesystem::path file)
    : token_(std::move(file)), file_(with_ending(token_, "-gen")) {
  const std::lock_guard lock(mutex_);
  attach();
}

GenerationWord::~GenerationWord() = default;

// The word is written with pwrite, never through the mapping: on a full disk that is an error, not a signal.
std::unique_ptr<GenerationWord::Mapping> GenerationWord::map() const noexcept {
  auto mapping = std::make_unique<Mapping>();
  mapping->fd = open_word(file_);
  struct stat status {};
  if (mapping->fd < 0 || fstat(mapping->fd, &status) != 0 || !S_ISREG(status.st_mode)) return nullptr;
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) return nullptr;
  if (status.st_size < static_cast<off_t>(word_size)) {
    const std::uint64_t none = 0;
    if (pwrite(mapping->fd, &none, word_size, 0) != static_cast<ssize_t>(word_size)) return nullptr;
  }
  void* page = mmap(nullptr, word_size, PROT_READ, MAP_SHARED, mapping->fd, 0);
  if (page == MAP_FAILED) return nullptr;
  mapping->page = page;
  mapping->inode = status.st_ino;
  return mapping;
}

void GenerationWord::attach() noexcept {
  auto mapping = mappings_.size() < max_mappings ? map() : nullptr;
  current_.store(mapping.get(), std::memory_order_release);
  if (mapping) mappings_.push_back(std::move(mapping));
}

bool GenerationWord::current_is_there() const noexcept {
  const Mapping* mapping = current_.load(std::memory_order_acquire);
  struct stat status {};
  return mapping != nullptr && mapping->usable() && lstat(file_.c_str(), &status) == 0 &&
         status.st_ino == mapping->inode;
}

// Once a second: the file may have been removed, and others have made a new one since.
void GenerationWord::look_after_file() noexcept {
  const std::int64_t time = now();
  if (time == looked_.load(std::memory_order_relaxed)) return;
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return;
  looked_.store(time, std::memory_order_relaxed);
  if (!current_is_there()) attach();
}

std::uint64_t GenerationWord::read() noexcept {
  look_after_file();
  if (const Mapping* mapping = current_.load(std::memory_order_acquire)) {
    return __atomic_load_n(static_cast<const std::uint64_t*>(mapping->page), __ATOMIC_ACQUIRE);
  }
  const std::uint64_t generation = seen_generation_.load(std::memory_order_relaxed);
  return look() == seen_look_.load(std::memory_order_relaxed) ? generation : ~generation;
}

std::uint64_t GenerationWord::look() const noexcept {
  if (current_.load(std::memory_order_acquire) != nullptr) return 0;
  return mix(mix(0xCBF29CE484222325U, token_), with_ending(token_, "-wal"));
}

void GenerationWord::saw(std::uint64_t look, std::uint64_t generation) noexcept {
  seen_look_.store(look, std::memory_order_relaxed);
  seen_generation_.store(generation, std::memory_order_relaxed);
}

void GenerationWord::write(std::uint64_t generation) noexcept {
  const std::lock_guard lock(mutex_);
  if (!current_is_there()) attach();
  const Mapping* mapping = current_.load(std::memory_order_acquire);
  if (mapping == nullptr) return;
  if (pwrite(mapping->fd, &generation, word_size, 0) != static_cast<ssize_t>(word_size)) {
    current_.store(nullptr, std::memory_order_release);
  }
}

}  // namespace jpki::token
