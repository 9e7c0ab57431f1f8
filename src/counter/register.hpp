// A CA folder's register: what was issued, and what of it was revoked when and why. Any number of processes
// may use one folder at the same time (the counter, the online window, a responder), each with a Register of
// its own: nothing is kept in memory, every question is answered by the files.
//
//   Register records(folder);                               // or CaFolder::records()
//   auto entry = records.find(serial, service::Tier::sign); // or CaFolder::find(certificate)
//   if (entry && !entry->revoked) records.revoke({entry->serial}, {now, Reason::cessation, "own-wish"});
//
// No personal data is in it: a subject is a random number that ties a person's certificates together.
#pragma once

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "counter/folder_lock.hpp"
#include "jpki/date.hpp"
#include "jpki/profile.hpp"

namespace jpki::counter {

/// The folder is missing, damaged, or not to be touched.
class CaError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// CRLReason (RFC 5280, 5.3.1): those that a CA of ours gives.
enum class Reason : int {
  key_compromise = 1,
  affiliation_changed = 3,
  superseded = 4,
  cessation = 5,
};

struct Revoked {
  service::Instant when;
  Reason reason;
  /// The counter's own word, finer than the reason: loss, theft, move (revocation.hpp).
  std::string cause;
};

/// What a certificate is to its CA.
enum class Sort : std::uint8_t { holder, ca, ocsp, cross, post };

struct Entry {
  std::uint32_t serial = 0;
  std::string issuer;  // which of the folder's CAs: sign, auth, or another folder's only one
  Sort sort = Sort::holder;
  std::string municipality;  // a holder's: five digits, the part of the CRL that tells of it
  std::string subject;       // a holder's: ten digits, the same for both certificates of a person
  service::Instant first, last;
  std::optional<Revoked> revoked;
};

/// What became of a wish to revoke. Not done: it had been revoked before, as the entry says, and still is so.
struct Revocation {
  Entry entry;
  bool done = false;
};

class Register {
 public:
  /// Two empty files in a new folder.
  static void create(const std::filesystem::path& folder);

  explicit Register(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// All functions throw CaError where the files cannot be understood, std::system_error where they cannot be
  /// read or written.
  [[nodiscard]] std::vector<Entry> all() const;
  /// A serial number is used once in a folder, whichever CA of it used it.
  [[nodiscard]] std::optional<Entry> find(std::uint32_t serial) const;
  /// A holder's certificate of this tier.
  [[nodiscard]] std::optional<Entry> find(std::uint32_t serial, service::Tier tier) const;
  /// A person's certificates, as they were issued; empty for a number that nobody has.
  [[nodiscard]] std::vector<Entry> of_subject(const std::string& subject) const;
  /// Ten random digits that no person of the register has.
  [[nodiscard]] std::string new_subject() const;

  /// On the disk when it returns. `entry.revoked` is not looked at.
  void add(const Entry& entry);

  /// Revokes all of these or none, in one step that is on the disk when it returns; a process that dies in
  /// between has revoked none. What was revoked before stays as it was: nothing is ever un-revoked, and no
  /// instant or reason changes. In the order of the serial numbers given. Throws CaError for one that was
  /// never issued.
  std::vector<Revocation> revoke(const std::vector<std::uint32_t>& serials, const Revoked& how);
  /// The same for who holds the folder's lock already.
  std::vector<Revocation> revoke(const std::vector<std::uint32_t>& serials, const Revoked& how,
                                 const FolderLock& held);

 private:
  std::filesystem::path folder_;
};

/// The entry's last instant has passed.
inline bool is_over(const Entry& entry, service::Instant now) { return entry.last < now; }
/// The name of a tier's CA in the register.
inline std::string issuer_of(service::Tier tier) { return std::string(service::row_of(tier).name); }

/// YYYY-MM-DDThh:mm:ssZ.
std::string instant_text(service::Instant instant);

}  // namespace jpki::counter
