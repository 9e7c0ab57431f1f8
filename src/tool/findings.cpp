#include "tool/findings.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "tool/messages.hpp"

namespace jpki::tool {
namespace {

struct FindingRow {
  Finding finding;
  std::string_view id;
  Level level;
  const char* text;
  const char* remedy;  // empty: there is nothing to do
};

constexpr std::array rows{
    FindingRow{Finding::service_answers, "service_answers", Level::good,
               mark("the smart card service (pcscd) answers"), ""},
    FindingRow{Finding::service_missing, "service_missing", Level::problem,
               mark("the smart card service (pcscd) is not installed"), "sudo apt install pcscd"},
    FindingRow{Finding::service_stopped, "service_stopped", Level::problem,
               mark("the smart card service (pcscd) does not run: its socket is not there"),
               "sudo systemctl enable --now pcscd.socket"},
    FindingRow{
        Finding::service_forbidden, "service_forbidden", Level::problem,
        mark("the smart card service (pcscd) refuses this user"),
        mark("log in at the machine itself, not from afar; or ask its administrator for a polkit rule for "
             "org.debian.pcsc-lite.access_pcsc")},
    FindingRow{Finding::service_mute, "service_mute", Level::problem,
               mark("the smart card service's socket is there, but nobody answers"),
               "sudo systemctl restart pcscd.socket pcscd.service"},
    FindingRow{
        Finding::no_reader, "no_reader", Level::problem, mark("no reader"),
        mark("plug one in; most need the package libccid, and lsusb shows whether the machine sees it")},
    FindingRow{Finding::reader_empty, "reader_empty", Level::hint, mark("no card in the reader"),
               mark("put the card in, chip first and chip up, as far as it goes; on a contactless reader lay "
                    "it flat")},
    FindingRow{
        Finding::card_mute, "card_mute", Level::problem, mark("there is a card, but it does not answer"),
        mark("take it out and put it in again, chip first and chip up; wipe the contacts with a dry cloth")},
    FindingRow{Finding::card_held, "card_held", Level::problem,
               mark("another program holds the card for itself"),
               mark("close the program; GnuPG lets go with: gpgconf --kill scdaemon")},
    FindingRow{Finding::card_foreign, "card_foreign", Level::problem,
               mark("a card, but none of this service, or one without it"),
               mark("is it the right card? The municipal office puts the certificates on it")},
    FindingRow{Finding::card_found, "card_found", Level::good, mark("a card of this service"), ""},
    FindingRow{Finding::pin_fine, "pin_fine", Level::good, mark("the PIN has all its tries"), ""},
    FindingRow{Finding::pin_unknown, "pin_unknown", Level::problem,
               mark("the card does not tell of this PIN: it may never have been set"),
               mark("the municipal office sets it; bring the card and a photo ID")},
    FindingRow{Finding::pin_low, "pin_low", Level::hint, mark("wrong PINs were tried"),
               mark("the right PIN gives all tries back")},
    FindingRow{Finding::pin_last_try, "pin_last_try", Level::problem, mark("one PIN try is left"),
               mark("if you are not sure of the PIN, go to the municipal office before you try")},
    FindingRow{Finding::pin_locked, "pin_locked", Level::problem, mark("the PIN is locked"),
               mark("the municipal office sets a new one; bring the card and a photo ID (jpki pin help)")},
    FindingRow{Finding::half_missing, "half_missing", Level::hint, mark("the card lacks this half"),
               mark("the municipal office issues the certificate, if you want it")},
    FindingRow{Finding::certificate_fine, "certificate_fine", Level::good,
               mark("the certificate is within its days"), ""},
    FindingRow{Finding::certificate_ends_soon, "certificate_ends_soon", Level::hint,
               mark("the certificate ends within three months"),
               mark("the municipal office renews it; bring the card and the PINs")},
    FindingRow{Finding::certificate_expired, "certificate_expired", Level::problem,
               mark("the certificate has expired"),
               mark("the municipal office issues a new one; bring the card")},
    FindingRow{Finding::certificate_missing, "certificate_missing", Level::problem,
               mark("the certificate is not there, or cannot be read"),
               mark("the municipal office issues a new one; bring the card")},
    FindingRow{Finding::module_missing, "module_missing", Level::problem, mark("the module cannot be used"),
               mark("install jpki-pkcs11, or name the module with --module")},
    FindingRow{Finding::registered, "registered", Level::good, mark("programs find the module here"), ""},
    FindingRow{
        Finding::not_registered, "not_registered", Level::hint,
        mark("the module is registered neither with p11-kit nor in Firefox or Chromium"),
        mark("only browsers and the like need it. Chromium: modutil -dbdir sql:$HOME/.pki/nssdb -add jpki "
             "-libfile "
             "/path/to/jpki-pkcs11-auth.so; Firefox: Settings, Privacy & Security, Security Devices, Load")},
    FindingRow{
        Finding::registered_twice, "registered_twice", Level::problem,
        mark("the module is registered twice for the same programs: they show every certificate twice"),
        mark("remove one of the two")},
    FindingRow{Finding::other_module, "other_module", Level::hint,
               mark("OpenSC is registered, too, and claims the same card: programs may show it twice and ask "
                    "OpenSC's "
                    "way for a PIN"),
               mark("take OpenSC out for these programs, if no other card of yours needs it")},
    FindingRow{
        Finding::sandboxed, "sandboxed", Level::hint,
        mark("a browser in a sandbox (snap, flatpak) reaches neither the module nor the smart card service"),
        mark("use the distribution's own package of the browser (Debian: apt install firefox-esr)")},
};

const FindingRow& row_of(Finding finding) {
  return *std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.finding == finding; });
}

std::string_view word_of(Level level) {
  return std::array{"good", "hint", "problem"}[static_cast<std::size_t>(level)];
}

// The empty message is the catalogue's head.
std::string translated(const char* text) { return *text == 0 ? "" : tr(text); }

nlohmann::json json_of(const Found& found) {
  const FindingRow& row = row_of(found.finding);
  nlohmann::json out{{"id", row.id}, {"level", word_of(row.level)}, {"text", translated(row.text)}};
  if (!found.subject.empty()) out["subject"] = found.subject;
  if (*row.remedy != 0) out["remedy"] = translated(row.remedy);
  return out;
}

}  // namespace

Level worst(const Findings& findings) {
  Level level = Level::good;
  for (const auto& found : findings) level = std::max(level, row_of(found.finding).level);
  return level;
}

void print(const Findings& findings, bool json, std::ostream& out) {
  if (json) {
    nlohmann::json all = nlohmann::json::array();
    for (const auto& found : findings) all.push_back(json_of(found));
    out << all.dump(2) << '\n';
    return;
  }
  for (const auto& found : findings) {
    const FindingRow& row = row_of(found.finding);
    out << std::array{"[ok] ", "[ ? ] ", "[ ! ] "}[static_cast<std::size_t>(row.level)]
        << (found.subject.empty() ? "" : found.subject + ": ") << translated(row.text) << '\n';
    if (*row.remedy != 0) out << "      -> " << translated(row.remedy) << '\n';
  }
}

}  // namespace jpki::tool
