// What the hazard tests share: calls by name whose answers are held against the standard's lists, PINs that
// are counted as they are submitted, and what the card itself has seen of them.
#pragma once

#include <map>
#include <set>
#include <string>

#include "support.hpp"

namespace scenario {

/// Every answer of a C_ function is one that the standard lets it give; otherwise a Catch failure.
class Answers {
 public:
  explicit Answers(const CK_FUNCTION_LIST_3_2& list);
  CK_RV operator()(const std::string& function, CK_RV value);

 private:
  std::map<std::string, std::set<std::string>> permitted_;
};

/// A world whose calls are watched, with two cards: one in the reader, one beside it for swaps. Both have the
/// same keys and PINs, so that nothing but the module can tell them apart.
class Stage {
 public:
  explicit Stage(const std::string& configuration = "");

  World& world() { return world_; }
  CK_FUNCTION_LIST_3_2* operator->() const { return world_.operator->(); }
  CK_RV answer(const std::string& function, CK_RV value) { return answers_(function, value); }

  // Calls that submit a PIN, counted before they are made.
  CK_RV login(CK_SESSION_HANDLE session, std::string pin, CK_USER_TYPE user = CKU_USER);
  CK_RV set_pin(CK_SESSION_HANDLE session, std::string from, std::string to);

  CK_RV open(CK_SLOT_ID slot, CK_SESSION_HANDLE& session);
  CK_RV find_key(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE& key);
  CK_RV find_all(CK_SESSION_HANDLE session, std::vector<CK_OBJECT_HANDLE>& found);
  /// Reads what a client reads of an object.
  void inspect(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object);
  CK_RV sign_init(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key);
  /// A signature is checked with OpenSSL: it is right, or there is none.
  CK_RV sign_now(CK_SESSION_HANDLE session, CK_SLOT_ID slot);
  CK_RV sign(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, CK_SLOT_ID slot);

  // The card.
  [[nodiscard]] const CardFolder& card() const { return world_.card(0); }
  [[nodiscard]] std::filesystem::path other() const { return world_.folder() / "other"; }
  void script(const std::string& faults) const;
  void swap();
  /// The first card back in the reader, without a script.
  void settle();
  /// settle, and everything as at the beginning: PINs, tries, logs, counts. The library is initialized anew.
  void renew();

  struct Seen {
    std::size_t verifies = 0, changes = 0, signatures = 0, faults = 0;
  };
  /// What the logs of the two cards say since renew().
  [[nodiscard]] Seen seen() const { return seen_in(first()); }
  [[nodiscard]] Seen seen_by_other() const { return seen_in(is_first(other()) ? card().path() : other()); }
  [[nodiscard]] std::string pin(const std::string& half) const { return pin_in(first(), half); }
  /// No more VERIFY than PINs submitted, no more tries spent than wrong ones. Catch failures.
  void check_pins() const;

  std::size_t submitted = 0, wrong = 0, signed_rightly = 0;
  /// The module has read the certificate, and so compares signatures. Where it has not, a script that garbles
  /// the card's answer makes it give out what is none (SECURITY.md).
  bool certificate_known = false;

 private:
  [[nodiscard]] static std::string pin_in(const std::filesystem::path& folder, const std::string& half);
  [[nodiscard]] static Seen seen_in(const std::filesystem::path& folder);
  /// The first card is marked: a script may have swapped the two.
  [[nodiscard]] static bool is_first(const std::filesystem::path& folder) {
    return std::filesystem::exists(folder / "first");
  }
  [[nodiscard]] std::filesystem::path first() const { return is_first(other()) ? other() : card().path(); }
  void count(const std::string& pin);

  World world_;
  Answers answers_;
  Bytes certificates_[2];
  std::string pins_;
  mutable bool garbled_ = false;
};

inline const std::string right_pins[] = {"1234", "ABC123"}, wrong_pins[] = {"4321", "XYZ789"};
inline const char* const halves[] = {"auth", "sign"};
inline const std::string rival_application = "A000000001020304";

}  // namespace scenario
