#include "counter/soft_desk.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <system_error>

#include "base/hex.hpp"
#include "client/session.hpp"
#include "counter/module_scene.hpp"
#include "counter/soft_templates.hpp"
#include "counter/staging.hpp"
#include "crypto/random.hpp"

namespace jpki::counter {
namespace {

namespace fs = std::filesystem;
using client::Access;
using client::Session;
using service::Tier;
using vcard::Role;

constexpr std::size_t label_size = 32;  // of CK_TOKEN_INFO

/// The endings by which the module knows that a token stands for a card's half.
const char* ending_of(Role role) { return role == Role::auth ? " (authentication)" : " (signature)"; }

/// 32 hexadecimal digits.
Secret random_pin() {
  Secret random(16);
  crypto::random_bytes(random.span());
  std::string digits = to_hex(random.view());
  Secret pin(bytes_of(digits));
  wipe(digits.data(), digits.size());
  return pin;
}

/// The mechanisms that sign with the token's keys, in the module's order.
std::vector<CK_MECHANISM_TYPE> signing_mechanisms(const client::Module& module, CK_SLOT_ID slot) {
  auto types = module.mechanisms(slot);
  std::erase_if(types, [&](auto type) { return (module.mechanism_info(slot, type).flags & CKF_SIGN) == 0; });
  return types;
}

/// One token in the making.
struct Bench {
  const client::Module& module;
  CK_SLOT_ID slot;
  CaFolder& ca;
  const Order& order;
  const std::string& subject;
  Tier tier;

  [[nodiscard]] Role role() const { return role_of(tier); }
};

void initialize(const Bench& bench, const std::string& label, ByteView officer_pin) {
  bench.module.init_token(bench.slot, officer_pin, label);
  Session session(bench.module, bench.slot, Access::read_write);
  session.login(officer_pin, CKU_SO);
  session.init_pin(bench.order.pins.of(bench.role())->view());
  session.logout();
}

/// The key pair is the session's until it is certified; then its copy is kept, with the certificate's
/// subject.
Issued fill(const Bench& bench) {
  Session session(bench.module, bench.slot, Access::read_write);
  session.login(bench.order.pins.of(bench.role())->view());
  const auto [public_key, private_key] = session.generate_key_pair(
      CKM_RSA_PKCS_KEY_PAIR_GEN, public_key_template(bench.role(), bench.order.key_bits),
      private_key_template(bench.role(), signing_mechanisms(bench.module, bench.slot)));
  const auto spki = session.bytes(public_key, CKA_PUBLIC_KEY_INFO);
  if (!spki) throw DeskError("the module does not tell the public key");
  Certificate certificate = certify(bench.ca, bench.order, bench.tier, bench.subject, *spki);
  session.create(user_certificate_template(bench.role(), *certificate));
  session.create(ca_certificate_template(bench.role(), *bench.ca.authority(bench.tier).certificate));
  session.copy(public_key, kept_key_template(*certificate));
  session.copy(private_key, kept_key_template(*certificate));
  return {bench.tier, std::move(certificate)};
}

/// The files of the folder, a token's own file after those beside it.
std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end(), std::greater<>());
  return files;
}

void sync_folder(const fs::path& folder) {
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool done = fd >= 0 && fsync(fd) == 0;
  const int reason = errno;
  if (fd >= 0) close(fd);
  if (!done) throw std::system_error(reason, std::generic_category(), folder.string());
}

/// Files that were moved into a folder; they are removed again unless all went well.
class Move {
 public:
  explicit Move(const fs::path& to) : to_(to) {}
  ~Move() {
    std::error_code ignored;
    for (const auto& file : moved_) fs::remove(file, ignored);
  }
  Move(const Move&) = delete;
  Move& operator=(const Move&) = delete;

  /// The token's own place.
  fs::path take_all(const fs::path& room) {
    for (const auto& file : files_of(room)) take(file);
    if (moved_.empty() || moved_.back().extension() != ".token")
      throw DeskError("the module has left no file of the token");
    return moved_.back();
  }
  /// On the disk when it returns.
  void keep() {
    sync_folder(to_);
    moved_.clear();
  }

 private:
  void take(const fs::path& file) {
    const fs::path place = to_ / file.filename();
    if (fs::exists(fs::symlink_status(place))) throw DeskError("the folder has a file of a token's new name");
    moved_.reserve(moved_.size() + 1);
    fs::rename(file, place);
    moved_.push_back(place);
  }

  const fs::path to_;
  std::vector<fs::path> moved_;
};

void make_for_owner(const fs::path& folder) {
  fs::create_directories(folder.parent_path());
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    throw std::system_error(errno, std::generic_category(), folder.string());
}

fs::path full_path(const fs::path& folder) {
  const auto full = fs::absolute(folder).lexically_normal();
  return full.has_filename() ? full : full.parent_path();
}

/// The user's other tokens stay as they are, and no label comes twice.
void require_free(const fs::path& folder, const SoftOrder& soft, const Order& order) {
  const ModuleScene scene(soft.module, folder);
  static_cast<void>(scene.blank_slot());
  for (const Tier tier : order.tiers)
    if (scene.has_token(token_label(soft.label, role_of(tier))))
      throw DeskError("the folder has a software token of this label already");
}

/// In a folder of the token's own: what is there afterwards is the token.
SoftIssued issue_tier(const fs::path& workshop, const SoftOrder& soft, CaFolder& ca, const Order& order,
                      const std::string& subject, Tier tier) {
  const ModuleScene scene(soft.module, workshop);
  const Bench bench{scene.module(), scene.blank_slot(), ca, order, subject, tier};
  const std::string label = token_label(soft.label, role_of(tier));
  const Secret unknown = soft.officer_pin ? Secret() : random_pin();
  initialize(bench, label, soft.officer_pin ? soft.officer_pin->view() : unknown.view());
  return {fill(bench), label, {}};
}

}  // namespace

std::string token_label(const std::string& label, Role role) { return label + ending_of(role); }

void require_label(const std::string& label) {
  const std::size_t most = label_size - std::string_view(ending_of(Role::auth)).size();
  const bool plain =
      std::none_of(label.begin(), label.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (label.empty() || label.size() > most || !plain || label.front() == ' ')
    throw UsageError("--soft: a label has 1 to " + std::to_string(most) +
                     " bytes, no control characters and no blank in front");
}

SoftHanded issue_soft(const SoftOrder& soft, CaFolder& ca, const Order& order) {
  const fs::path folder = full_path(soft.folder);
  make_for_owner(folder);
  require_free(folder, soft, order);
  const Staging workshop(folder / ".tokens");
  const auto room = [&](Tier tier) { return workshop.path() / vcard::name_of(role_of(tier)); };
  SoftHanded handed{order.subject.empty() ? ca.records().new_subject() : order.subject, {}};
  for (const Tier tier : order.tiers) {
    make_for_owner(room(tier));
    handed.tokens.push_back(issue_tier(room(tier), soft, ca, order, handed.subject, tier));
  }
  Move move(folder);
  for (auto& token : handed.tokens) token.file = move.take_all(room(token.issued.tier));
  move.keep();
  return handed;
}

}  // namespace jpki::counter
