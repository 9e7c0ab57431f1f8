#include "core/attribute_index.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace jpki::core {

void AttributeIndex::reserve(std::size_t count) {
  links_.reserve(count);
  const std::size_t slots = std::bit_ceil(count * 2 + 1);
  if (slots > slots_.size()) resize(slots);
}

/// The slot of a tag's chain; slots_.size() where there is none.
std::size_t AttributeIndex::find(std::uint32_t tag) const {
  if (slots_.empty()) return 0;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = tag & mask; slots_[at].head != none; at = (at + 1) & mask)
    if (slots_[at].tag == tag && slots_[at].head != gone) return at;
  return slots_.size();
}

/// For a tag that has no chain.
void AttributeIndex::put(std::uint32_t tag, Entry head) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = tag & mask;
  while (slots_[at].head < gone) at = (at + 1) & mask;
  if (slots_[at].head == none) ++used_;
  slots_[at] = {tag, head};
  ++chains_;
}

void AttributeIndex::resize(std::size_t slots) {
  const auto old = std::exchange(slots_, std::vector<Slot>(slots));
  used_ = chains_ = 0;
  for (const Slot& slot : old)
    if (slot.head < gone) put(slot.tag, slot.head);
}

void AttributeIndex::add(Entry entry, std::uint64_t hash) {
  if (entry >= links_.size()) links_.resize(entry + std::size_t{1});
  const std::uint32_t tag = tag_of(hash);
  if (const std::size_t at = find(tag); at != slots_.size()) {
    links_[entry] = {slots_[at].head, none};
    links_[slots_[at].head].previous = entry;
    slots_[at].head = entry;
    return;
  }
  constexpr std::size_t least = 16;
  if ((used_ + 1) * 2 > slots_.size()) resize(std::bit_ceil(std::max(least, (chains_ + 1) * 3)));
  links_[entry] = {};
  put(tag, entry);
}

void AttributeIndex::remove(Entry entry, std::uint64_t hash) {
  const Link link = links_[entry];
  if (link.next != none) links_[link.next].previous = link.previous;
  if (link.previous != none) {
    links_[link.previous].next = link.next;
    return;
  }
  Slot& slot = slots_[find(tag_of(hash))];
  slot.head = link.next != none ? link.next : gone;
  if (slot.head == gone) --chains_;
}

AttributeIndex::Entry AttributeIndex::first(std::uint64_t hash) const {
  const std::size_t at = find(tag_of(hash));
  return at < slots_.size() ? slots_[at].head : none;
}

}  // namespace jpki::core
