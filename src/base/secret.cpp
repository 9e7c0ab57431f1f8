#include "base/secret.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <new>
#include <utility>

namespace jpki {
namespace {

std::size_t whole_pages(std::size_t size) {
  static const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return (size + page - 1) / page * page;
}

}  // namespace

void wipe(void* memory, std::size_t size) noexcept {
  if (size != 0) explicit_bzero(memory, size);  // an empty vector's memory is null
}

// Pages of its own, so that locking and MADV_DONTDUMP concern nothing else.
Secret::Secret(std::size_t size) : size_(size) {
  if (size == 0) return;
  void* pages = mmap(nullptr, whole_pages(size), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  mlock(pages, whole_pages(size));
  madvise(pages, whole_pages(size), MADV_DONTDUMP);
  data_ = static_cast<std::uint8_t*>(pages);
}

Secret::Secret(ByteView bytes) : Secret(bytes.size()) {
  if (!bytes.empty()) std::memcpy(data_, bytes.data(), bytes.size());
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
  munmap(data_, whole_pages(size_));
  data_ = nullptr;
  size_ = 0;
}

}  // namespace jpki
