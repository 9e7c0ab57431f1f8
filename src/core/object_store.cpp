#include "core/object_store.hpp"

#include <array>
#include <cstring>
#include <functional>
#include <mutex>

#include "core/buffers.hpp"
#include "core/schema.hpp"

namespace jpki::core {
namespace {

// A handle, from the top: store, generation of the place, place.
constexpr unsigned index_bits = 24, generation_bits = 16;
constexpr std::uint64_t index_mask = (1ULL << index_bits) - 1,
                        generation_mask = (1ULL << generation_bits) - 1;

std::uint64_t next_salt() {
  static std::atomic<std::uint64_t> stores{0};
  return stores.fetch_add(1, std::memory_order_relaxed) + 1;
}

/// The attributes that are never fetched later and by which clients look for one object among many.
constexpr std::array indexed{CKA_LABEL, CKA_ID, CKA_UNIQUE_ID};

/// The index's number for one of them in one place.
AttributeIndex::Entry entry_of(std::uint32_t place, std::size_t which) {
  return static_cast<AttributeIndex::Entry>(place * indexed.size() + which);
}

std::uint64_t key_of(CK_ATTRIBUTE_TYPE type, ByteView value) {
  return std::hash<std::string_view>{}(text_of(value)) ^ (type * 0x9E3779B97F4A7C15ULL);
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

/// An object that lives by a login which turns out to be lost is not there any more: searching and reading
/// have no answer "not logged in" (5.7.5, 5.7.7).
std::optional<AttributeMap> loaded_unless_login_lost(Object& object) {
  try {
    return object.load();
  } catch (const Error& error) {
    if (error.rv() != CKR_USER_NOT_LOGGED_IN) throw;
    return std::nullopt;
  }
}

}  // namespace

ObjectStore::ObjectStore() : salt_(next_salt()) {}

CK_OBJECT_HANDLE ObjectStore::handle_of(Index index) const {
  const std::uint64_t generation = places_[index].generation & generation_mask;
  return (salt_ << generation_bits | generation) << index_bits | (index + 1);
}

const ObjectStore::Place* ObjectStore::place(CK_OBJECT_HANDLE handle) const {
  const std::uint64_t index = (handle & index_mask) - 1;
  if (index >= places_.size() || !places_[index].object || handle_of(static_cast<Index>(index)) != handle)
    return nullptr;
  return &places_[index];
}

// --- Coming and going
// --------------------------------------------------------------------------------------------

CK_OBJECT_HANDLE ObjectStore::add(std::shared_ptr<Object> object, CK_SESSION_HANDLE owner) {
  const std::unique_lock lock(mutex_);
  if (free_.empty()) {
    require(places_.size() < index_mask, CKR_DEVICE_MEMORY);
    free_.push_back(static_cast<Index>(places_.size()));
    places_.emplace_back();
  }
  const Index index = free_.back();
  free_.pop_back();
  places_[index].object = std::move(object);
  places_[index].owner = owner;
  if (owner != 0) owned_.fetch_add(1, std::memory_order_relaxed);
  enter_indexes(index);
  return handle_of(index);
}

void ObjectStore::reserve(std::size_t count) {
  const std::unique_lock lock(mutex_);
  places_.reserve(count);
  index_.reserve(count * indexed.size());
}

void ObjectStore::enter_indexes(Index index) {
  for (std::size_t i = 0; i < indexed.size(); ++i)
    if (const auto value = places_[index].object->attributes().get(indexed[i]); value && !value->empty())
      index_.add(entry_of(index, i), key_of(indexed[i], *value));
}

void ObjectStore::leave_indexes(Index index) {
  for (std::size_t i = 0; i < indexed.size(); ++i)
    if (const auto value = places_[index].object->attributes().get(indexed[i]); value && !value->empty())
      index_.remove(entry_of(index, i), key_of(indexed[i], *value));
}

std::shared_ptr<Object> ObjectStore::find(CK_OBJECT_HANDLE handle) const {
  const std::shared_lock lock(mutex_);
  const Place* found = place(handle);
  return found == nullptr ? nullptr : found->object;
}

void ObjectStore::take_out(Index index, std::vector<std::shared_ptr<Object>>& dying) {
  leave_indexes(index);
  Place& leaving = places_[index];
  dying.push_back(std::move(leaving.object));
  leaving.object = nullptr;
  ++leaving.generation;
  if (leaving.owner != 0) owned_.fetch_sub(1, std::memory_order_relaxed);
  free_.push_back(index);
  removals_.fetch_add(1, std::memory_order_release);
}

template <class Predicate>
void ObjectStore::remove_if(Predicate predicate) {
  std::vector<std::shared_ptr<Object>> dying;  // destroyed after the lock is gone
  const std::unique_lock lock(mutex_);
  for (Index index = 0; index < places_.size(); ++index)
    if (places_[index].object && predicate(places_[index])) take_out(index, dying);
}

void ObjectStore::remove(CK_OBJECT_HANDLE handle) {
  std::vector<std::shared_ptr<Object>> dying;
  const std::unique_lock lock(mutex_);
  if (place(handle) != nullptr) take_out(static_cast<Index>((handle & index_mask) - 1), dying);
}

void ObjectStore::replace(CK_OBJECT_HANDLE handle, std::shared_ptr<Object> object) {
  const std::unique_lock lock(mutex_);
  if (place(handle) == nullptr) return;
  const auto index = static_cast<Index>((handle & index_mask) - 1);
  leave_indexes(index);
  places_[index].object.swap(object);  // the old one is destroyed after the lock is gone
  changes_.fetch_add(1, std::memory_order_release);
  enter_indexes(index);
}

void ObjectStore::remove_private() {
  remove_if([](const Place& place) { return place.object->is_private(); });
}

void ObjectStore::remove_owned_by(CK_SESSION_HANDLE owner) {
  if (owned_.load(std::memory_order_relaxed) == 0) return;
  remove_if([owner](const Place& place) { return place.owner == owner; });
}

bool ObjectStore::complete(CK_OBJECT_HANDLE handle, const std::shared_ptr<Object>& object) {
  {
    const std::shared_lock lock(mutex_);
    if (!object->pending_) return true;
  }
  const auto loaded = loaded_unless_login_lost(*object);
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

void ObjectStore::load_anew() {
  const std::unique_lock lock(mutex_);
  for (Place& each : places_)
    if (each.object) each.object->pending_ = each.object->loads_;
  changes_.fetch_add(1, std::memory_order_release);
}

void ObjectStore::change(CK_OBJECT_HANDLE handle, const AttributeMap& changes) {
  const std::unique_lock lock(mutex_);
  require(place(handle) != nullptr, CKR_OBJECT_HANDLE_INVALID);
  const auto index = static_cast<Index>((handle & index_mask) - 1);
  leave_indexes(index);
  places_[index].object->attributes_.put_all(changes);
  changes_.fetch_add(1, std::memory_order_release);
  enter_indexes(index);
}

// --- Searching
// ---------------------------------------------------------------------------------------------------

ObjectStore::Match ObjectStore::matches(const Object& object, const Template& wanted) {
  auto result = Match::yes;
  for (const auto& item : wanted.items()) {
    if (object.pending() && object.defers(item.type)) {
      result = Match::unknown;
      continue;
    }
    const auto value = object.attributes().get(item.type);
    if (!value || !equal(*value, item.value) || is_sensitive(object.attributes(), item.type))
      return Match::no;
  }
  return result == Match::yes && object.pending() && object.uncertain() ? Match::unknown : result;
}

void ObjectStore::consider(Index index, const Template& wanted, std::vector<Candidate>& candidates) const {
  const auto& object = places_[index].object;
  if (!object) return;
  // Hardware features answer only to a search for their class (PKCS#11 3.2, 4.3).
  if (object->is_hardware_feature() && wanted.number(CKA_CLASS) != CKO_HW_FEATURE) return;
  const Match match = matches(*object, wanted);
  if (match == Match::no) return;
  candidates.push_back({handle_of(index), match == Match::unknown ? object : nullptr});
}

void ObjectStore::collect(const Template& wanted, std::vector<Candidate>& candidates) const {
  const std::shared_lock lock(mutex_);
  for (const auto type : indexed) {
    const auto value = wanted.get(type);
    if (!value || value->empty()) continue;
    for (auto at = index_.first(key_of(type, *value)); at != AttributeIndex::none; at = index_.next(at))
      consider(static_cast<Index>(at / indexed.size()), wanted, candidates);
    return;
  }
  candidates.reserve(wanted.empty() ? places_.size() : 0);
  for (Index index = 0; index < places_.size(); ++index) consider(index, wanted, candidates);
}

std::vector<CK_OBJECT_HANDLE> ObjectStore::search(const Template& wanted) {
  std::vector<Candidate> candidates;
  collect(wanted, candidates);
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

// --- Reading
// -----------------------------------------------------------------------------------------------------

bool ObjectStore::defers_any(const Object& object, const CK_ATTRIBUTE* attributes, CK_ULONG count) {
  for (CK_ULONG i = 0; i < count; ++i)
    if (object.defers(core::load(attributes + i).type)) return true;
  return false;
}

template <class Needed, class Use>
auto ObjectStore::with_object(CK_OBJECT_HANDLE handle, Needed needed, Use use, CK_RV unknown) {
  std::shared_lock lock(mutex_);
  const Place* found = place(handle);
  require(found != nullptr, unknown);
  if (found->object->pending() && needed(*found->object)) {
    const auto object = found->object;
    lock.unlock();
    require(complete(handle, object), unknown);
    lock.lock();
    found = place(handle);
    require(found != nullptr, unknown);
  }
  return use(*found->object);
}

CK_RV ObjectStore::read(CK_OBJECT_HANDLE handle, CK_ATTRIBUTE* attributes, CK_ULONG count) {
  return with_object(
      handle, [&](const Object& object) { return defers_any(object, attributes, count); },
      [&](const Object& object) {
        CK_RV result = CKR_OK;
        for (CK_ULONG i = 0; i < count; ++i) {
          CK_ATTRIBUTE asked = core::load(attributes + i);
          const CK_RV rv = answer(object, asked);
          core::store(attributes + i, asked);
          if (rv != CKR_OK) result = rv;
        }
        return result;
      });
}

bool ObjectStore::flag(CK_OBJECT_HANDLE handle, CK_ATTRIBUTE_TYPE type, CK_RV unknown) {
  return with_object(
      handle, [type](const Object& object) { return object.defers(type); },
      [type](const Object& object) { return object.attributes().flag(type); }, unknown);
}

Bytes ObjectStore::value(CK_OBJECT_HANDLE handle, CK_ATTRIBUTE_TYPE type, CK_RV unknown) {
  return with_object(
      handle, [type](const Object& object) { return object.defers(type); },
      [type](const Object& object) { return copy_of(object.attributes().get(type).value_or(ByteView{})); },
      unknown);
}

AttributeMap ObjectStore::snapshot(CK_OBJECT_HANDLE handle) {
  return with_object(
      handle, [](const Object&) { return true; }, [](const Object& object) { return object.attributes(); });
}

}  // namespace jpki::core
