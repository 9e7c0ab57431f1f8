#include "window/forms.hpp"

#include <algorithm>

#include "base/hex.hpp"
#include "crypto/random.hpp"

namespace jpki::window {

std::string Forms::new_number() {
  Bytes bytes(16);
  crypto::random_bytes(bytes);
  return to_hex(bytes);
}

bool Forms::keep(Form form, service::Instant now) {
  const std::lock_guard lock(mutex_);
  std::erase_if(by_certificate_, [&](const auto& entry) { return entry.second.until < now; });
  if (by_certificate_.size() >= most_ && !by_certificate_.contains(form.asked_with)) return false;
  const std::string key = form.asked_with;
  by_certificate_.insert_or_assign(key, std::move(form));
  return true;
}

std::optional<Form> Forms::find(const std::string& number, service::Instant now) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [certificate, form] : by_certificate_)
    if (form.number == number && form.until >= now) return form;
  return std::nullopt;
}

bool Forms::take(const std::string& number) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(by_certificate_, [&](const auto& entry) { return entry.second.number == number; }) > 0;
}

}  // namespace jpki::window
