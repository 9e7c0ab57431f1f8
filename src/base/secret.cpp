#include "base/secret.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <new>
#include <utility>

namespace jpki {
namespace {

std::size_t whole_pages(std::size_t size) {
  static const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return (size + page - 1) / page * page;
}

/// Pages of their own, so that locking and MADV_DONTDUMP concern nothing else. Null: there is no memory.
std::uint8_t* map_locked(std::size_t size) noexcept {
  void* pages = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return nullptr;
  mlock(pages, size);
  madvise(pages, size, MADV_DONTDUMP);
  return static_cast<std::uint8_t*>(pages);
}

/// Room for small secrets in locked pages that they share: one key may be a dozen numbers, and pages for each
/// would take 50 calls of the system. Without a mutex, which another thread might hold when the process
/// forks. Never given back, as the module is called from exit handlers.
class Small {
 public:
  static constexpr std::size_t piece = 128, pieces = 64;

  /// Zeroed; null where it is too long or there is no room.
  static std::uint8_t* take(std::size_t size) noexcept {
    const std::size_t count = (size + piece - 1) / piece;
    if (count > max_pieces) return nullptr;
    std::uint8_t* memory = pages();
    if (memory == nullptr) return nullptr;
    const std::uint64_t run = (std::uint64_t{1} << count) - 1;
    std::uint64_t taken = taken_.load(std::memory_order_relaxed);
    for (;;) {
      unsigned at = 0;
      while (at + count <= pieces && (taken & run << at) != 0) ++at;
      if (at + count > pieces) return nullptr;
      if (taken_.compare_exchange_weak(taken, taken | run << at, std::memory_order_acquire))
        return memory + at * piece;
    }
  }
  /// False: it is not from here.
  static bool give_back(std::uint8_t* data, std::size_t size) noexcept {
    std::uint8_t* memory = memory_.load(std::memory_order_relaxed);
    if (memory == nullptr || data < memory || data >= memory + piece * pieces) return false;
    const std::size_t count = (size + piece - 1) / piece,
                      at = static_cast<std::size_t>(data - memory) / piece;
    taken_.fetch_and(~(((std::uint64_t{1} << count) - 1) << at), std::memory_order_release);
    return true;
  }

 private:
  static constexpr std::size_t max_pieces = 8;

  static std::uint8_t* pages() noexcept {
    if (auto* memory = memory_.load(std::memory_order_acquire)) return memory;
    std::uint8_t* mine = map_locked(piece * pieces);
    std::uint8_t* first = nullptr;
    if (mine == nullptr || memory_.compare_exchange_strong(first, mine, std::memory_order_acq_rel))
      return mine;
    munmap(mine, piece * pieces);
    return first;
  }

  static inline std::atomic<std::uint8_t*> memory_{nullptr};
  static inline std::atomic<std::uint64_t> taken_{0};
};

}  // namespace

void wipe(void* memory, std::size_t size) noexcept {
  if (size != 0) explicit_bzero(memory, size);  // an empty vector's memory is null
}

Secret::Secret(std::size_t size) : size_(size) {
  if (size == 0) return;
  data_ = Small::take(size);
  if (data_ == nullptr) data_ = map_locked(whole_pages(size));
  if (data_ == nullptr) throw std::bad_alloc();
}

Secret::Secret(ByteView bytes) : Secret(bytes.size()) {
  if (data_ != nullptr) std::memcpy(data_, bytes.data(), bytes.size());
}

Secret::Secret(Secret&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    release();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

Secret::~Secret() { release(); }

void Secret::release() noexcept {
  if (data_ == nullptr) return;
  wipe(data_, size_);
  if (!Small::give_back(data_, size_)) munmap(data_, whole_pages(size_));
  data_ = nullptr;
  size_ = 0;
}

}  // namespace jpki
