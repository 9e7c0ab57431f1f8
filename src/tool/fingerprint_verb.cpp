// jpki cert fingerprint
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "jpki/fingerprint.hpp"
#include "jpki/trust.hpp"
#include "tool/cards.hpp"
#include "tool/exits.hpp"
#include "tool/messages.hpp"
#include "tool/trust_folder.hpp"
#include "tool/verbs.hpp"

namespace jpki::tool {
namespace {

using service::Certificate, service::GenerationRow, service::Match, service::Tier;

Certificate of_card(Tier tier, const Options& options) {
  const Cards cards(options);
  auto found = cards.certificate(cards.the_token(tier), Which::ca);
  if (!found) throw Failure(Exit::no_card, tr("the card has no such certificate"));
  return *found;
}

Certificate of_file(const std::string& path) {
  const auto found = service::read_certificates(path);
  if (found.size() != 1) throw Failure(Exit::failed, tr("%1 is not a file with one certificate", {path}));
  return found[0];
}

bool names_a_bridge(const Certificate& certificate) {
  const std::string name =
      service::name_text(certificate.subject()) + service::name_text(certificate.subject_in_japanese());
  return name.find("Bridge") != name.npos || name.find("ブリッジ") != name.npos;
}

// No card has it: it is among what --chain names, or what is registered. Cross certificates, which the
// bridge's name is in, too, are not what is published with a fingerprint.
Certificate of_bridge(const Options& options) {
  auto found = service::read_certificates(options.chain.empty() ? trust_folder()
                                                                : std::filesystem::path(options.chain));
  std::erase_if(
      found, [](const auto& one) { return !one.is_ca() || !one.is_self_issued() || !names_a_bridge(one); });
  if (found.size() != 1)
    throw Failure(
        Exit::failed,
        tr("the card has no bridge CA's certificate, and there is not one among the registered CAs: "
           "name its file (jpki cert fingerprint FILE), or a folder with one (--chain)"));
  return found[0];
}

Certificate chosen(const Options& options) {
  const std::string word = options.words.empty() ? "sign-ca" : options.words[0];
  if (word == "sign-ca") return of_card(Tier::sign, options);
  if (word == "auth-ca") return of_card(Tier::auth, options);
  if (word == "bridge-ca") return of_bridge(options);
  return of_file(word);
}

struct MatchRow {
  Match match;
  const char* text;
  std::string_view word;
  Exit status;
};
constexpr std::array match_rows{
    MatchRow{Match::sha256, mark("The SHA-256 fingerprint is the one that was given."), "sha256", Exit::done},
    MatchRow{Match::sha1, mark("The SHA-1 fingerprint is the one that was given."), "sha1", Exit::done},
    MatchRow{Match::different,
             mark("The fingerprint is NOT the one that was given. Do not trust this certificate."),
             "different", Exit::negative},
    MatchRow{Match::unreadable,
             mark("What was given is no fingerprint: 40 digits (SHA-1) or 64 (SHA-256) of 0-9 and A-F"),
             "unreadable", Exit::usage},
};

const MatchRow& row_of(Match match) {
  return *std::find_if(match_rows.begin(), match_rows.end(),
                       [&](const MatchRow& row) { return row.match == match; });
}

void print_generation(const Certificate& certificate, std::ostream& out) {
  const GenerationRow* row = service::generation_of(certificate);
  if (row == nullptr) {
    out << tr("None of the CA certificates that this program knows.") << '\n';
    return;
  }
  const std::string name(row->name);
  out << (service::has_fingerprints_of(certificate, *row)
              ? tr("The fingerprints are those of %1 in public copies, which were not compared with J-LIS's "
                   "own page: "
                   "compare with that page or your leaflet.",
                   {name})
              : tr("It has the key identifier of %1, but NOT its fingerprints. Do not trust this "
                   "certificate.",
                   {name}))
      << '\n';
}

nlohmann::json generation_json(const Certificate& certificate) {
  const GenerationRow* row = service::generation_of(certificate);
  if (row == nullptr) return nullptr;
  return {{"name", row->name}, {"fingerprints_match", service::has_fingerprints_of(certificate, *row)}};
}

}  // namespace

int show_fingerprint(const Context& context) {
  const Options& options = context.options;
  const Certificate certificate = chosen(options);
  const std::string sha256 = service::fingerprint(certificate, Hash::sha256),
                    sha1 = service::fingerprint(certificate, Hash::sha1);
  const MatchRow* match =
      options.expect.empty() ? nullptr : &row_of(service::compare_fingerprint(certificate, options.expect));
  if (options.json) {
    nlohmann::json out{{"sha256", sha256}, {"sha1", sha1}, {"generation", generation_json(certificate)}};
    if (match != nullptr) out["compared"] = match->word;
    context.out << out.dump(2) << '\n';
  } else {
    context.out << service::name_text(certificate.subject()) << "\nSHA-256  " << service::grouped(sha256)
                << "\nSHA-1    " << service::grouped(sha1) << '\n';
    print_generation(certificate, context.out);
    if (match != nullptr) context.out << tr(match->text) << '\n';
  }
  return match != nullptr ? match->status : Exit::done;
}

}  // namespace jpki::tool
