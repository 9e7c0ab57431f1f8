// jpki setup for everything that is no browser, and the table of all clients.
#include <algorithm>
#include <array>

#include "crypto/public_key.hpp"
#include "crypto/x509.hpp"
#include "tool/cards.hpp"
#include "tool/exits.hpp"
#include "tool/messages.hpp"
#include "tool/setup.hpp"
#include "tool/setup_text.hpp"

namespace jpki::tool {
namespace {

namespace fs = std::filesystem;

constexpr std::array client_rows{
    ClientRow{"firefox", "Firefox", "user system", true, false, apply_firefox, undo_firefox},
    ClientRow{"chromium", "Chromium", "user", true, false, apply_shared_database, undo_shared_database},
    ClientRow{"nss", "NSS", "user", true, false, apply_shared_database, undo_shared_database},
    ClientRow{"p11-kit", "p11-kit", "user system", false, false, apply_p11_kit, undo_p11_kit},
    ClientRow{"openssl", "OpenSSL", "user system", false, true, apply_openssl, undo_openssl},
    ClientRow{"java", "Java", "user system", false, true, apply_java, undo_java},
    ClientRow{"ssh", "OpenSSH", "user system", false, true, apply_ssh, undo_ssh},
    ClientRow{"git", "Git", "user", false, true, apply_git, undo_git},
};

std::string keep_nothing(const std::string&) { return ""; }

/// A file that is ours as a whole.
fs::path own_file(const Setup& setup, const char* name) {
  return (setup.for_system ? setup.places.system / "etc" : config_folder(setup.places)) / "jpki" / name;
}

std::string name_for_users(const Setup& setup, const fs::path& path) {
  return setup.for_system ? seen_from_inside(setup.places, path) : path.string();
}

// The label of the token that a library shows first, as a PKCS #11 URI has it (RFC 7512, 2.3).
std::string token_uri(const Setup& setup) {
  const bool sign = setup.library.ends_with("-sign.so");
  return std::string("pkcs11:token=JPKI%20") +
         (sign ? "Digital%20Signature;id=%02" : "User%20Authentication;id=%01") + ";type=private";
}

// --- p11-kit
// ----------------------------------------------------------------------------------------------------

fs::path p11_kit_file(const Setup& setup) {
  return (setup.for_system ? setup.places.system / "etc" : config_folder(setup.places)) /
         "pkcs11/modules/jpki-pkcs11.module";
}

// --- OpenSSL
// ----------------------------------------------------------------------------------------------------

/// usr/lib/MULTIARCH/NAME, or usr/lib/NAME.
std::optional<fs::path> in_libraries(const fs::path& system, const char* name) {
  std::error_code error;
  for (fs::directory_iterator at(system / "usr/lib", error), end; !error && at != end; at.increment(error))
    if (std::error_code none; fs::exists(at->path() / name, none)) return at->path() / name;
  return std::nullopt;
}

// The card pads PKCS #1 v1.5: OpenSSL would choose PSS first, and fail. Of servers, ECDSA is welcome.
constexpr const char* openssl_tls = R"(
# The card cannot do TLS 1.3, which wants RSA-PSS. With card.pss = "on" in jpki-pkcs11.toml (unproven on a real
# card), take this section and the line "ssl_conf" out.
[jpki_ssl]
system_default = jpki_tls
[jpki_tls]
MaxProtocol = TLSv1.2
SignatureAlgorithms = RSA+SHA256:RSA+SHA384:RSA+SHA512:ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512
)";

std::string openssl_text(const Setup& setup) {
  const auto engine = in_libraries(setup.places.system, "engines-3/pkcs11.so");
  const auto provider = in_libraries(setup.places.system, "ossl-modules/pkcs11.so");
  if (!engine && !provider)
    throw Failure(Exit::failed,
                  tr("%1 is needed: install the package %2", {"pkcs11.so", "libengine-pkcs11-openssl"}));
  std::string text = "# Written by jpki setup openssl; jpki setup openssl --undo removes it.\n";
  const fs::path usual = setup.places.system / "etc/ssl/openssl.cnf";
  if (fs::exists(usual)) text += ".include " + seen_from_inside(setup.places, usual) + "\n";
  text += "[default]\nopenssl_conf = jpki_openssl\n\n[jpki_openssl]\nssl_conf = jpki_ssl\n";
  if (engine)
    return text +
           "engines = jpki_engines\n\n[jpki_engines]\npkcs11 = jpki_engine\n\n[jpki_engine]\nengine_id = "
           "pkcs11\n" +
           "dynamic_path = " + seen_from_inside(setup.places, *engine) + "\nMODULE_PATH = " + setup.library +
           "\ninit = 0\n" + openssl_tls;
  return text +
         "providers = jpki_providers\n\n[jpki_providers]\ndefault = jpki_default\npkcs11 = "
         "jpki_provider\n\n" +
         "[jpki_default]\nactivate = 1\n\n[jpki_provider]\nmodule = " +
         seen_from_inside(setup.places, *provider) + "\npkcs11-module-path = " + setup.library +
         "\nactivate = 1\n" + openssl_tls;
}

// --- SSH and Git
// ------------------------------------------------------------------------------------------------

fs::path ssh_file(const Setup& setup) {
  return setup.for_system ? setup.places.system / "etc/ssh/ssh_config.d/jpki-pkcs11.conf"
                          : setup.places.home / ".ssh/config";
}

/// git-config(1): ~/.gitconfig, or the XDG file where only that one is there.
fs::path git_file(const Setup& setup) {
  const fs::path usual = setup.places.home / ".gitconfig", other = config_folder(setup.places) / "git/config";
  return !fs::exists(usual) && fs::exists(other) ? other : usual;
}

std::string public_key_line(const Setup& setup) {
  const Cards cards(setup.context.options);
  const auto& token = cards.the_token(service::Tier::auth);
  const auto certificate = cards.certificate(token, Which::holder);
  if (!certificate) throw Failure(Exit::no_card, tr("the card has no such certificate"));
  const auto fields = crypto::read_certificate(certificate->der());
  const auto key = fields ? crypto::PublicKey::from_spki(fields->spki) : std::nullopt;
  if (!key || key->kind() != crypto::PublicKey::Kind::rsa)
    throw Failure(Exit::failed, tr("the card's key is of a kind that is not known here"));
  return ssh_rsa_line(std::string(text_of(key->modulus())), std::string(text_of(key->exponent()))) + "\n";
}

}  // namespace

