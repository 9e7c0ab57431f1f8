// What is left in the process's memory after a logout: neither PINs nor numbers of private keys.
//
// The test knows both, because it gives them to the library; its own copies lie in memory masked, and in the
// clear only for the time of a call. OpenSSL keeps numbers with the lowest byte first: both orders are
// searched, and pieces of a number as well as the whole.
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <random>
#include <sstream>

#include "base/secret.hpp"
#include "soft_support.hpp"
#include "support/table.hpp"

// A sanitizer keeps terabytes of shadow memory and what was freed.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

using namespace scenario;
using jpki::Secret;

namespace {

constexpr std::uint8_t mask = 0xA5;
constexpr std::size_t piece_size = 16;

/// A secret that is masked where it lies.
class Hidden {
 public:
  /// From hexadecimal digits.
  Hidden(std::string name, std::string_view hex) : name_(std::move(name)) {
    const auto digit = [](char c) {
      return static_cast<std::uint8_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    };
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
      masked_.push_back(static_cast<std::uint8_t>((digit(hex[i]) << 4 | digit(hex[i + 1])) ^ mask));
  }
  /// Letters that nobody used before.
  static Hidden pin(std::string name) {
    Hidden made(std::move(name), "");
    std::random_device random;
    for (int i = 0; i < 24; ++i)
      made.masked_.push_back(static_cast<std::uint8_t>(('a' + random() % 26) ^ mask));
    return made;
  }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const Bytes& masked() const { return masked_; }
  [[nodiscard]] Secret clear() const {
    Secret clear(masked_.size());
    for (std::size_t i = 0; i < masked_.size(); ++i) clear.data()[i] = masked_[i] ^ mask;
    return clear;
  }

 private:
  std::string name_;
  Bytes masked_;
};

struct Piece {
  std::string name;
  std::array<std::uint8_t, piece_size> masked;
};

std::vector<Piece> pieces_of(const std::vector<Hidden>& secrets) {
  std::vector<Piece> pieces;
  for (const Hidden& secret : secrets) {
    Bytes bytes = secret.masked();
    for (const char* order : {"", ", reversed"}) {
      for (const std::size_t at :
           {std::size_t{0}, bytes.size() / 2 - piece_size / 2, bytes.size() - piece_size}) {
        Piece piece{secret.name() + order, {}};
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), piece_size, piece.masked.begin());
        pieces.push_back(piece);
      }
      std::reverse(bytes.begin(), bytes.end());
    }
  }
  return pieces;
}

/// Everything that the process can write: heap, stacks, variables of all libraries.
std::vector<std::pair<const std::uint8_t*, const std::uint8_t*>> writable_memory() {
  std::vector<std::pair<const std::uint8_t*, const std::uint8_t*>> regions;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::istringstream words(line);
    std::uintptr_t begin = 0, end = 0;
    char dash = 0;
    std::string rights;
    words >> std::hex >> begin >> dash >> end >> rights;
    if (rights.rfind("rw", 0) == 0)
      regions.emplace_back(reinterpret_cast<const std::uint8_t*>(begin),
                           reinterpret_cast<const std::uint8_t*>(end));
  }
  return regions;
}

/// The first page from `at` on that is no longer there, or the end: what listed the regions has given memory
/// back since.
const std::uint8_t* still_there(const std::uint8_t* at, const std::uint8_t* end) {
  constexpr std::ptrdiff_t page = 4096;
  unsigned char resident = 0;
  while (at < end && ::mincore(const_cast<std::uint8_t*>(at), 1, &resident) == 0) at += page;
  return std::min(at, end);
}

