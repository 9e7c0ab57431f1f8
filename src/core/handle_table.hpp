// HandleTable: handles that name things, each behind its own lock.
#pragma once

#include <cryptoki/pkcs11.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "core/error.hpp"

namespace jpki::core {

/// Places live in chunks that are never freed before the table, so a look-up takes no lock but the thing's
/// own. A handle holds the place and its generation: once removed, it is wrong for ever (65,536 re-uses of a
/// place).
template <class T>
class HandleTable {
  struct Place {
    std::mutex mutex;
    std::uint64_t generation = 0;
    std::unique_ptr<T> thing;
  };
  static constexpr unsigned chunk_bits = 8, index_bits = 24;
  static constexpr std::size_t chunk_size = 1U << chunk_bits, max_chunks = 1U << 12;
  using Chunk = std::array<Place, chunk_size>;

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
    for (auto& chunk : chunks_) delete chunk.load();
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
  Place* at(std::size_t index) const {
    const std::size_t chunk = index >> chunk_bits;
    if (chunk >= max_chunks) return nullptr;
    Chunk* found = chunks_[chunk].load(std::memory_order_acquire);
    return found == nullptr ? nullptr : &(*found)[index & (chunk_size - 1)];
  }

  std::size_t take_index() {
    const std::lock_guard guard(free_mutex_);
    if (!free_.empty()) {
      const std::size_t index = free_.back();
      free_.pop_back();
      return index;
    }
    require(used_ < chunk_size * max_chunks, full_);
    if (used_ % chunk_size == 0) chunks_[used_ >> chunk_bits].store(new Chunk, std::memory_order_release);
    return used_++;
  }

  const CK_RV unknown_, full_;
  std::array<std::atomic<Chunk*>, max_chunks> chunks_{};
  std::mutex free_mutex_;
  std::vector<std::uint32_t> free_;
  std::size_t used_ = 0;
};

}  // namespace jpki::core
