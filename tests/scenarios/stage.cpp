#include "stage.hpp"

#include <cryptoki/names.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "calls.hpp"
#include "vcard/presence.hpp"

namespace scenario {
namespace {

namespace fs = std::filesystem;

const Bytes message{'h', 'a', 'z', 'a', 'r', 'd'};

CK_UTF8CHAR* chars(std::string& text) { return reinterpret_cast<CK_UTF8CHAR*>(text.data()); }

/// A PIN try reaches the disk before it is made: thousands of them want a disk in memory.
bool in_memory() {
  const fs::path memory = "/dev/shm";
  if (std::getenv("TMPDIR") == nullptr && fs::exists(memory)) setenv("TMPDIR", memory.c_str(), 1);
  return true;
}
const bool moved = in_memory();

World::Options options(const std::string& configuration) {
  World::Options wanted;
  wanted.configuration = configuration;
  return wanted;
}

}  // namespace

Answers::Answers(const CK_FUNCTION_LIST_3_2& list) {
  for (const auto& function : functions_of(list)) permitted_[function.name] = permitted(function);
}

CK_RV Answers::operator()(const std::string& function, CK_RV value) {
  const std::string name(jpki::cryptoki::rv_name(value));
  if (permitted_.at(function).count(name) == 0) FAIL_CHECK(function << " answered " << rv(value));
  return value;
}

Stage::Stage(const std::string& configuration)
    : world_(options(configuration)), answers_(*world_.operator->()) {
  fs::copy(card().path(), other(), fs::copy_options::recursive);
  for (const auto& folder : {card().path(), other()}) {
    const CardFolder one = folder == card().path() ? card() : CardFolder::at(folder);
    one.set("other_application", '"' + rival_application + '"');
  }
  for (int half = 0; half < 2; ++half) certificates_[half] = card().certificate(halves[half]);
  pins_ = read_text(card().path() / "pins");
  write_text(card().path() / "first", "");
  renew();
}

/// One half's PIN is malformed for the other's, so that it never gets there.
void Stage::count(const std::string& submitted_pin) {
  ++submitted;
  for (const auto& folder : {card().path(), other()}) {
    const std::string both[] = {pin_in(folder, "auth"), pin_in(folder, "sign")};
    if (submitted_pin == both[0] || submitted_pin == both[1]) continue;
    ++wrong;  // for one of the cards at least
    return;
  }
}

CK_RV Stage::login(CK_SESSION_HANDLE session, std::string pin, CK_USER_TYPE user) {
  count(pin);
  return answer("C_Login", world_->C_Login(session, user, chars(pin), pin.size()));
}

CK_RV Stage::set_pin(CK_SESSION_HANDLE session, std::string from, std::string to) {
  count(from);
  return answer("C_SetPIN", world_->C_SetPIN(session, chars(from), from.size(), chars(to), to.size()));
}

CK_RV Stage::open(CK_SLOT_ID slot, CK_SESSION_HANDLE& session) {
  return answer("C_OpenSession",
                world_->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session));
}

CK_RV Stage::find_all(CK_SESSION_HANDLE session, std::vector<CK_OBJECT_HANDLE>& found) {
  found.assign(32, 0);
  CK_ULONG count = 0;
  CK_RV result = answer("C_FindObjectsInit", world_->C_FindObjectsInit(session, nullptr, 0));
  if (result == CKR_OK) {
    result = answer("C_FindObjects", world_->C_FindObjects(session, found.data(), found.size(), &count));
    answer("C_FindObjectsFinal", world_->C_FindObjectsFinal(session));
  }
  found.resize(result == CKR_OK ? count : 0);
  return result;
}

CK_RV Stage::find_key(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE& key) {
  CK_OBJECT_CLASS wanted = CKO_PRIVATE_KEY;
  CK_ATTRIBUTE search{CKA_CLASS, &wanted, sizeof wanted};
  CK_ULONG count = 0;
  CK_RV result = answer("C_FindObjectsInit", world_->C_FindObjectsInit(session, &search, 1));
  if (result != CKR_OK) return result;
  result = answer("C_FindObjects", world_->C_FindObjects(session, &key, 1, &count));
  answer("C_FindObjectsFinal", world_->C_FindObjectsFinal(session));
  if (result == CKR_OK && count == 0) key = CK_INVALID_HANDLE;
  return result;
}

