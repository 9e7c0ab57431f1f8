// The file of a software token in a stranger's hands. First byte: what is done to it. The token opens and
// works, or says what is wrong with it.
#include <array>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "base/file.hpp"
#include "core/error.hpp"
#include "input.hpp"
#include "mechanism/families.hpp"
#include "token/soft_store.hpp"
#include "token/soft_token.hpp"
#include "token/soft_token_row.hpp"
#include "world.hpp"

namespace {

using namespace jpki;
using namespace jpki::token;
using fuzz::Input;
using fuzz::require;
namespace fs = std::filesystem;

fs::path token_file() { return soft_token_files(fuzz::place() / "tokens").front(); }

template <class Work>
void attempt(Work work) {
  try {
    work();
  } catch (const StoreError&) {
  } catch (const core::Error&) {
  }
}

void use_keys(core::Token& token) {
  for (const auto handle : token.objects().search(core::Template(nullptr, 0))) {
    attempt([&] {
      std::array<CK_ATTRIBUTE, 3> asked{
          CK_ATTRIBUTE{CKA_VALUE, nullptr, 0}, {CKA_MODULUS, nullptr, 0}, {CKA_EC_POINT, nullptr, 0}};
      static_cast<void>(token.objects().read(handle, asked.data(), asked.size()));
      const auto object = token.objects().find(handle);
      const auto key = object ? object->private_key() : nullptr;
      if (!key) return;
      Bytes out(key->signature_size());
      const Bytes block(32, 0x30);
      const auto kind = key->type() == CKK_RSA  ? Scheme::Kind::rsa_pkcs1
                        : key->type() == CKK_EC ? Scheme::Kind::ecdsa
                                                : Scheme::Kind::eddsa;
      static_cast<void>(key->sign({kind}, block, out));
    });
  }
}

/// As a slot does: the store, then the token over it.
void use() {
  attempt([] {
    auto store = SoftStore::open(token_file());
    static_cast<void>(store->facts());
    for (const auto& listed : store->list().objects)
      attempt([&] { static_cast<void>(store->load(listed.id)); });
    SoftToken token(std::move(store), mechanism::registry());
    token.session_opened(true);
    attempt([&] { static_cast<void>(token.info()); });
    use_keys(token);
    attempt([&] { static_cast<void>(token.login(CKU_USER, bytes_of(fuzz::user_pin))); });
    use_keys(token);
    token.session_closed(true);
  });
}

/// Bytes of the file: places and what is there then.
void patch(Input& input) {
  auto content = *read_file(token_file());
  if (input.byte() % 4 == 3) content.resize(std::min<std::size_t>(content.size(), input.number(2)));
  while (!input.empty() && !content.empty()) {
    const auto at = input.number(3) % content.size();
    const auto some = input.bytes(input.byte() % 16 + 1U);
    std::copy_n(some.begin(), std::min(some.size(), content.size() - at),
                content.begin() + static_cast<long>(at));
  }
  std::ofstream(token_file(), std::ios::binary | std::ios::trunc)
      .write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
  use();
}

/// The parts of rows by themselves.
void decode_rows(ByteView bytes) {
  core::AttributeMap attributes;
  attempt([&] {
    decode(bytes, attributes);
    core::AttributeMap again;
    decode(encode(attributes), again);
    require(again.size() == attributes.size() && again.bytes() == attributes.bytes());
  });
  attempt([&] { require(type_list_size(bytes) <= bytes.size()); });
  attempt([&] { static_cast<void>(checksum_of(bytes)); });
}

std::int64_t number(Input& input, std::int64_t before) {
  switch (input.byte() % 4) {
    case 0:
      return before;
    case 1:
      return input.byte();
    case 2:
      return std::int64_t{1} << input.byte() % 63;
    default:
      return static_cast<std::int64_t>(std::uint64_t{input.number(4)} << 32 | input.number(4));
  }
}

Bytes bytes(Input& input, const Bytes& before) {
  return input.byte() % 2 == 0 ? before : copy_of(input.short_bytes());
}

/// The token's own row with a right checksum: nothing in it is secret, so anybody can write one.
void rewrite_token(Input& input) {
  attempt([&] {
    std::mutex in_use;
    const std::lock_guard lock(in_use);
    Database database(token_file(), in_use);
    database.execute(Sql::begin_change);
    auto row = TokenRow::read(database);
    row.flags = number(input, row.flags);
    row.generation = number(input, row.generation);
    row.next_id = number(input, row.next_id);
    row.objects = number(input, row.objects);
    row.key_id = bytes(input, row.key_id);
    for (StoredPin* pin : {&row.user, &row.officer}) {
      pin->limit = number(input, pin->limit);
      pin->left = number(input, pin->left);
      pin->cost.n = number(input, pin->cost.n);
      pin->cost.r = number(input, pin->cost.r);
      pin->cost.p = number(input, pin->cost.p);
      pin->salt = bytes(input, pin->salt);
      pin->key = bytes(input, pin->key);
    }
    row.write(database);
    database.execute(Sql::commit);
  });
  use();
}

/// An object of any attributes, as somebody who knows the PIN can put it there.
void insert_object(Input& input) {
  static constexpr auto types = std::to_array<CK_ATTRIBUTE_TYPE>({CKA_CLASS,
                                                                  CKA_KEY_TYPE,
                                                                  CKA_TOKEN,
                                                                  CKA_PRIVATE,
                                                                  CKA_LABEL,
                                                                  CKA_ID,
                                                                  CKA_VALUE,
                                                                  CKA_MODULUS,
                                                                  CKA_PUBLIC_EXPONENT,
                                                                  CKA_PRIVATE_EXPONENT,
                                                                  CKA_PRIME_1,
                                                                  CKA_PRIME_2,
                                                                  CKA_EXPONENT_1,
                                                                  CKA_EXPONENT_2,
                                                                  CKA_COEFFICIENT,
                                                                  CKA_EC_PARAMS,
                                                                  CKA_EC_POINT,
                                                                  CKA_PUBLIC_KEY_INFO,
                                                                  CKA_UNIQUE_ID,
                                                                  CKA_CERTIFICATE_TYPE,
                                                                  CKA_SIGN,
                                                                  CKA_ALLOWED_MECHANISMS,
                                                                  CKA_START_DATE,
                                                                  CKA_ALWAYS_AUTHENTICATE});
  attempt([&] {
    const auto store = SoftStore::open(token_file());
    require(store->check_user_pin(bytes_of(fuzz::user_pin)).outcome == core::PinOutcome::accepted);
    core::AttributeMap attributes;
    for (unsigned count = input.byte() % 24; count > 0; --count) {
      const auto type = input.pick(types);
      if (input.byte() % 2 == 0)
        attributes.put(type, CK_ULONG{input.byte()});
      else
        attributes.put(type, input.short_bytes());
    }
    static constexpr std::array<CK_ATTRIBUTE_TYPE, 2> secret{CKA_VALUE, CKA_PRIVATE_EXPONENT};
    store->insert(attributes, secret);
  });
  use();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const unsigned what = input.byte() % 4;
  if (what == 0) {
    decode_rows(input.rest());
    return 0;
  }
  fuzz::renew_world();
  if (what == 1) patch(input);
  if (what == 2) rewrite_token(input);
  if (what == 3) insert_object(input);
  return 0;
}