std::span<const ClientRow> setup_clients() { return client_rows; }

void apply_p11_kit(Setup& setup) {
  const fs::path packaged = setup.places.system / "usr/share/p11-kit/modules/jpki-pkcs11.module";
  if (fs::exists(packaged)) {
    setup.hints.push_back(tr("p11-kit knows the module already, from %1.", {packaged.string()}));
    return;
  }
  setup.changes.write(p11_kit_file(setup),
                      "# Written by jpki setup p11-kit; jpki setup p11-kit --undo removes it.\nmodule: " +
                          setup.library + "\ncritical: no\n");
  setup.hints.push_back(tr("Programs that use p11-kit find the card from now on (p11-kit list-modules)."));
  if (!setup.for_system)
    setup.hints.push_back(tr("For root this file does not count: p11-kit wants --system there."));
}

void undo_p11_kit(Setup& setup) { setup.changes.take_back(p11_kit_file(setup), keep_nothing); }

void apply_openssl(Setup& setup) {
  const fs::path file = own_file(setup, "openssl.cnf");
  setup.changes.write(file, openssl_text(setup));
  setup.hints.push_back(tr("To use it:"));
  setup.hints.push_back("  export OPENSSL_CONF=" + name_for_users(setup, file));
  setup.hints.push_back("  openssl dgst -sha256 -engine pkcs11 -keyform engine -sign '" + token_uri(setup) +
                        "' -out FILE.sig FILE");
}

void undo_openssl(Setup& setup) { setup.changes.take_back(own_file(setup, "openssl.cnf"), keep_nothing); }

void apply_java(Setup& setup) {
  const fs::path file = own_file(setup, "java.cfg");
  setup.changes.write(
      file, "# Written by jpki setup java; jpki setup java --undo removes it.\nname = JPKI\nlibrary = " +
                setup.library + "\nslotListIndex = 0\n");
  setup.hints.push_back(tr("To use it:"));
  setup.hints.push_back(
      "  keytool -list -keystore NONE -storetype PKCS11 -providerClass sun.security.pkcs11.SunPKCS11 "
      "-providerArg " +
      name_for_users(setup, file));
}

void undo_java(Setup& setup) { setup.changes.take_back(own_file(setup, "java.cfg"), keep_nothing); }

void apply_ssh(Setup& setup) {
  const fs::path file = ssh_file(setup);
  setup.changes.write(file,
                      with_block(setup.changes.text(file).value_or(""), "ssh",
                                 "Host *\n    PKCS11Provider " + setup.library + "\n"),
                      setup.for_system ? 0644 : 0600);
  setup.hints.push_back(
      tr("ssh offers the card's key from now on, and asks the PIN when a server wants it. The public key:"));
  setup.hints.push_back("  ssh-keygen -D " + setup.library);
}

void undo_ssh(Setup& setup) {
  setup.changes.take_back(ssh_file(setup),
                          [](const std::string& text) { return without_block(text, "ssh"); });
}

void apply_git(Setup& setup) {
  const fs::path key = own_file(setup, "git.pub"), file = git_file(setup);
  setup.changes.write(key, public_key_line(setup));
  setup.changes.write(file,
                      with_block(setup.changes.text(file).value_or(""), "git",
                                 "[gpg]\n\tformat = ssh\n[user]\n\tsigningkey = \"" + key.string() + "\"\n"));
  setup.hints.push_back(tr("git commit -S signs with the card's key, once the agent has it:"));
  setup.hints.push_back("  ssh-add -s " + setup.library);
}

void undo_git(Setup& setup) {
  setup.changes.take_back(git_file(setup),
                          [](const std::string& text) { return without_block(text, "git"); });
  setup.changes.take_back(own_file(setup, "git.pub"), keep_nothing);
}

}  // namespace jpki::tool
