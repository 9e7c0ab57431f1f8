// AttributeIndex: which places hold an object with a certain value of a certain attribute.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace jpki::core {

/// An entry is a number (a place and one of its attributes) under the hash of a value. Entries of the same
/// hash are a chain. Some 60 bytes for three entries, where a node-based container takes 170: there may be
/// many objects. Values of one hash need not be equal.
class AttributeIndex {
 public:
  using Entry = std::uint32_t;
  static constexpr Entry none = 0xFFFFFFFF;

  /// Room for entries below `count`.
  void reserve(std::size_t count);
  /// `entry` is in no chain.
  void add(Entry entry, std::uint64_t hash);
  /// `entry` was added with this hash.
  void remove(Entry entry, std::uint64_t hash);

  /// The chain of a hash: the first entry, and the one after another; none at the end.
  [[nodiscard]] Entry first(std::uint64_t hash) const;
  [[nodiscard]] Entry next(Entry entry) const { return links_[entry].next; }

 private:
  static constexpr Entry gone = none - 1;  // a slot whose chain ended; what was put behind it is still found
  struct Slot {
    std::uint32_t tag = 0;
    Entry head = none;
  };
  struct Link {
    Entry next = none, previous = none;
  };
  static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash ^ hash >> 32); }
  [[nodiscard]] std::size_t find(std::uint32_t tag) const;
  void put(std::uint32_t tag, Entry head);
  void resize(std::size_t slots);

  std::vector<Slot> slots_;  // a power of two, at most half of them used
  std::vector<Link> links_;  // by entry
  std::size_t used_ = 0;     // slots that are not free, gone ones among them
  std::size_t chains_ = 0;
};

}  // namespace jpki::core
