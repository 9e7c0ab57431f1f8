// HandleTable: handles that name things, each behind its own lock.
#pragma once

#include <cryptoki/pkcs11.h>

#include <array>
#include <atomic>
#include <bit>
#include <memory>
#include <mutex>
#include <vector>

#include "core/error.hpp"

namespace jpki::core {

/// Places live in chunks that are never freed before the table, so a look-up takes no lock but the thing's
/// own. Each chunk is twice as long as the one before: few things take little memory, and many few chunks. A
/// handle holds the place and its generation: once removed, it is wrong for ever (65,536 re-uses of a place).
template <class T>
class HandleTable {
  struct Place {
    std::mutex mutex;
    std::uint64_t generation = 0;
    std::unique_ptr<T> thing;
  };
  static constexpr unsigned index_bits = 24, first_bits = 5;
  static constexpr std::size_t first_size = 1U << first_bits, max_chunks = 15;
  static constexpr std::size_t max_places = first_size * ((1U << max_chunks) - 1);

 public:
  /// The thing behind a handle, locked as long as this lives.
  class Locked {
   public:
    T* operator->() const { return place_->thing.get(); }
    T& operator*() const { return *place_->thing; }

   private:
    friend class HandleTable;
    Locked(std::unique_lock<std::mutex> lock, Place* place) : lock_(std::move(lock)), place_(place) {}
    std::unique_lock<std::mutex> lock_;
    Place* place_;
  };

  /// `unknown`: the return value for a handle that names nothing; `full`: for one thing too many.
  HandleTable(CK_RV unknown, CK_RV full) : unknown_(unknown), full_(full) {}
  HandleTable(const HandleTable&) = delete;
  HandleTable& operator=(const HandleTable&) = delete;
  ~HandleTable() {
    for (auto& chunk : chunks_) delete[] chunk.load();
  }

  /// `prepare` gets the thing's handle before anybody can look it up.
  template <class Prepare>
  CK_ULONG insert(std::unique_ptr<T> thing, Prepare prepare) {
    const std::size_t index = take_index();
    Place& place = *at(index);
    const std::lock_guard lock(place.mutex);
    const CK_ULONG handle = (place.generation & 0xFFFF) << index_bits | (index + 1);
    prepare(*thing, handle);
    place.thing = std::move(thing);
    return handle;
  }

  /// Throws `unknown`.
  [[nodiscard]] Locked lock(CK_ULONG handle) {
    Place* place = at((handle & ((1U << index_bits) - 1)) - 1);
    require(place != nullptr, unknown_);
    std::unique_lock lock(place->mutex);
    require(place->thing && (place->generation & 0xFFFF) == handle >> index_bits, unknown_);
    return Locked(std::move(lock), place);
  }

  /// Takes the thing out; waits for whoever holds it. Throws `unknown`.
  std::unique_ptr<T> remove(CK_ULONG handle) {
    std::unique_ptr<T> thing;
    {
      const Locked locked = lock(handle);
      thing = std::move(locked.place_->thing);
      ++locked.place_->generation;
    }
    const std::lock_guard guard(free_mutex_);
    free_.push_back(static_cast<std::uint32_t>((handle & ((1U << index_bits) - 1)) - 1));
    return thing;
  }

  /// The handles of all things for which `wanted` holds, each asked under its lock.
  template <class Predicate>
  std::vector<CK_ULONG> handles(Predicate wanted) {
    std::vector<CK_ULONG> found;
    std::size_t end = 0;
    {
      const std::lock_guard guard(free_mutex_);
      end = used_;
    }
    for (std::size_t index = 0; index < end; ++index) {
      Place& place = *at(index);
      const std::lock_guard lock(place.mutex);
      if (place.thing && wanted(*place.thing))
        found.push_back((place.generation & 0xFFFF) << index_bits | (index + 1));
    }
    return found;
  }

 private:
  /// Chunk `n` begins at the index first_size * (2^n - 1).
  [[nodiscard]] static unsigned chunk_of(std::size_t index) {
    return static_cast<unsigned>(std::bit_width(index + first_size)) - 1 - first_bits;
  }
  [[nodiscard]] static std::size_t chunk_size(unsigned chunk) { return first_size << chunk; }

  Place* at(std::size_t index) const {
    if (index >= max_places) return nullptr;
    const unsigned chunk = chunk_of(index);
    Place* found = chunks_[chunk].load(std::memory_order_acquire);
    return found == nullptr ? nullptr : found + (index + first_size - chunk_size(chunk));
  }

  std::size_t take_index() {
    const std::lock_guard guard(free_mutex_);
    if (!free_.empty()) {
      const std::size_t index = free_.back();
      free_.pop_back();
      return index;
    }
    require(used_ < max_places, full_);
    auto& chunk = chunks_[chunk_of(used_)];
    if (chunk.load(std::memory_order_relaxed) == nullptr)
      chunk.store(new Place[chunk_size(chunk_of(used_))], std::memory_order_release);
    return used_++;
  }

  const CK_RV unknown_, full_;
  std::array<std::atomic<Place*>, max_chunks> chunks_{};
  std::mutex free_mutex_;
  std::vector<std::uint32_t> free_;
  std::size_t used_ = 0;
};

}  // namespace jpki::core
