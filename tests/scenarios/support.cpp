#include "support.hpp"

#include <dlfcn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <cryptoki/names.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>

#include "counter/command_line.hpp"
#include "vcard/presence.hpp"

namespace scenario {
namespace {

namespace fs = std::filesystem;

/// 2026-11-21, noon in Japan.
constexpr jpki::service::Instant now =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + std::chrono::hours(3);

void counter(const std::vector<std::string>& words) {
  std::ostringstream out, err;
  if (jpki::counter::run(words, now, out, err) != 0) throw std::runtime_error("jpki-counter: " + err.str());
}

/// Cards that tests copy, each made when first asked for; they live as long as the program.
class Originals {
 public:
  const fs::path& of(Kind kind) {
    fs::path& path = kind == Kind::mynumber ? mynumber_ : juki_;
    if (path.empty()) path = make(kind);
    return path;
  }

 private:
  fs::path make(Kind kind) const {
    const std::string name = kind == Kind::mynumber ? "mynumber" : "juki";
    const fs::path card = folder_.path() / (name + "-card"), ca = folder_.path() / (name + "-ca");
    std::vector<std::string> words{"new-ca", ca};
    if (kind == Kind::juki) words.insert(words.end(), {"--governor", "Iwate"});
    counter(words);
    counter({"issue", ca, card, "--kind", name, "--test-pins"});
    std::string settings = read_text(card / "card.toml");
    const std::string off = "# apdu = ";
    settings.replace(settings.find(off), off.size(), "apdu = ");
    write_text(card / "card.toml", settings);
    return card;
  }

  jpki::test::TempFolder folder_;
  fs::path mynumber_, juki_;
};

const fs::path& original(Kind kind) {
  static Originals originals;
  return originals.of(kind);
}

/// The word behind `name` in a line.
std::string word_after(const std::string& line, const std::string& name) {
  const auto at = line.find(name);
  if (at == std::string::npos) return {};
  const auto begin = at + name.size();
  return line.substr(begin, line.find(' ', begin) - begin);
}

}  // namespace

std::ostream& operator<<(std::ostream& out, Rv rv) {
  const auto name = jpki::cryptoki::rv_name(rv.value);
  return name.empty() ? out << rv.value : out << name;
}

std::string read_text(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_text(const fs::path& path, std::string_view content) { std::ofstream(path) << content; }

// --- Cards
// -------------------------------------------------------------------------------------------------------

CardFolder::CardFolder(Kind kind, const fs::path& path) : path_(path) {
  fs::copy(original(kind), path, fs::copy_options::recursive);
}

Bytes CardFolder::certificate(const std::string& name) const {
  const std::string content = read_text(path_ / "certs" / (name + ".der"));
  return {content.begin(), content.end()};
}

void CardFolder::remove() const { jpki::vcard::remove(path_); }
void CardFolder::insert() const { jpki::vcard::insert(path_); }

void CardFolder::set(const std::string& name, const std::string& value) const {
  std::string settings = read_text(path_ / "card.toml");
  const auto at = settings.find("\n" + name + " = ");
  REQUIRE(at != std::string::npos);
  const auto begin = at + 1, end = settings.find('\n', begin);
  settings.replace(begin, end - begin, name + " = " + value);
  write_text(path_ / "card.toml", settings);
}

void CardFolder::tries(const std::string& half, int left) const {
  write_text(path_ / "counters", half + " = " + std::to_string(left) + "\n");
}

int CardFolder::tries(const std::string& half) const {
  const std::string counters = "\n" + read_text(path_ / "counters");
  const auto left = word_after(counters, "\n" + half + " = ");
  if (left.empty()) return half == "auth" ? 3 : 5;
  return std::stoi(left);
}

std::vector<Exchange> CardFolder::log(std::size_t mark) const {
  std::vector<Exchange> found;
  std::istringstream lines(read_text(path_ / "apdu.log"));
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("APDU ", 0) != 0) continue;
    if (mark > 0 && mark-- > 0) continue;
    Exchange exchange;
    exchange.header = word_after(line, "> ");
    exchange.status = word_after(line, "SW=");
    if (const auto size = word_after(line, "Lc="); !size.empty()) {
      exchange.sent = std::stoul(size);
      exchange.data = word_after(line, "Lc=" + size + " ");
    }
    found.push_back(std::move(exchange));
  }
  return found;
}

