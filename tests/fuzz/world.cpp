#include "world.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "input.hpp"
#include "vcard/create.hpp"

extern "C" CK_RV C_GetInterface(CK_UTF8CHAR_PTR name, CK_VERSION_PTR version, CK_INTERFACE_PTR_PTR interface,
                                CK_FLAGS flags);

namespace jpki::fuzz {
namespace {

namespace fs = std::filesystem;

/// Removed at exit, unless the process is killed.
class Place {
 public:
  Place() {
    const fs::path memory = "/dev/shm";
    const auto base = access(memory.c_str(), W_OK) == 0 ? memory : fs::temp_directory_path();
    std::string name = (base / "jpki-fuzz-XXXXXX").string();
    require(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void copy_over(const fs::path& from, const fs::path& to) {
  fs::copy_file(from, to, fs::copy_options::overwrite_existing);
}

/// Both halves of the card have the same test key and certificate.
void make_card(const fs::path& folder) {
  vcard::create_card(folder, vcard::Kind::mynumber, Bytes(vcard::issuer_key_size, 0x11));
  for (const char* half : {"auth", "sign"}) {
    copy_over(fs::path(JPKI_FUZZ_DATA) / "key.pem", folder / "keys" / (std::string(half) + ".pem"));
    for (const char* what : {"", "-ca"})
      copy_over(fs::path(JPKI_FUZZ_DATA) / "certificate.der",
                folder / "certs" / (std::string(half) + what + ".der"));
  }
}

CK_UTF8CHAR* text(std::string_view words) {
  return reinterpret_cast<CK_UTF8CHAR*>(const_cast<char*>(words.data()));
}

void generate(CK_SESSION_HANDLE session) {
  auto& calls = module_calls();
  CK_BYTE p256[] = {0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};
  CK_BBOOL yes = CK_TRUE;
  CK_ULONG bits = 2048;
  CK_ATTRIBUTE ec[] = {
      {CKA_EC_PARAMS, p256, sizeof p256}, {CKA_TOKEN, &yes, sizeof yes}, {CKA_VERIFY, &yes, sizeof yes}};
  CK_ATTRIBUTE rsa[] = {{CKA_MODULUS_BITS, &bits, sizeof bits},
                        {CKA_TOKEN, &yes, sizeof yes},
                        {CKA_VERIFY, &yes, sizeof yes},
                        {CKA_ENCRYPT, &yes, sizeof yes}};
  CK_ATTRIBUTE hidden[] = {{CKA_TOKEN, &yes, sizeof yes},
                           {CKA_PRIVATE, &yes, sizeof yes},
                           {CKA_SIGN, &yes, sizeof yes},
                           {CKA_DECRYPT, &yes, sizeof yes}};
  CK_OBJECT_HANDLE open_key = 0, key = 0;
  CK_MECHANISM mechanism{CKM_EC_KEY_PAIR_GEN, nullptr, 0};
  require(calls.C_GenerateKeyPair(session, &mechanism, ec, 3, hidden, 3, &open_key, &key) == CKR_OK);
  mechanism.mechanism = CKM_RSA_PKCS_KEY_PAIR_GEN;
  require(calls.C_GenerateKeyPair(session, &mechanism, rsa, 4, hidden, 4, &open_key, &key) == CKR_OK);
}

/// One token with both PINs, an EC and an RSA key pair.
void make_token() {
  auto& calls = module_calls();
  require(calls.C_Initialize(nullptr) == CKR_OK);
  CK_ULONG count = 8;
  std::vector<CK_SLOT_ID> slots(count);
  require(calls.C_GetSlotList(CK_FALSE, slots.data(), &count) == CKR_OK && count == 3);
  CK_UTF8CHAR label[33] = "fuzz                            ";
  require(calls.C_InitToken(soft_slot, text(officer_pin), officer_pin.size(), label) == CKR_OK);
  CK_SESSION_HANDLE session = 0;
  require(calls.C_OpenSession(soft_slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session) ==
          CKR_OK);
  require(calls.C_Login(session, CKU_SO, text(officer_pin), officer_pin.size()) == CKR_OK);
  require(calls.C_InitPIN(session, text(user_pin), user_pin.size()) == CKR_OK);
  require(calls.C_Logout(session) == CKR_OK);
  require(calls.C_Login(session, CKU_USER, text(user_pin), user_pin.size()) == CKR_OK);
  generate(session);
  require(calls.C_Finalize(nullptr) == CKR_OK);
}

void name_in_environment() {
  const auto& base = place();
  std::ofstream(base / "jpki.toml") << "[soft]\nscrypt_n = 2\n";
  // Before there is any other thread. NOLINTBEGIN(concurrency-mt-unsafe)
  setenv("HOME", base.c_str(), 1);
  setenv("XDG_CONFIG_HOME", base.c_str(), 1);
  setenv("JPKI_CONFIG", (base / "jpki.toml").c_str(), 1);
  setenv("JPKI_PCSC", "off", 1);
  setenv("JPKI_VIRTUAL_CARDS", (base / "card").c_str(), 1);
  setenv("JPKI_SOFT_TOKENS", (base / "tokens").c_str(), 1);
  // NOLINTEND(concurrency-mt-unsafe)
}

/// Keeps libFuzzer's clock from interrupting calls that do not go on by themselves.
class Undisturbed {
 public:
  Undisturbed() {
    sigset_t clock;
    sigemptyset(&clock);
    sigaddset(&clock, SIGALRM);
    require(pthread_sigmask(SIG_BLOCK, &clock, &before_) == 0);
  }
  Undisturbed(const Undisturbed&) = delete;
  Undisturbed& operator=(const Undisturbed&) = delete;
  ~Undisturbed() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

void copy_folder(const char* from, const char* to) {
  const Undisturbed copying;
  fs::remove_all(place() / to);
  fs::copy(place() / from, place() / to, fs::copy_options::recursive);
  if (fs::exists(place() / to)) fs::permissions(place() / to, fs::perms::owner_all);
}

}  // namespace

const fs::path& place() {
  static const Place made;
  return made.path();
}

CK_FUNCTION_LIST_3_2& module_calls() {
  static auto* const list = [] {
    CK_INTERFACE* interface = nullptr;
    require(C_GetInterface(nullptr, nullptr, &interface, 0) == CKR_OK);
    return static_cast<CK_FUNCTION_LIST_3_2*>(interface->pFunctionList);
  }();
  return *list;
}

void renew_world() {
  static const bool made = [] {
    name_in_environment();
    make_card(place() / "card");
    make_token();
    copy_folder("card", "card-at-first");
    copy_folder("tokens", "tokens-at-first");
    return true;
  }();
  static_cast<void>(made);
  copy_folder("card-at-first", "card");
  copy_folder("tokens-at-first", "tokens");
}

}  // namespace jpki::fuzz
