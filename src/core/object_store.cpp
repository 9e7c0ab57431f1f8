#include "core/object_store.hpp"

#include <atomic>
#include <cstring>
#include <mutex>

#include "core/buffers.hpp"
#include "core/schema.hpp"

namespace jpki::core {
namespace {

// A handle, from the top: store, generation of the place, place.
constexpr unsigned index_bits = 24, generation_bits = 16;
constexpr std::uint64_t index_mask = (1ULL << index_bits) - 1, generation_mask = (1ULL << generation_bits) - 1;

std::uint64_t next_salt() {
  static std::atomic<std::uint64_t> stores{0};
  return stores.fetch_add(1, std::memory_order_relaxed) + 1;
}

enum class Match : std::uint8_t { no, yes, unknown };

Match matches(const Object& object, const Template& wanted) {
  auto result = Match::yes;
  for (const auto& item : wanted.items()) {
    if (object.pending() && object.defers(item.type)) {
      result = Match::unknown;
      continue;
    }
    const auto value = object.attributes().get(item.type);
    if (!value || !equal(*value, item.value) || is_sensitive(object.attributes(), item.type)) return Match::no;
  }
  return result == Match::yes && object.pending() && object.uncertain() ? Match::unknown : result;
}

// PKCS#11 3.2, 5.7.5: the five cases for one attribute, in the standard's order.
CK_RV answer(const Object& object, CK_ATTRIBUTE& asked) {
  const auto refuse = [&asked](CK_RV rv) {
    asked.ulValueLen = CK_UNAVAILABLE_INFORMATION;
    return rv;
  };
  if (is_sensitive(object.attributes(), asked.type)) return refuse(CKR_ATTRIBUTE_SENSITIVE);
  const auto value = object.attributes().get(asked.type);
  if (!value) return refuse(CKR_ATTRIBUTE_TYPE_INVALID);
  if (asked.pValue != nullptr) {
    if (asked.ulValueLen < value->size()) return refuse(CKR_BUFFER_TOO_SMALL);
    if (!value->empty()) std::memcpy(asked.pValue, value->data(), value->size());
  }
  asked.ulValueLen = static_cast<CK_ULONG>(value->size());
  return CKR_OK;
}

}  // namespace

ObjectStore::ObjectStore() : salt_(next_salt()) {}

CK_OBJECT_HANDLE ObjectStore::handle_of(std::size_t index) const {
  const std::uint64_t generation = places_[index].generation & generation_mask;
  return (salt_ << generation_bits | generation) << index_bits | (index + 1);
}

const ObjectStore::Place* ObjectStore::place(CK_OBJECT_HANDLE handle) const {
  const std::uint64_t index = (handle & index_mask) - 1;
  if (index >= places_.size() || !places_[index].object || handle_of(index) != handle) return nullptr;
  return &places_[index];
}

CK_OBJECT_HANDLE ObjectStore::add(std::shared_ptr<Object> object, CK_SESSION_HANDLE owner) {
  const std::unique_lock lock(mutex_);
  std::size_t index = 0;
  while (index < places_.size() && places_[index].object) ++index;
  require(index < index_mask, CKR_DEVICE_MEMORY);
  if (index == places_.size()) places_.emplace_back();
  places_[index].object = std::move(object);
  places_[index].owner = owner;
  return handle_of(index);
}

std::shared_ptr<Object> ObjectStore::find(CK_OBJECT_HANDLE handle) const {
  const std::shared_lock lock(mutex_);
  const Place* found = place(handle);
  return found == nullptr ? nullptr : found->object;
}

template <class Predicate>
void ObjectStore::remove_if(Predicate predicate) {
  std::vector<std::shared_ptr<Object>> dying;  // destroyed after the lock is gone
  const std::unique_lock lock(mutex_);
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (!places_[i].object || !predicate(handle_of(i), places_[i])) continue;
    dying.push_back(std::move(places_[i].object));
    places_[i].object = nullptr;
    ++places_[i].generation;
  }
}

void ObjectStore::remove(CK_OBJECT_HANDLE handle) {
  remove_if([handle](CK_OBJECT_HANDLE candidate, const Place&) { return candidate == handle; });
}

void ObjectStore::remove_private() {
  remove_if([](CK_OBJECT_HANDLE, const Place& place) { return place.object->is_private(); });
}

void ObjectStore::remove_owned_by(CK_SESSION_HANDLE owner) {
  remove_if([owner](CK_OBJECT_HANDLE, const Place& place) { return place.owner == owner; });
}

bool ObjectStore::complete(CK_OBJECT_HANDLE handle, const std::shared_ptr<Object>& object) {
  {
    const std::shared_lock lock(mutex_);
    if (!object->pending_) return true;
  }
  const auto loaded = object->load();
  if (!loaded) {
    remove(handle);
    return false;
  }
  const std::unique_lock lock(mutex_);
  if (object->pending_) {
    object->attributes_.put_all(*loaded);
    object->pending_ = false;
  }
  return true;
}

std::vector<CK_OBJECT_HANDLE> ObjectStore::search(const Template& wanted) {
  struct Candidate {
    CK_OBJECT_HANDLE handle;
    std::shared_ptr<Object> to_load;  // null: matches for certain
  };
  std::vector<Candidate> candidates;
  {
    const std::shared_lock lock(mutex_);
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (!places_[i].object) continue;
      // Hardware features answer only to a search for their class (PKCS#11 3.2, 4.3).
      if (places_[i].object->object_class() == CKO_HW_FEATURE && wanted.number(CKA_CLASS) != CKO_HW_FEATURE) continue;
      const Match match = matches(*places_[i].object, wanted);
      if (match == Match::no) continue;
      candidates.push_back({handle_of(i), match == Match::unknown ? places_[i].object : nullptr});
    }
  }
  std::vector<CK_OBJECT_HANDLE> found;
  found.reserve(candidates.size());
  for (const auto& [handle, to_load] : candidates) {
    if (to_load) {
      if (!complete(handle, to_load)) continue;
      const std::shared_lock lock(mutex_);
      if (matches(*to_load, wanted) != Match::yes) continue;
    }
    found.push_back(handle);
  }
  return found;
}

bool ObjectStore::needs_load(const Object& object, const CK_ATTRIBUTE* attributes, CK_ULONG count) const {
  if (!object.pending()) return false;
  for (CK_ULONG i = 0; i < count; ++i)
    if (object.defers(core::load(attributes + i).type)) return true;
  return false;
}

CK_RV ObjectStore::read(CK_OBJECT_HANDLE handle, CK_ATTRIBUTE* attributes, CK_ULONG count) {
  std::shared_lock lock(mutex_);
  const Place* found = place(handle);
  require(found != nullptr, CKR_OBJECT_HANDLE_INVALID);
  const auto object = found->object;
  if (needs_load(*object, attributes, count)) {
    lock.unlock();
    require(complete(handle, object), CKR_OBJECT_HANDLE_INVALID);
    lock.lock();
  }
  CK_RV result = CKR_OK;
  for (CK_ULONG i = 0; i < count; ++i) {
    CK_ATTRIBUTE asked = core::load(attributes + i);
    const CK_RV rv = answer(*object, asked);
    core::store(attributes + i, asked);
    if (rv != CKR_OK) result = rv;
  }
  return result;
}

}  // namespace jpki::core
