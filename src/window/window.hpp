// The online window: who comes in with the card's authentication certificate sees the own certificates and
// may make out a request for their revocation, which is then signed with the signature key and sent in.
#pragma once

#include <functional>

#include "web/server.hpp"
#include "window/pages.hpp"

namespace jpki::window {

class Window {
 public:
  using Now = std::function<service::Instant()>;

  Window(Registry& registry, Hours hours, Now now);

  /// Routes and refusals, which refer to this object; certificate, key and log are the caller's.
  web::Site site();

 private:
  web::Response first(const web::Request& request);
  web::Response make_form(const web::Request& request);
  web::Response show_form(const web::Request& request);
  web::Response take_form(const web::Request& request);
  web::Response judge(const Form& form, const web::Request& request, Language language);
  web::Response revoke(const Form& form, Language language);
  Scene scene_of(const web::Request& request);

  Registry& registry_;
  const Hours hours_;
  const Now now_;
  std::mutex one_at_a_time_;  // the registry
  Forms forms_;
};

}  // namespace jpki::window
