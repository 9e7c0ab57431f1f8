#include "counter/revocation.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace jpki::counter {
namespace {

// Which CRLReason the service writes is not public. X.509 (8.5.2.2) tells them apart so: affiliationChanged,
// the subject's name or other information has changed, without suspicion about the key; superseded, replaced
// by another; cessationOfOperation, no longer needed, without suspicion; keyCompromise, known or suspected.
// What the events reach: municipal notices (move, name; change of the address's wording as well; a mistake in
// the certificate, which the authority revokes by itself). That death ends both is the same notices'.
constexpr std::array rows{
    CauseRow{"loss", Reason::key_compromise, Reach::person, false, "the card was lost"},
    CauseRow{"theft", Reason::key_compromise, Reach::person, false, "the card was stolen"},
    CauseRow{"misuse", Reason::key_compromise, Reach::person, false, "somebody else may have used the card"},
    CauseRow{"damage", Reason::cessation, Reach::person, false, "the card is broken"},
    CauseRow{"own-wish", Reason::cessation, Reach::named, false, "the holder wishes so"},
    CauseRow{"move", Reason::affiliation_changed, Reach::signature, true, "the holder has moved"},
    CauseRow{"name", Reason::affiliation_changed, Reach::signature, true, "the holder's name has changed"},
    CauseRow{"correction", Reason::affiliation_changed, Reach::signature, true,
             "the resident register was corrected"},
    CauseRow{"address-renamed", Reason::affiliation_changed, Reach::signature, true,
             "the address is written in another way now"},
    CauseRow{"death", Reason::cessation, Reach::person, true, "the holder has died"},
    CauseRow{renewed, Reason::superseded, Reach::named, false, "a new certificate took its place"},
};

std::vector<std::string> words(bool is_event) {
  std::vector<std::string> found;
  for (const auto& row : rows)
    if (row.is_event == is_event && row.word != renewed) found.emplace_back(row.word);
  return found;
}

bool reaches(const CauseRow& cause, const Entry& entry) {
  return cause.reach == Reach::person || entry.issuer == issuer_of(service::Tier::sign);
}

}  // namespace

std::vector<std::string> wishes() { return words(false); }
std::vector<std::string> events() { return words(true); }

const CauseRow& cause_row(std::string_view word) {
  const auto row = std::find_if(rows.begin(), rows.end(), [&](auto& r) { return r.word == word; });
  if (row == rows.end()) throw std::out_of_range("no cause of revocation");
  return *row;
}

std::vector<std::uint32_t> reached(const Register& records, const std::vector<Entry>& named,
                                   const CauseRow& cause, service::Instant now) {
  std::vector<std::uint32_t> serials;
  const auto add = [&](const Entry& entry) {
    if (std::find(serials.begin(), serials.end(), entry.serial) == serials.end())
      serials.push_back(entry.serial);
  };
  for (const auto& entry : named) {
    if (cause.reach != Reach::signature || reaches(cause, entry)) add(entry);
    if (cause.reach == Reach::named) continue;
    for (const auto& other : records.of_subject(entry.subject))
      if (reaches(cause, other) && !other.revoked && !is_over(other, now)) add(other);
  }
  return serials;
}

}  // namespace jpki::counter