std::size_t CardFolder::pins_sent() const {
  const auto all = log();
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [](const auto& one) { return one.verifies(); }));
}

std::string CardFolder::power_log() const {
  std::string words;
  std::istringstream lines(read_text(path_ / "apdu.log"));
  for (std::string line; std::getline(lines, line);)
    if (line.rfind("POWER ", 0) == 0) words += (words.empty() ? "" : " ") + line.substr(line.rfind(' ') + 1);
  return words;
}

// --- The library
// -------------------------------------------------------------------------------------------------

std::string Library::path(const std::string& view) {
  return std::string(JPKI_LIBRARIES "/jpki-pkcs11") + (view.empty() ? "" : "-" + view) + ".so";
}

Library::Library(const std::string& view) : handle_(dlopen(path(view).c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (handle_ == nullptr) throw std::runtime_error(dlerror());
  const auto get = reinterpret_cast<CK_C_GetInterface>(dlsym(handle_, "C_GetInterface"));
  CK_INTERFACE* interface = nullptr;
  if (get == nullptr || get(nullptr, nullptr, &interface, 0) != CKR_OK)
    throw std::runtime_error("C_GetInterface");
  functions_ = static_cast<CK_FUNCTION_LIST_3_2*>(interface->pFunctionList);
}

Library::~Library() { dlclose(handle_); }

Environment::Environment(const Options& options) {
  std::string paths;
  for (const Kind kind : options.cards) {
    cards_.emplace_back(kind, folder_.path() / ("card" + std::to_string(cards_.size())));
    paths += (paths.empty() ? "" : ":") + cards_.back().path().string();
  }
  setenv("JPKI_VIRTUAL_CARDS", paths.c_str(), 1);
  setenv("JPKI_PCSC", "off", 1);
  setenv("HOME", folder_.path().c_str(), 1);
  setenv("XDG_CONFIG_HOME", folder_.path().c_str(), 1);
  for (const char* name : {"JPKI_CONFIG", "JPKI_SOFT_TOKENS"}) unsetenv(name);
  if (options.soft_tokens) setenv("JPKI_SOFT_TOKENS", (folder_.path() / "tokens").c_str(), 1);
  if (!options.configuration.empty()) {
    write_text(folder_.path() / "jpki.toml", options.configuration);
    setenv("JPKI_CONFIG", (folder_.path() / "jpki.toml").c_str(), 1);
  }
}

World::World(const Options& options) : Environment(options), library_(options.view) {
  if (options.initialize) initialize();
}

World::~World() { library_->C_Finalize(nullptr); }

void World::initialize() {
  REQUIRE(rv(library_->C_Initialize(nullptr)) == CKR_OK);
  static_cast<void>(slots());
}

std::vector<CK_SLOT_ID> World::slots(bool with_token) {
  CK_ULONG count = 0;
  REQUIRE(rv(library_->C_GetSlotList(with_token ? CK_TRUE : CK_FALSE, nullptr, &count)) == CKR_OK);
  std::vector<CK_SLOT_ID> found(count);
  REQUIRE(rv(library_->C_GetSlotList(with_token ? CK_TRUE : CK_FALSE, found.data(), &count)) == CKR_OK);
  found.resize(count);
  return found;
}

CK_SESSION_HANDLE World::open(CK_SLOT_ID slot, bool read_write) {
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  const CK_FLAGS flags = CKF_SERIAL_SESSION | (read_write ? CKF_RW_SESSION : 0UL);
  REQUIRE(rv(library_->C_OpenSession(slot, flags, nullptr, nullptr, &session)) == CKR_OK);
  return session;
}

Rv World::login(CK_SESSION_HANDLE session, std::string_view pin, CK_USER_TYPE user) {
  std::string copy(pin);
  return rv(library_->C_Login(session, user, reinterpret_cast<CK_UTF8CHAR*>(copy.data()), copy.size()));
}

CK_SESSION_HANDLE World::logged_in(CK_SLOT_ID slot) {
  const auto session = open(slot);
  REQUIRE(login(session, slot % 2 == auth_slot ? "1234" : "ABC123") == CKR_OK);
  return session;
}

std::vector<CK_OBJECT_HANDLE> World::find(CK_SESSION_HANDLE session, std::vector<CK_ATTRIBUTE> wanted) {
  REQUIRE(rv(library_->C_FindObjectsInit(session, wanted.data(), wanted.size())) == CKR_OK);
  std::vector<CK_OBJECT_HANDLE> found(64);
  CK_ULONG count = 0;
  REQUIRE(rv(library_->C_FindObjects(session, found.data(), found.size(), &count)) == CKR_OK);
  REQUIRE(rv(library_->C_FindObjectsFinal(session)) == CKR_OK);
  found.resize(count);
  return found;
}

std::vector<CK_OBJECT_HANDLE> World::find_class(CK_SESSION_HANDLE session, CK_OBJECT_CLASS wanted) {
  return find(session, {{CKA_CLASS, &wanted, sizeof wanted}});
}

CK_OBJECT_HANDLE World::private_key(CK_SESSION_HANDLE session) {
  const auto found = find_class(session, CKO_PRIVATE_KEY);
  REQUIRE(found.size() == 1);
  return found[0];
}

std::optional<Bytes> World::value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                                  CK_ATTRIBUTE_TYPE type) {
  CK_ATTRIBUTE asked{type, nullptr, 0};
  const Rv first = rv(library_->C_GetAttributeValue(session, object, &asked, 1));
  if (first == CKR_ATTRIBUTE_TYPE_INVALID || first == CKR_ATTRIBUTE_SENSITIVE) return std::nullopt;
  REQUIRE(first == CKR_OK);
  Bytes bytes(asked.ulValueLen);
  asked.pValue = bytes.data();
  REQUIRE(rv(library_->C_GetAttributeValue(session, object, &asked, 1)) == CKR_OK);
  return bytes;
}

