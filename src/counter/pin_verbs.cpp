// The PIN desk. The office restores tries and sets forgotten PINs through the issuer channel; changing a PIN
// is the holder's own, through the module like any program of theirs.
#include <CLI/CLI.hpp>
#include <memory>

#include "client/error.hpp"
#include "client/session.hpp"
#include "counter/desk.hpp"
#include "counter/form_options.hpp"
#include "counter/module_scene.hpp"
#include "counter/pin_options.hpp"
#include "counter/soft_desk.hpp"
#include "counter/verbs.hpp"

namespace jpki::counter {
namespace {

using client::Access;
using client::Session;
using service::Tier;
using vcard::Kind;
using vcard::Role;

struct Options {
  std::string ca, card, half, pin_file, old_pin_file;
  SoftOptions soft;
};

Role role_named(const std::string& half) { return half == "auth" ? Role::auth : Role::sign; }

void unlock(const Options& options, const Scene& scene) {
  CaFolder ca(options.ca);
  CardOnDesk card(options.card, ca.issuer_key());
  bool any = false;
  for (const Tier tier : tiers_of(ca.hierarchy().kind)) {
    const Role role = role_of(tier);
    if ((!options.half.empty() && role_named(options.half) != role) || !card.half(role).has_pin) continue;
    card.channel().unblock(role);
    any = true;
    scene.out << vcard::name_of(role) << ": PIN kept, " << card.half(role).tries_left << " tries left\n";
  }
  card.channel().close_session();
  if (!any) throw DeskError("the card has no such PIN");
}

void reset_card_pin(const Options& options, const Scene& scene) {
  CaFolder ca(options.ca);
  const Role role = role_named(options.half);
  CardOnDesk card(options.card, ca.issuer_key());
  if (!card.half(role).has_key) throw DeskError("the card has no such half");
  card.channel().set_pin(role, new_pin(options.pin_file, card.kind(), role).view());
  scene.out << vcard::name_of(role) << ": new PIN set, " << card.half(role).tries_left << " tries left\n";
  card.channel().close_session();
}

CK_SLOT_ID slot_of(const ModuleScene& scene, const SoftOptions& soft, Role role) {
  const auto slot = scene.slot_of(token_label(*soft.label, role));
  if (!slot) throw DeskError("the folder has no software token of this label");
  return *slot;
}

// The officer's PIN is what the issuer key is to a card.
void reset_token_pin(const Options& options, const Scene& scene) {
  if (options.soft.officer_pin_file.empty())
    throw UsageError("--soft: the token's own --so-pin-file is needed; without it the PIN cannot be set");
  const Role role = role_named(options.half);
  const ModuleScene module(module_for(options.soft), folder_for(options.soft));
  Session session(module.module(), slot_of(module, options.soft, role), Access::read_write);
  session.login(read_officer_pin_file(options.soft.officer_pin_file).view(), CKU_SO);
  session.init_pin(new_pin(options.pin_file, Kind::mynumber, role).view());
  scene.out << vcard::name_of(role) << ": new PIN set\n";
}

void reset_pin(const Options& options, const Scene& scene) {
  if (options.soft.label) return reset_token_pin(options, scene);
  if (options.ca.empty() || options.card.empty())
    throw UsageError("CA and CARD are required, or --soft LABEL");
  reset_card_pin(options, scene);
}

std::string tries_text(const ModuleScene& scene, CK_SLOT_ID slot) {
  const auto flags = scene.module().token_info(slot).flags;
  if ((flags & CKF_USER_PIN_LOCKED) != 0) return "the PIN is locked now: the office unlocks it";
  return (flags & CKF_USER_PIN_FINAL_TRY) != 0 ? "one try is left" : "further tries are left";
}

void change_in(const ModuleScene& module, CK_SLOT_ID slot, const Options& options, const Scene& scene) {
  const Role role = role_named(options.half);
  if ((module.module().token_info(slot).flags & CKF_USER_PIN_LOCKED) != 0)
    throw DeskError("the PIN is locked: the office unlocks it (jpki-counter unlock)");
  const Kind kind = module.has_half(Role::auth) || options.soft.label ? Kind::mynumber : Kind::juki;
  const Secret present = present_pin(options.old_pin_file, role),
               next = new_pin(options.pin_file, kind, role);
  try {
    Session(module.module(), slot, Access::read_write).set_pin(present.view(), next.view());
  } catch (const client::Error& error) {
    if (error.rv() != CKR_PIN_INCORRECT && error.rv() != CKR_PIN_LOCKED) throw;
    throw DeskError("the present PIN is wrong, nothing was changed; " + tries_text(module, slot));
  }
  scene.out << vcard::name_of(role) << ": PIN changed\n";
}

void change_pin(const Options& options, const Scene& scene) {
  if (!options.soft.label && options.card.empty()) throw UsageError("CARD is required, or --soft LABEL");
  const Role role = role_named(options.half);
  if (options.soft.label) {
    const ModuleScene module(module_for(options.soft), folder_for(options.soft));
    return change_in(module, slot_of(module, options.soft, role), options, scene);
  }
  if (!CardOnDesk::is_card(options.card)) throw DeskError(options.card + " is no card");
  const ModuleScene module = ModuleScene::of_card(module_for(options.soft), options.card);
  const auto slot = module.slot_of_half(role);
  if (!slot) throw DeskError("the card has no such half, or is not inserted");
  change_in(module, *slot, options, scene);
}

void add_half(CLI::App& verb, Options& options) {
  verb.add_option("--half", options.half, "auth or sign")->check(CLI::IsMember({"auth", "sign"}))->required();
}

void add_pin_file(CLI::App& verb, Options& options) {
  verb.add_option("--pin-file", options.pin_file, "the new PIN, read from this file (default: it is typed)");
}

void add_unlock(CLI::App& app, const Scene& scene) {
  auto& verb = *app.add_subcommand("unlock", "restore the tries of a locked PIN, and keep the PIN");
  const auto options = std::make_shared<Options>();
  verb.add_option("CA", options->ca, "the hierarchy's folder")->required();
  verb.add_option("CARD", options->card, "the card's folder")->required();
  verb.add_option("--half", options->half, "auth or sign (default: both)")
      ->check(CLI::IsMember({"auth", "sign"}));
  verb.callback([=] { unlock(*options, scene); });
}

void add_reset(CLI::App& app, const Scene& scene) {
  auto& verb = *app.add_subcommand("reset-pin", "set a new PIN in place of a forgotten one");
  const auto options = std::make_shared<Options>();
  auto* ca = verb.add_option("CA", options->ca, "the hierarchy's folder (not with --soft)");
  auto* card = verb.add_option("CARD", options->card, "the card's folder (not with --soft)");
  add_half(verb, *options);
  add_pin_file(verb, *options);
  add_soft_options(verb, options->soft, "a software token's PIN, by its security officer (--so-pin-file)")
      ->excludes(ca)
      ->excludes(card);
  verb.callback([=] { reset_pin(*options, scene); });
}

void add_change(CLI::App& app, const Scene& scene) {
  auto& verb = *app.add_subcommand("change-pin", "the holder changes a PIN at the counter's device");
  const auto options = std::make_shared<Options>();
  auto* card = verb.add_option("CARD", options->card, "the card's folder (not with --soft)");
  add_half(verb, *options);
  verb.add_option("--old-pin-file", options->old_pin_file,
                  "the present PIN, read from this file (default: it is typed); a wrong one spends a try");
  add_pin_file(verb, *options);
  verb.add_option("--soft", options->soft.label, "a software token's PIN")
      ->type_name("LABEL")
      ->excludes(card);
  verb.add_option("--folder", options->soft.folder,
                  "the software tokens' folder (default: what JPKI_SOFT_TOKENS says)");
  verb.add_option("--module", options->soft.module,
                  "the library that does it (default: the jpki-pkcs11.so that belongs to this program)");
  verb.callback([=] { change_pin(*options, scene); });
}

}  // namespace

void add_pin_verbs(CLI::App& app, const Scene& scene) {
  for (const auto add : {add_unlock, add_reset, add_change}) add(app, scene);
}

}  // namespace jpki::counter
