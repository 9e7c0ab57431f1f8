// The agency's web pages: a form, the application file made of it, and where the signed application is taken.
#pragma once

#include <functional>
#include <mutex>

#include "jpki/key_file.hpp"
#include "judgement.hpp"
#include "web/server.hpp"

namespace agency {

struct Office {
  Sources sources;
  service::KeyFile post;        // signs the receipts
  std::filesystem::path inbox;  // where applications are kept, a file each
  std::function<service::Instant()> now;
};

/// Routes and refusals; they refer to `office`.
jpki::web::Site site_of(const Office& office);

}  // namespace agency
