// What the scenarios share: cards in folders of their own, and the library as an application loads it.
#pragma once

#include <cryptoki/pkcs11.h>

#include <filesystem>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

namespace scenario {

using jpki::Bytes;
using jpki::ByteView;

/// A return value that a failed test prints by its name.
struct Rv {
  CK_RV value;
  friend bool operator==(Rv a, Rv b) = default;
  friend bool operator==(Rv a, CK_RV b) { return a.value == b; }
};
std::ostream& operator<<(std::ostream& out, Rv rv);
inline Rv rv(CK_RV value) { return {value}; }

enum class Kind { mynumber, juki };

/// What the card saw.
struct Exchange {
  std::string header;    // class, instruction, P1, P2
  std::size_t sent = 0;  // bytes of the data field
  std::string data;      // as the log shows it
  std::string status;
  [[nodiscard]] bool verifies() const { return header.substr(2, 2) == "20" && sent > 0; }
  [[nodiscard]] bool changes() const { return header.substr(2, 2) == "24"; }
  [[nodiscard]] bool signs() const { return header == "802A0080"; }
};

/// A copy of an issued card. PINs 1234 and ABC123.
class CardFolder {
 public:
  CardFolder(Kind kind, const std::filesystem::path& path);
  /// A card that is there already.
  static CardFolder at(const std::filesystem::path& path) { return CardFolder(path); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] Bytes certificate(const std::string& name) const;  // auth, sign, auth-ca, sign-ca
  void remove() const;
  void insert() const;
  void set(const std::string& name, const std::string& value) const;  // a switch of card.toml
  void tries(const std::string& half, int left) const;
  /// Lines of `counters`: what is left. All, where the card has not written any yet.
  [[nodiscard]] int tries(const std::string& half) const;
  /// All that the card has seen since the mark (0: ever).
  [[nodiscard]] std::vector<Exchange> log(std::size_t mark = 0) const;
  [[nodiscard]] std::size_t mark() const { return log().size(); }
  /// VERIFY commands that carried a PIN.
  [[nodiscard]] std::size_t pins_sent() const;
  [[nodiscard]] std::string power_log() const;  // words of the POWER lines

 private:
  explicit CardFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

/// A library as dlopen gives it. Unloaded at the end.
class Library {
 public:
  explicit Library(const std::string& view = "");
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  [[nodiscard]] CK_FUNCTION_LIST_3_2* functions() const { return functions_; }
  CK_FUNCTION_LIST_3_2* operator->() const { return functions_; }
  static std::string path(const std::string& view = "");

 private:
  void* handle_;
  CK_FUNCTION_LIST_3_2* functions_;
};

/// Slots in the order of the lists: a reader shows authentication first.
inline constexpr CK_SLOT_ID auth_slot = 0, sign_slot = 1;

/// Cards, and the environment variables that name them.
class Environment {
 public:
  struct Options {
    std::vector<Kind> cards{Kind::mynumber};
    std::string view = {};
    std::string configuration = {};  // text of the file that JPKI_CONFIG names
    bool soft_tokens = false;        // whether JPKI_SOFT_TOKENS names the folder "tokens"
    bool initialize = true;
  };
  explicit Environment(const Options& options);
  [[nodiscard]] const CardFolder& card(std::size_t number = 0) const { return cards_[number]; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  jpki::test::TempFolder folder_;
  std::vector<CardFolder> cards_;
};

/// An environment with the library in it; initialized unless said otherwise.
class World : public Environment {
 public:
  World() : World(Options{}) {}
  explicit World(const Options& options);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  CK_FUNCTION_LIST_3_2* operator->() const { return library_.functions(); }
  void initialize();
  [[nodiscard]] std::vector<CK_SLOT_ID> slots(bool with_token = false);

  CK_SESSION_HANDLE open(CK_SLOT_ID slot, bool read_write = true);
  [[nodiscard]] Rv login(CK_SESSION_HANDLE session, std::string_view pin, CK_USER_TYPE user = CKU_USER);
  /// A session that is logged in with the right PIN.
  CK_SESSION_HANDLE logged_in(CK_SLOT_ID slot);
  [[nodiscard]] std::vector<CK_OBJECT_HANDLE> find(CK_SESSION_HANDLE session,
                                                   std::vector<CK_ATTRIBUTE> wanted = {});
  [[nodiscard]] std::vector<CK_OBJECT_HANDLE> find_class(CK_SESSION_HANDLE session, CK_OBJECT_CLASS wanted);
  [[nodiscard]] CK_OBJECT_HANDLE private_key(CK_SESSION_HANDLE session);
  /// Null where the object has no such attribute or does not reveal it.
  [[nodiscard]] std::optional<Bytes> value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                                           CK_ATTRIBUTE_TYPE type);
  /// C_SignInit and C_Sign; the signature, or empty with `outcome` set.
  Bytes sign(CK_SESSION_HANDLE session, CK_MECHANISM_TYPE mechanism, CK_OBJECT_HANDLE key, ByteView data,
             CK_RV* outcome = nullptr);
  [[nodiscard]] CK_TOKEN_INFO token_info(CK_SLOT_ID slot);

 private:
  Library library_;
};

/// How a program that loads a library itself came to its end.
struct Ended {
  int status;        // as waitpid tells it
  std::string said;  // on standard output
};
/// A shell's command; it finds the PIN in TOKEN_PIN.
Ended run_host(const std::string& command, std::string_view pin);

std::string text(const CK_UTF8CHAR* field, std::size_t size);  // without the padding
std::string read_text(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, std::string_view content);

/// By the public key of a certificate (DER), with OpenSSL.
bool verified(ByteView certificate, const char* digest, ByteView data, ByteView signature);

}  // namespace scenario
