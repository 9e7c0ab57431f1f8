#include "token/soft_token_row.hpp"

#include <cryptoki/pkcs11.h>

#include <bit>
#include <chrono>
#include <limits>

#include "base/hex.hpp"
#include "crypto/random.hpp"

namespace jpki::token {
namespace {

using Reason = StoreError::Reason;

constexpr std::size_t salt_size = 16, key_id_size = 16, serial_size = 16;
constexpr std::size_t wrapped_size = crypto::seal_key_size + crypto::seal_overhead;
constexpr std::int64_t max_tries = 15;
constexpr std::int64_t this_machine =
    static_cast<std::int64_t>(sizeof(CK_ULONG)) + (std::endian::native == std::endian::big ? 256 : 0);

/// All columns but the first and the last, in their order: for reading, writing and summing up.
template <class Row, class Visit>
void each_field(Row& row, Visit&& visit) {
  visit(row.machine), visit(row.label), visit(row.serial), visit(row.flags);
  visit(row.cost.n), visit(row.cost.r), visit(row.cost.p);
  visit(row.key_id), visit(row.generation), visit(row.next_id), visit(row.objects), visit(row.listing_sum);
  for (auto* pin : {&row.user, &row.officer}) {
    visit(pin->limit), visit(pin->left), visit(pin->cost.n), visit(pin->cost.r), visit(pin->cost.p);
    visit(pin->salt), visit(pin->key);
  }
}

struct Reader {
  Run& run;
  int column = 1;
  void operator()(std::int64_t& value) { value = run.integer(column++); }
  void operator()(std::string& value) { value = run.text(column++); }
  void operator()(Bytes& value) { value = copy_of(run.bytes(column++)); }
  void operator()(Checksum& value) { value = checksum_of(run.bytes(column++)); }
};

struct Writer {
  Run& run;
  void operator()(std::int64_t value) { run.bind(value); }
  void operator()(const std::string& value) { run.bind(std::string_view(value)); }
  void operator()(const Bytes& value) { run.bind(ByteView(value)); }
  void operator()(const Checksum& value) { run.bind(ByteView(value)); }
};

struct Adder {
  Summer& summer;
  void operator()(std::int64_t value) { summer.add(value); }
  void operator()(const std::string& value) { summer.add(bytes_of(value)); }
  void operator()(const Bytes& value) { summer.add(ByteView(value)); }
  void operator()(const Checksum& value) { summer.add(value); }
};

void require_sound(bool sound) {
  if (!sound) throw StoreError(Reason::corrupt, "the token's own row is not as it was written");
}

bool sensible(const StoredCost& cost) {
  constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
  const auto fits = [](std::int64_t value) { return value > 0 && value <= most; };
  return fits(cost.n) && fits(cost.r) && fits(cost.p) && crypto::reasonable(cost.cost());
}

bool sensible(const StoredPin& pin) {
  if (pin.limit < 1 || pin.limit > max_tries || pin.left < 0 || pin.left > pin.limit) return false;
  return !pin.set() || (pin.key.size() == wrapped_size && pin.salt.size() == salt_size && sensible(pin.cost));
}

Bytes random(std::size_t size) {
  Bytes bytes(size);
  crypto::random_bytes(bytes);
  return bytes;
}

/// The milliseconds since 1970, then 20 random bits: the files' order by name is that in which tokens were
/// made, so that slots keep their places from one process to the next.
std::string new_serial() {
  using std::chrono::milliseconds;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto count = static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(now).count());
  std::uint64_t number = 0;
  crypto::random_bytes({reinterpret_cast<std::uint8_t*>(&number), sizeof number});
  number = (count << 20) | (number & 0xFFFFF);
  Bytes bytes(serial_size / 2);
  for (std::size_t i = bytes.size(); i-- > 0; number >>= 8) bytes[i] = static_cast<std::uint8_t>(number);
  return to_hex(bytes);
}

}  // namespace

crypto::ScryptCost StoredCost::cost() const {
  return {static_cast<std::uint32_t>(n), static_cast<std::uint32_t>(r), static_cast<std::uint32_t>(p)};
}

TokenRow TokenRow::fresh(std::string_view label, std::int64_t user_tries, std::int64_t officer_tries) {
  TokenRow row;
  row.machine = this_machine;
  row.label = label;
  row.serial = new_serial();
  row.user.limit = row.user.left = user_tries;
  row.officer.limit = row.officer.left = officer_tries;
  row.name_key();
  return row;
}

TokenRow TokenRow::read(Database& database) {
  TokenRow row;
  Run run = database.run(Sql::read_token);
  require_sound(run.step());
  Reader reader{run};
  each_field(row, reader);
  require_sound(checksum_of(run.bytes(reader.column)) == row.sum());
  require_sound(!run.step());
  if (row.machine != this_machine) {
    throw StoreError(Reason::not_a_token, "the token was made on another kind of machine");
  }
  row.require_sense();
  return row;
}

void TokenRow::write(Database& database) const {
  require_sense();
  const Checksum checksum = sum();
  Run run = database.run(Sql::write_token);
  run.bind(std::int64_t{1});
  each_field(*this, Writer{run});
  run.bind(ByteView(checksum));
  run.step();
}

Checksum TokenRow::sum() const {
  Summer summer;
  summer.add(bytes_of("token"));
  each_field(*this, Adder{summer});
  return summer.finish();
}

void TokenRow::require_sense() const {
  require_sound(label.size() <= 32 && serial.size() == serial_size && key_id.size() == key_id_size);
  require_sound(generation > 0 && next_id > 0 && objects >= 0 && objects < next_id);
  require_sound(sensible(cost) && sensible(user) && sensible(officer) && officer.set());
}

void TokenRow::name_key() { key_id = random(key_id_size); }

void TokenRow::wrap(PinRole role, StoredPin wrapped) {
  wrapped.limit = wrapped.left = pin(role).limit;
  pin(role) = std::move(wrapped);
}

Bytes TokenRow::pin_binding(PinRole role, const StoredPin& pin) const {
  Summer summer;
  const Checksum parameters =
      summer.add(pin.cost.n).add(pin.cost.r).add(pin.cost.p).add(ByteView(pin.salt)).finish();
  return binding({role == PinRole::user ? "user" : "officer", serial, key_id}, parameters);
}

StoredPin TokenRow::make_pin(PinRole role, ByteView pin, ByteView token_key) const {
  StoredPin made;
  made.cost = cost;
  made.salt = random(salt_size);
  crypto::Sealer sealer(crypto::scrypt(pin, made.salt, made.cost.cost()).view());
  made.key = sealer.seal(token_key, pin_binding(role, made));
  return made;
}

std::optional<Secret> TokenRow::open(PinRole role, ByteView pin) const {
  const StoredPin& stored = this->pin(role);
  crypto::Sealer sealer(crypto::scrypt(pin, stored.salt, stored.cost.cost()).view());
  return sealer.open(stored.key, pin_binding(role, stored));
}

}  // namespace jpki::token
