#include "token/pin_tries.hpp"

#include <jpki/vendor.h>

namespace jpki::token {
namespace {

using core::AttributeMap;

/// PKCS#11 3.2, 4.3: no storage object, so neither label nor CKA_TOKEN.
AttributeMap feature() {
  AttributeMap map;
  map.put(CKA_CLASS, CKO_HW_FEATURE).put(CKA_HW_FEATURE_TYPE, CKH_JPKI_PIN_TRIES);
  return map;
}

/// Before the first C_GetTokenInfo.
class Unasked final : public core::Object {
 public:
  explicit Unasked(PinTries::Ask ask) : Object(feature()), ask_(std::move(ask)) { mark_pending(); }
  [[nodiscard]] bool defers(CK_ATTRIBUTE_TYPE type) const override { return type == CKA_VALUE; }
  [[nodiscard]] std::optional<AttributeMap> load() override {
    AttributeMap map;
    map.put(CKA_VALUE, ask_());
    return map;
  }

 private:
  const PinTries::Ask ask_;
};

}  // namespace

PinTries::PinTries(core::ObjectStore& store, Ask ask)
    : store_(store), handle_(store.add(std::make_shared<Unasked>(std::move(ask)))) {}

void PinTries::refresh(CK_ULONG left) {
  const std::lock_guard lock(mutex_);
  if (told_ == left) return;  // what sessions have learnt of the store's objects still holds
  auto map = feature();
  map.put(CKA_VALUE, left);
  store_.replace(handle_, std::make_shared<core::Object>(std::move(map)));
  told_ = left;
}

}  // namespace jpki::token
