// sign MODULE FILE SIGNATURE: signs a file with the token's key, and has the module verify it. The PIN comes
// from the terminal, or from the file that PIN_FILE names.
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <string.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

using Bytes = std::vector<CK_BYTE>;

void check(CK_RV rv, const std::string& call) {
  if (rv != CKR_OK) throw std::runtime_error(call + ": " + std::to_string(rv));
}

class Module {
 public:
  explicit Module(const char* path) {
    void* library = dlopen(path, RTLD_NOW);
    if (library == nullptr) throw std::runtime_error(dlerror());
    check(reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"))(&list_),
          "C_GetFunctionList");
    check(list_->C_Initialize(nullptr), "C_Initialize");
  }
  ~Module() { list_->C_Finalize(nullptr); }
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  CK_FUNCTION_LIST* operator->() const { return list_; }

 private:
  CK_FUNCTION_LIST* list_ = nullptr;
};

class Session {
 public:
  explicit Session(const Module& module) : module_(module) {
    CK_SLOT_ID slot = 0;
    CK_ULONG count = 1;
    check(module->C_GetSlotList(CK_TRUE, &slot, &count), "C_GetSlotList");
    if (count != 1) throw std::runtime_error("no card");
    check(module->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &handle_), "C_OpenSession");
  }
  ~Session() { module_->C_CloseSession(handle_); }  // which logs out, too
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void login(std::string pin) {
    const CK_RV rv =
        module_->C_Login(handle_, CKU_USER, reinterpret_cast<CK_UTF8CHAR*>(pin.data()), pin.size());
    explicit_bzero(pin.data(), pin.size());
    check(rv, "C_Login");
  }
  Bytes sign(Bytes text) {
    Bytes signature(512);
    CK_ULONG size = signature.size();
    check(module_->C_SignInit(handle_, &mechanism_, object(CKO_PRIVATE_KEY)), "C_SignInit");
    check(module_->C_Sign(handle_, text.data(), text.size(), signature.data(), &size), "C_Sign");
    signature.resize(size);
    return signature;
  }
  bool verify(Bytes text, Bytes signature) {
    check(module_->C_VerifyInit(handle_, &mechanism_, object(CKO_PUBLIC_KEY)), "C_VerifyInit");
    return module_->C_Verify(handle_, text.data(), text.size(), signature.data(), signature.size()) == CKR_OK;
  }

 private:
  CK_OBJECT_HANDLE object(CK_OBJECT_CLASS kind) {
    CK_ATTRIBUTE wanted{CKA_CLASS, &kind, sizeof kind};
    CK_OBJECT_HANDLE found = 0;
    CK_ULONG count = 0;
    check(module_->C_FindObjectsInit(handle_, &wanted, 1), "C_FindObjectsInit");
    check(module_->C_FindObjects(handle_, &found, 1, &count), "C_FindObjects");
    check(module_->C_FindObjectsFinal(handle_), "C_FindObjectsFinal");
    if (count != 1) throw std::runtime_error("the key is not there");
    return found;
  }

  const Module& module_;
  CK_SESSION_HANDLE handle_ = 0;
  CK_MECHANISM mechanism_{CKM_SHA256_RSA_PKCS, nullptr, 0};
};

std::string read_pin() {
  std::string pin;
  if (const char* path = std::getenv("PIN_FILE")) {
    std::ifstream file(path);
    std::getline(file, pin);
  } else {
    pin = getpass("PIN: ");
  }
  return pin;
}

int main(int count, char** words) try {
  if (count != 4) return 2;
  std::ifstream in(words[2], std::ios::binary);
  const Bytes text{std::istreambuf_iterator<char>(in), {}};
  const Module module(words[1]);
  Session session(module);
  session.login(read_pin());
  const Bytes signature = session.sign(text);
  if (!session.verify(text, signature)) throw std::runtime_error("not verified");
  std::ofstream(words[3], std::ios::binary)
      .write(reinterpret_cast<const char*>(signature.data()), static_cast<std::streamsize>(signature.size()));
  std::cout << "verified\n";
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
