// The window's pages: HTML without a script, readable by a screen reader and without style.
#pragma once

#include <optional>
#include <string>

#include "window/forms.hpp"
#include "window/hours.hpp"
#include "window/registry.hpp"
#include "window/words.hpp"

namespace jpki::window {

/// Who has come, by the certificate that was shown.
enum class Visitor : std::uint8_t { nobody, foreign, wrong_half, revoked, expired, not_yet_valid, welcome };

struct Scene {
  Language language = Language::ja;
  Visitor visitor = Visitor::nobody;
  std::optional<Holder> holder;
  bool open = true;
  Hours hours;
};

std::string hours_text(const Hours& hours, Language language);
std::string time_text(service::Instant instant);  // 2026-11-25 19:00, in Japan

std::string first_page(const Scene& scene);
std::string form_page(const Scene& scene, const Form& form, const std::string& origin);
/// A page with one paragraph.
std::string plain_page(Language language, const Words& title, const std::string& text);

extern const char* const style_sheet;

/// The valid one of this tier; null if there is none.
const Item* valid_of(const Holder& holder, service::Tier tier);

}  // namespace jpki::window
