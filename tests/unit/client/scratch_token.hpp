// SoftHSM, an independent module, with a token in a scratch folder.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "client/session.hpp"

namespace scratch {

namespace client = jpki::client;

constexpr auto softhsm = "/usr/lib/softhsm/libsofthsm2.so";
constexpr std::string_view so_pin = "scratch-so";
constexpr std::string_view user_pin = "scratch-user";

inline client::ByteView view(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// A folder of its own, named by SOFTHSM2_CONF while it lives.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "client-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no scratch folder");
    path_ = name;
    std::filesystem::create_directory(path_ / "tokens");
    std::ofstream(path_ / "softhsm2.conf")
        << "directories.tokendir = " << (path_ / "tokens").string() << "\nlog.level = ERROR\n";
    setenv("SOFTHSM2_CONF", (path_ / "softhsm2.conf").c_str(), 1);
  }
  ~Folder() {
    unsetenv("SOFTHSM2_CONF");
    std::filesystem::remove_all(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

 private:
  std::filesystem::path path_;
};

/// A token with both PINs set.
class Token {
 public:
  Token() {
    const std::string label = "client test";
    module.init_token(module.slots().at(0), view(so_pin), label);
    slot = find(label);
    client::Session session(module, slot, client::Access::read_write);
    session.login(view(so_pin), CKU_SO);
    session.init_pin(view(user_pin));
    session.logout();
  }

 private:
  /// SoftHSM moves a new token to a slot of its own, which the list shows once it is asked for its length.
  CK_SLOT_ID find(const std::string& label) const {
    for (const auto id : module.slots()) {
      const auto info = module.token_info(id);
      if (std::equal(label.begin(), label.end(), info.label)) return id;
    }
    throw std::runtime_error("the scratch token is missing");
  }

  Folder folder_;

 public:
  client::Module module{softhsm};
  CK_SLOT_ID slot = 0;
};

}  // namespace scratch