Bytes World::sign(CK_SESSION_HANDLE session, CK_MECHANISM_TYPE mechanism, CK_OBJECT_HANDLE key, ByteView data,
                  CK_RV* outcome) {
  CK_MECHANISM wanted{mechanism, nullptr, 0};
  Bytes copy(data.begin(), data.end()), signature(512);
  CK_ULONG size = signature.size();
  CK_RV result = library_->C_SignInit(session, &wanted, key);
  if (result == CKR_OK) result = library_->C_Sign(session, copy.data(), copy.size(), signature.data(), &size);
  if (outcome != nullptr) *outcome = result;
  if (outcome == nullptr) REQUIRE(rv(result) == CKR_OK);
  signature.resize(result == CKR_OK ? size : 0);
  return signature;
}

CK_TOKEN_INFO World::token_info(CK_SLOT_ID slot) {
  CK_TOKEN_INFO info{};
  REQUIRE(rv(library_->C_GetTokenInfo(slot, &info)) == CKR_OK);
  return info;
}

std::string text(const CK_UTF8CHAR* field, std::size_t size) {
  std::string found(reinterpret_cast<const char*>(field), size);
  return found.substr(0, found.find_last_not_of(' ') + 1);
}

Ended run_host(const std::string& command, std::string_view pin) {
  setenv("TOKEN_PIN", std::string(pin).c_str(), 1);
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  Ended ended{};
  std::array<char, 256> buffer{};
  while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) ended.said += buffer.data();
  ended.status = pclose(pipe);
  return ended;
}

bool verified(ByteView certificate, const char* digest, ByteView data, ByteView signature) {
  const unsigned char* at = certificate.data();
  const std::unique_ptr<X509, decltype(&X509_free)> parsed(
      d2i_X509(nullptr, &at, static_cast<long>(certificate.size())), X509_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_PKEY* key = X509_get0_pubkey(parsed.get());
  REQUIRE(EVP_DigestVerifyInit_ex(context.get(), nullptr, digest, nullptr, nullptr, key, nullptr) == 1);
  return EVP_DigestVerify(context.get(), signature.data(), signature.size(), data.data(), data.size()) == 1;
}

}  // namespace scenario