void Stage::inspect(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
  for (const CK_ATTRIBUTE_TYPE type : {CKA_LABEL, CKA_ID, CKA_VALUE, CKA_MODULUS}) {
    Bytes value(4096);
    CK_ATTRIBUTE asked{type, value.data(), value.size()};
    answer("C_GetAttributeValue", world_->C_GetAttributeValue(session, object, &asked, 1));
  }
}

CK_RV Stage::sign_init(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key) {
  CK_MECHANISM mechanism{CKM_SHA256_RSA_PKCS, nullptr, 0};
  return answer("C_SignInit", world_->C_SignInit(session, &mechanism, key));
}

CK_RV Stage::sign_now(CK_SESSION_HANDLE session, CK_SLOT_ID slot) {
  Bytes data = message, signature(256);
  CK_ULONG size = signature.size();
  const CK_RV result =
      answer("C_Sign", world_->C_Sign(session, data.data(), data.size(), signature.data(), &size));
  if (result != CKR_OK) return result;
  signature.resize(size);
  const bool right = verified(certificates_[slot], "SHA256", message, signature);
  if (!right && (certificate_known || !garbled_)) FAIL_CHECK("a signature is wrong");
  signed_rightly += right;
  return result;
}

CK_RV Stage::sign(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, CK_SLOT_ID slot) {
  const CK_RV begun = sign_init(session, key);
  return begun == CKR_OK ? sign_now(session, slot) : begun;
}

void Stage::script(const std::string& faults) const {
  garbled_ = garbled_ || faults.find("garble 0") != std::string::npos;
  lied_ = lied_ || faults.find("before answer 9000") != std::string::npos;
  write_text(card().path() / "faults", faults + '\n');
}

void Stage::swap() { jpki::vcard::exchange(card().path(), other()); }

void Stage::settle() {
  for (const auto& folder : {card().path(), other()}) fs::remove(folder / "faults");
  if (is_first(other())) swap();
  card().insert();
}

void Stage::renew() {
  world_->C_Finalize(nullptr);
  settle();
  for (const auto& folder : {card().path(), other()}) {
    fs::remove(folder / "counters");
    fs::remove(folder / "apdu.log");
    write_text(folder / "pins", pins_);
  }
  submitted = wrong = 0;
  garbled_ = lied_ = certificate_known = false;
  world_.initialize();
}

/// Read after every call of thousands of sequences: no more is taken apart than has to be.
Stage::Seen Stage::seen_in(const fs::path& folder) {
  Seen seen;
  const std::string log = read_text(folder / "apdu.log");
  for (std::size_t begin = 0, end; (end = log.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string_view line = std::string_view(log).substr(begin, end - begin);
    seen.faults += line.substr(0, 6) == "FAULT ";
    const auto head = line.find(" > ");
    if (line.substr(0, 5) != "APDU " || head == std::string_view::npos) continue;
    const auto command = line.substr(head + 3);
    const bool body = command.find(" Lc=0 ") == std::string_view::npos;
    seen.verifies += command.substr(2, 2) == "20" && body;
    seen.changes += command.substr(2, 2) == "24";
    seen.signatures += command.substr(0, 8) == "802A0080";
  }
  return seen;
}

std::string Stage::pin_in(const fs::path& folder, const std::string& half) {
  std::istringstream lines(read_text(folder / "pins"));
  for (std::string name, equals, value; lines >> name >> equals >> value;)
    if (name == half) return value;
  return {};
}

void Stage::check_pins() const {
  const auto here = seen_in(card().path()), there = seen_in(other());
  if (here.verifies + there.verifies > submitted)
    FAIL_CHECK(here.verifies + there.verifies << " VERIFY for " << submitted << " PINs");
  std::size_t spent = 0;
  for (const auto& folder : {card().path(), other()}) {
    for (int half = 0; half < 2; ++half) {
      const int left = CardFolder::at(folder).tries(halves[half]), all = half == 0 ? 3 : 5;
      spent += static_cast<std::size_t>(all - left);
    }
  }
  // A selection that was answered and not done: a right PIN may meet the other half's file, once.
  const std::size_t most = lied_ ? submitted : wrong;
  if (spent > most) FAIL_CHECK(spent << " tries spent for " << wrong << " wrong PINs");
}

}  // namespace scenario
