#include "client/session.hpp"

#include <cstring>

namespace jpki::client {

namespace {

/// Input as the C functions take it; they do not write there.
CK_BYTE_PTR in(ByteView bytes) { return const_cast<CK_BYTE_PTR>(bytes.data()); }

/// The output of a function that ends an operation: into a buffer that is large enough for most, else into
/// one of the size that the first try told (5.2), which leaves the operation active.
template <class Call>
Bytes output(std::string_view function, Call call) {
  Bytes bytes(1024);
  CK_ULONG size = bytes.size();
  CK_RV rv = call(bytes.data(), &size);
  if (rv == CKR_BUFFER_TOO_SMALL) {
    bytes.resize(size);
    rv = call(bytes.data(), &size);
  }
  check(function, rv);
  bytes.resize(size);
  return bytes;
}

/// A value of fixed size, if that is its size.
template <class T>
std::optional<T> object_of(const std::optional<Bytes>& value) {
  if (!value || value->size() != sizeof(T)) return std::nullopt;
  T object;
  std::memcpy(&object, value->data(), sizeof object);
  return object;
}

}  // namespace

Session::Session(const Module& module, CK_SLOT_ID slot, Access access) : calls_(&module.calls()) {
  const CK_FLAGS flags = CKF_SERIAL_SESSION | (access == Access::read_write ? CKF_RW_SESSION : 0);
  check("C_OpenSession", calls_->C_OpenSession(slot, flags, nullptr, nullptr, &handle_));
}

Session::~Session() { close(); }

Session::Session(Session&& other) noexcept
    : calls_(other.calls_), handle_(std::exchange(other.handle_, CK_INVALID_HANDLE)) {}

Session& Session::operator=(Session&& other) noexcept {
  if (this != &other) {
    close();
    calls_ = other.calls_;
    handle_ = std::exchange(other.handle_, CK_INVALID_HANDLE);
  }
  return *this;
}

void Session::close() noexcept {
  if (handle_ != CK_INVALID_HANDLE) calls_->C_CloseSession(handle_);
}

CK_SESSION_INFO Session::info() const {
  CK_SESSION_INFO info{};
  check("C_GetSessionInfo", calls_->C_GetSessionInfo(handle_, &info));
  return info;
}

void Session::login(ByteView pin, CK_USER_TYPE user) {
  const bool keypad = pin.empty();
  check("C_Login", calls_->C_Login(handle_, user, keypad ? nullptr : in(pin), pin.size()));
}

void Session::logout() { check("C_Logout", calls_->C_Logout(handle_)); }

void Session::set_pin(ByteView old_pin, ByteView new_pin) {
  check("C_SetPIN", calls_->C_SetPIN(handle_, in(old_pin), old_pin.size(), in(new_pin), new_pin.size()));
}

void Session::init_pin(ByteView pin) { check("C_InitPIN", calls_->C_InitPIN(handle_, in(pin), pin.size())); }

std::vector<CK_OBJECT_HANDLE> Session::find(const Template& wanted) const {
  check("C_FindObjectsInit", calls_->C_FindObjectsInit(handle_, wanted.data(), wanted.size()));
  std::vector<CK_OBJECT_HANDLE> found;
  CK_OBJECT_HANDLE some[64];
  CK_ULONG count = 0;
  CK_RV rv;
  do {
    rv = calls_->C_FindObjects(handle_, some, std::size(some), &count);
    if (rv == CKR_OK) found.insert(found.end(), some, some + count);
  } while (rv == CKR_OK && count > 0);
  const CK_RV end = calls_->C_FindObjectsFinal(handle_);
  check("C_FindObjects", rv);
  check("C_FindObjectsFinal", end);
  return found;
}

std::optional<CK_OBJECT_HANDLE> Session::find_one(const Template& wanted) const {
  const auto found = find(wanted);
  return found.empty() ? std::nullopt : std::optional(found.front());
}

std::optional<Bytes> Session::bytes(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
  CK_ATTRIBUTE row{type, nullptr, 0};
  const auto read = [&] {
    const CK_RV rv = calls_->C_GetAttributeValue(handle_, object, &row, 1);
    if (rv == CKR_ATTRIBUTE_TYPE_INVALID || rv == CKR_ATTRIBUTE_SENSITIVE) return false;
    check("C_GetAttributeValue", rv);
    return row.ulValueLen != CK_UNAVAILABLE_INFORMATION;
  };
  if (!read()) return std::nullopt;
  Bytes value(row.ulValueLen);
  if (value.empty()) return value;
  row.pValue = value.data();
  if (!read()) return std::nullopt;
  value.resize(row.ulValueLen);
  return value;
}

std::optional<std::string> Session::text(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
  const auto value = bytes(object, type);
  return value ? std::optional<std::string>(std::in_place, value->begin(), value->end()) : std::nullopt;
}

std::optional<CK_ULONG> Session::number(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
  return object_of<CK_ULONG>(bytes(object, type));
}

std::optional<bool> Session::flag(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
  const auto value = object_of<CK_BBOOL>(bytes(object, type));
  return value ? std::optional(*value != CK_FALSE) : std::nullopt;
}

CK_OBJECT_HANDLE Session::create(const Template& object) {
  CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
  check("C_CreateObject", calls_->C_CreateObject(handle_, object.data(), object.size(), &handle));
  return handle;
}

CK_OBJECT_HANDLE Session::copy(CK_OBJECT_HANDLE object, const Template& differences) {
  CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
  check("C_CopyObject",
        calls_->C_CopyObject(handle_, object, differences.data(), differences.size(), &handle));
  return handle;
}

void Session::destroy(CK_OBJECT_HANDLE object) {
  check("C_DestroyObject", calls_->C_DestroyObject(handle_, object));
}

std::pair<CK_OBJECT_HANDLE, CK_OBJECT_HANDLE> Session::generate_key_pair(const Mechanism& mechanism,
                                                                         const Template& public_key,
                                                                         const Template& private_key) {
  CK_MECHANISM row = mechanism.row();
  std::pair<CK_OBJECT_HANDLE, CK_OBJECT_HANDLE> keys;
  check("C_GenerateKeyPair",
        calls_->C_GenerateKeyPair(handle_, &row, public_key.data(), public_key.size(), private_key.data(),
                                  private_key.size(), &keys.first, &keys.second));
  return keys;
}

Bytes Session::sign(const Mechanism& mechanism, CK_OBJECT_HANDLE key, ByteView data) {
  CK_MECHANISM row = mechanism.row();
  check("C_SignInit", calls_->C_SignInit(handle_, &row, key));
  return output("C_Sign", [&](CK_BYTE_PTR out, CK_ULONG_PTR size) {
    return calls_->C_Sign(handle_, in(data), data.size(), out, size);
  });
}

Bytes Session::sign_with_login(const Mechanism& mechanism, CK_OBJECT_HANDLE key, ByteView data,
                               ByteView pin) {
  CK_MECHANISM row = mechanism.row();
  check("C_SignInit", calls_->C_SignInit(handle_, &row, key));
  login(pin, CKU_CONTEXT_SPECIFIC);
  return output("C_Sign", [&](CK_BYTE_PTR out, CK_ULONG_PTR size) {
    return calls_->C_Sign(handle_, in(data), data.size(), out, size);
  });
}

Bytes Session::sign(const Mechanism& mechanism, CK_OBJECT_HANDLE key, std::span<const ByteView> parts) {
  CK_MECHANISM row = mechanism.row();
  check("C_SignInit", calls_->C_SignInit(handle_, &row, key));
  for (const ByteView part : parts) {
    check("C_SignUpdate", calls_->C_SignUpdate(handle_, in(part), part.size()));
  }
  return output("C_SignFinal",
                [&](CK_BYTE_PTR out, CK_ULONG_PTR size) { return calls_->C_SignFinal(handle_, out, size); });
}

bool Session::verify(const Mechanism& mechanism, CK_OBJECT_HANDLE key, ByteView data, ByteView signature) {
  CK_MECHANISM row = mechanism.row();
  check("C_VerifyInit", calls_->C_VerifyInit(handle_, &row, key));
  const CK_RV rv = calls_->C_Verify(handle_, in(data), data.size(), in(signature), signature.size());
  if (rv == CKR_SIGNATURE_INVALID || rv == CKR_SIGNATURE_LEN_RANGE) return false;
  check("C_Verify", rv);
  return true;
}

}  // namespace jpki::client