/// Names of the secrets of which a piece lies in memory.
std::vector<std::string> in_memory(const std::vector<Hidden>& secrets) {
  const auto pieces = pieces_of(secrets);
  std::vector<std::uint8_t> first(1U << 16);
  for (const Piece& piece : pieces)
    first[static_cast<std::size_t>(piece.masked[0]) << 8 | piece.masked[1]] = 1;
  std::vector<std::string> found;
  for (const auto& [begin, listed_end] : writable_memory()) {
    const std::uint8_t* const end = still_there(begin, listed_end);
    for (const std::uint8_t* at = begin; at + piece_size <= end; ++at) {
      if (!first[static_cast<std::size_t>(at[0] ^ mask) << 8 | (at[1] ^ mask)]) continue;
      for (const Piece& piece : pieces) {
        std::size_t same = 0;
        while (same < piece_size && (at[same] ^ mask) == piece.masked[same]) ++same;
        if (same == piece_size) found.push_back(piece.name);
      }
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

const std::vector<std::string> nothing;

/// A private key of keys.tsv, given to the library without leaving a copy in the clear.
class HiddenKey {
 public:
  explicit HiddenKey(const KnownKey& key) : key_(key) {
    for (const auto& row : jpki::test::table("keys/keys.tsv")) {
      if (row.at(0) != key.name || row.at(1) == "CKA_PUBLIC_KEY_INFO" || row.at(1) == "CKA_EC_POINT")
        continue;
      const bool open =
          row.at(1) == "CKA_MODULUS" || row.at(1) == "CKA_PUBLIC_EXPONENT" || row.at(1) == "CKA_EC_PARAMS";
      (open ? open_ : secrets_).emplace_back(key.name + " " + row.at(1), row.at(2));
    }
  }
  [[nodiscard]] const std::vector<Hidden>& secrets() const { return secrets_; }
  [[nodiscard]] const KnownKey& key() const { return key_; }

  CK_OBJECT_HANDLE create(SoftWorld& world, CK_SESSION_HANDLE session, bool token,
                          bool is_private = true) const {
    std::vector<Secret> values;
    std::vector<CK_ATTRIBUTE> rows;
    for (const auto* list : {&open_, &secrets_}) {
      for (const Hidden& each : *list) {
        values.push_back(each.clear());
        rows.push_back({type_of(each.name()), values.back().data(), values.back().size()});
      }
    }
    CK_OBJECT_CLASS object_class = CKO_PRIVATE_KEY;
    CK_KEY_TYPE key_type = key_.type();
    CK_BBOOL kept = token, closed = is_private;
    rows.push_back({CKA_CLASS, &object_class, sizeof object_class});
    rows.push_back({CKA_KEY_TYPE, &key_type, sizeof key_type});
    rows.push_back({CKA_TOKEN, &kept, sizeof kept});
    rows.push_back({CKA_PRIVATE, &closed, sizeof closed});
    CK_OBJECT_HANDLE made = 0;
    REQUIRE(rv(world->C_CreateObject(session, rows.data(), rows.size(), &made)) == CKR_OK);
    return made;
  }

 private:
  static CK_ATTRIBUTE_TYPE type_of(const std::string& name) {
    const auto is = [&](std::string_view end) { return name.ends_with(end); };
    if (is("CKA_MODULUS")) return CKA_MODULUS;
    if (is("CKA_PUBLIC_EXPONENT")) return CKA_PUBLIC_EXPONENT;
    if (is("CKA_PRIVATE_EXPONENT")) return CKA_PRIVATE_EXPONENT;
    if (is("CKA_PRIME_1")) return CKA_PRIME_1;
    if (is("CKA_PRIME_2")) return CKA_PRIME_2;
    if (is("CKA_EXPONENT_1")) return CKA_EXPONENT_1;
    if (is("CKA_EXPONENT_2")) return CKA_EXPONENT_2;
    if (is("CKA_COEFFICIENT")) return CKA_COEFFICIENT;
    return is("CKA_VALUE") ? CKA_VALUE : CKA_EC_PARAMS;
  }

  const KnownKey key_;
  std::vector<Hidden> open_, secrets_;
};

const std::vector<HiddenKey>& hidden_keys() {
  static const std::vector<HiddenKey> keys(known_keys().begin(), known_keys().end());
  return keys;
}

std::vector<Hidden> all_secrets() {
  std::vector<Hidden> all;
  for (const HiddenKey& key : hidden_keys())
    all.insert(all.end(), key.secrets().begin(), key.secrets().end());
  return all;
}

/// Names of the keys of which something was found.
std::size_t keys_among(const std::vector<std::string>& found) {
  return static_cast<std::size_t>(
      std::count_if(known_keys().begin(), known_keys().end(), [&](const KnownKey& key) {
        return std::any_of(found.begin(), found.end(),
                           [&](const auto& name) { return name.starts_with(key.name); });
      }));
}

void login(SoftWorld& world, CK_SESSION_HANDLE session, const Hidden& pin, CK_USER_TYPE user) {
  Secret clear = pin.clear();
  REQUIRE(rv(world->C_Login(session, user, clear.data(), clear.size())) == CKR_OK);
}

/// A token whose PINs are hidden ones.
struct HiddenToken {
  explicit HiddenToken(SoftWorld& world) : slot(world.slots().back()) {
    {
      Secret clear = officer.clear();
      std::string label(32, 'l');
      REQUIRE(rv(world->C_InitToken(slot, clear.data(), clear.size(),
                                    reinterpret_cast<CK_UTF8CHAR*>(label.data()))) == CKR_OK);
    }
    const auto session = world.open(slot);
    login(world, session, officer, CKU_SO);
    {
      Secret clear = user.clear();
      REQUIRE(rv(world->C_InitPIN(session, clear.data(), clear.size())) == CKR_OK);
    }
    REQUIRE(rv(world->C_CloseSession(session)) == CKR_OK);
  }
  [[nodiscard]] std::vector<Hidden> pins() const { return {officer, user}; }

  Hidden officer = Hidden::pin("officer's PIN"), user = Hidden::pin("user's PIN");
  CK_SLOT_ID slot;
};

void use(SoftWorld& world, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, const HiddenKey& key) {
  const auto message = bytes("a message");
  CHECK(key.key().verifies(message, world.sign(session, key.key().signs_with(), object, message)));
}

}  // namespace

TEST_CASE("the scan finds what lies there") {
  const Hidden pin = Hidden::pin("PIN");
  CHECK(in_memory({pin}) == nothing);
  {
    const Secret clear = pin.clear();
    CHECK(in_memory({pin}) == std::vector<std::string>{"PIN"});
  }
  CHECK(in_memory({pin}) == nothing);
  Bytes reversed = pin.masked();
  for (auto& byte : reversed) byte ^= mask;
  std::reverse(reversed.begin(), reversed.end());
  CHECK(in_memory({pin}) == std::vector<std::string>{"PIN, reversed"});
  jpki::wipe(reversed.data(), reversed.size());
  CHECK(in_memory({pin}) == nothing);
}

TEST_CASE("no PIN stays in memory, not even while its user is logged in") {
  SoftWorld world;
  const HiddenToken token(world);
  CHECK(in_memory(token.pins()) == nothing);
  const auto session = world.open(token.slot);
  login(world, session, token.user, CKU_USER);
  CHECK(in_memory(token.pins()) == nothing);
  const Hidden next = Hidden::pin("the next PIN"), wrong = Hidden::pin("a wrong PIN");
  {
    Secret from = token.user.clear(), to = next.clear(), no = wrong.clear();
    REQUIRE(rv(world->C_SetPIN(session, from.data(), from.size(), to.data(), to.size())) == CKR_OK);
    CHECK(rv(world->C_SetPIN(session, no.data(), no.size(), to.data(), to.size())) == CKR_PIN_INCORRECT);
  }
  REQUIRE(rv(world->C_Logout(session)) == CKR_OK);
  {
    Secret no = wrong.clear();
    CHECK(rv(world->C_Login(session, CKU_USER, no.data(), no.size())) == CKR_PIN_INCORRECT);
  }
  CHECK(in_memory({token.officer, token.user, next, wrong}) == nothing);
}

TEST_CASE("numbers of token keys: there while the key is used, gone after the logout") {
  for (const bool is_private : {true, false}) {
    INFO("CKA_PRIVATE " << is_private);
    SoftWorld world;
    const HiddenToken token(world);
    const auto session = world.open(token.slot);
    login(world, session, token.user, CKU_USER);
    for (const HiddenKey& key : hidden_keys())
      use(world, session, key.create(world, session, true, is_private), key);
    CHECK(keys_among(in_memory(all_secrets())) == hidden_keys().size());
    REQUIRE(rv(world->C_Logout(session)) == CKR_OK);
    CHECK(in_memory(all_secrets()) == nothing);

    // Read from the file this time, not given.
    login(world, session, token.user, CKU_USER);
    for (const auto object : world.find_class(session, CKO_PRIVATE_KEY)) {
      for (const HiddenKey& key : hidden_keys()) {
        if (world.value(session, object, CKA_PUBLIC_KEY_INFO) == key.key().number("CKA_PUBLIC_KEY_INFO"))
          use(world, session, object, key);
      }
    }
    CHECK(keys_among(in_memory(all_secrets())) == hidden_keys().size());
    REQUIRE(rv(world->C_Logout(session)) == CKR_OK);
    CHECK(in_memory(all_secrets()) == nothing);
  }
}

// Not held yet: once in some fifty runs the 32 bytes of an Ed25519 key that was created lie in a freed piece
// of the heap afterwards, of whom is not known. The two cases below tell it and fail nobody.
TEST_CASE("the end of the last session is a logout") {
  SoftWorld world;
  const HiddenToken token(world);
  const auto session = world.open(token.slot);
  login(world, session, token.user, CKU_USER);
  for (const bool kept : {true, false})
    for (const HiddenKey& key : hidden_keys()) use(world, session, key.create(world, session, kept), key);
  CHECK(keys_among(in_memory(all_secrets())) == hidden_keys().size());
  REQUIRE(rv(world->C_CloseAllSessions(token.slot)) == CKR_OK);
  CHECK(in_memory(all_secrets()) == nothing);
  CHECK(in_memory(token.pins()) == nothing);
}

TEST_CASE("a session key's numbers end with it") {
  SoftWorld world;
  const HiddenToken token(world);
  const auto session = world.open(token.slot), other = world.open(token.slot);
  login(world, session, token.user, CKU_USER);
  for (const HiddenKey& key : hidden_keys()) {
    INFO(key.key().name);
    const auto object = key.create(world, session, false);
    use(world, other, object, key);
    CHECK(in_memory(key.secrets()) != nothing);
    REQUIRE(world.destroy(session, object) == CKR_OK);
    CHECK(in_memory(key.secrets()) == nothing);
  }
}

TEST_CASE("C_Finalize leaves nothing") {
  SoftWorld world;
  const HiddenToken token(world);
  const auto session = world.open(token.slot);
  login(world, session, token.user, CKU_USER);
  for (const HiddenKey& key : hidden_keys()) use(world, session, key.create(world, session, true), key);
  REQUIRE(rv(world->C_Finalize(nullptr)) == CKR_OK);
  CHECK(in_memory(all_secrets()) == nothing);
  CHECK(in_memory(token.pins()) == nothing);
}

#else

TEST_CASE("memory after a logout") { WARN("skipped: a sanitizer keeps shadow memory, and what was freed"); }

#endif
