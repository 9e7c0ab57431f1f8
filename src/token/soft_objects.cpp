// Objects in a software token's file.
#include <algorithm>

#include "token/soft_store_impl.hpp"

namespace jpki::token {
namespace {

using Reason = StoreError::Reason;
using Store = SoftStore::Impl;

constexpr std::size_t max_brief = 64 << 10;

void require_sound(bool sound) {
  if (!sound) throw StoreError(Reason::corrupt, "an object's row is not as it was written");
}

/// A row of `listing`, as it is in the statement's hands.
struct ListingRow {
  std::int64_t id = 0, version = 0, is_private = 0;
  ByteView brief;
};

Checksum sum_of(Store& store, const ListingRow& row) {
  return store.summer.add(bytes_of("listing"))
      .add(bytes_of(store.serial))
      .add(row.id)
      .add(row.version)
      .add(row.is_private)
      .add(row.brief)
      .finish();
}

Checksum body_sum(Store& store, const ListingRow& row, ByteView body, ByteView secrets) {
  return store.summer.add(bytes_of("body"))
      .add(bytes_of(store.serial))
      .add(row.id)
      .add(row.version)
      .add(row.is_private)
      .add(body)
      .add(secrets)
      .finish();
}

Place place_of(const Store& store, const char* part, const ListingRow& row) {
  return {part, store.serial, store.key_id, row.id, row.version};
}

Bytes seal(Store& store, const char* part, const ListingRow& row, ByteView text, ByteView types = {}) {
  crypto::Sealer& sealer = store.user_sealer();
  return sealer.seal(text, binding(place_of(store, part, row), types));
}

/// Opens what is sealed and takes the attributes in it.
void open(Store& store, const char* part, const ListingRow& row, ByteView sealed,
          core::AttributeMap& attributes, ByteView types = {}) {
  require_sound(sealed.size() >= crypto::seal_overhead);
  WipedBytes text(sealed.size() - crypto::seal_overhead);
  require_sound(store.user_sealer().open(sealed, binding(place_of(store, part, row), types), text));
  decode(text, attributes);
}

void read_brief(Store& store, const ListingRow& row, core::AttributeMap& attributes) {
  attributes.reserve(brief_types.size(), row.brief.size());
  if (row.is_private != 0) {
    open(store, "brief", row, row.brief, attributes);
  } else {
    decode(row.brief, attributes);
  }
  require_sound(attributes.flag(CKA_PRIVATE) == (row.is_private != 0));
}

/// The row of one object, checked. Throws StoreError (no_object).
struct Found {
  Found(Store& store, std::uint64_t id) : run(store.database.run(Sql::find_listed)) {
    row.id = static_cast<std::int64_t>(id);
    run.bind(row.id);
    if (!run.step()) throw StoreError(Reason::no_object, "the object is not there");
    row.version = run.integer(0);
    row.is_private = run.integer(1);
    row.brief = run.bytes(2);
    checksum = checksum_of(run.bytes(3));
    require_sound(checksum == sum_of(store, row));
  }
  Run run;
  ListingRow row;
  Checksum checksum{};
};

/// Takes an object's listing out of the sums. What is private, and what has secrets, is the user's to change.
void unlist(ChangeScope& scope, std::uint64_t id) {
  const Found found(scope.store, id);
  if (found.row.is_private != 0) static_cast<void>(scope.store.user_sealer());
  require_sound(scope.token.objects > 0);
  --scope.token.objects;
  combine(scope.token.listing_sum, found.checksum);
}

/// Whether an object has sealed attributes of which nobody but the user can make a new version.
bool has_secrets(Store& store, std::uint64_t id) {
  Run run = store.database.run(Sql::find_body);
  run.bind(static_cast<std::int64_t>(id));
  require_sound(run.step());
  return !run.bytes(2).empty();
}

struct Body {
  WipedBytes body;
  Bytes secrets;
};

/// Sealed as a whole or in part; for an object of which nothing is secret, in the clear.
Body make_body(Store& store, const ListingRow& row, const core::AttributeMap& attributes,
               AttributeTypes secret) {
  if (row.is_private != 0) {
    const Bytes sealed = seal(store, "body", row, encode(attributes));
    return {{sealed.begin(), sealed.end()}, {}};
  }
  Body made{encode(attributes, Part::others, secret), {}};
  const WipedBytes text = encode(attributes, Part::those, secret);
  if (text.empty()) return made;
  made.secrets = type_list(attributes, secret);
  append(made.secrets, seal(store, "secrets", row, text, made.secrets));
  return made;
}

void write_body(ChangeScope& scope, const ListingRow& row, const core::AttributeMap& attributes,
                AttributeTypes secret) {
  const Body made = make_body(scope.store, row, attributes, secret);
  const Checksum checksum = body_sum(scope.store, row, made.body, made.secrets);
  Run run = scope.store.database.run(Sql::write_body);
  run.bind(row.id)
      .bind(row.version)
      .bind(ByteView(made.body))
      .bind(ByteView(made.secrets))
      .bind(ByteView(checksum));
  run.step();
}

void write_listing(ChangeScope& scope, ListingRow& row, const core::AttributeMap& attributes) {
  WipedBytes brief = encode(attributes, Part::those, brief_types);
  if (brief.size() > max_brief) throw StoreError(Reason::too_large, "the object's label or id is too long");
  if (row.is_private != 0) {
    const Bytes sealed = seal(scope.store, "brief", row, brief);
    brief.assign(sealed.begin(), sealed.end());
  }
  row.brief = brief;
  const Checksum checksum = sum_of(scope.store, row);
  Run run = scope.store.database.run(Sql::write_listed);
  run.bind(row.id).bind(row.version).bind(row.is_private).bind(row.brief).bind(ByteView(checksum));
  run.step();
  combine(scope.token.listing_sum, checksum);
  ++scope.token.objects;
}

void write_object(ChangeScope& scope, std::int64_t id, const core::AttributeMap& attributes,
                  AttributeTypes secret) {
  ListingRow row{id, scope.next_generation(), attributes.flag(CKA_PRIVATE) ? 1 : 0, {}};
  write_listing(scope, row, attributes);
  write_body(scope, row, attributes, secret);
}

void erase_rows(ChangeScope& scope, std::uint64_t id) {
  for (const Sql sql : {Sql::erase_listed, Sql::erase_body}) {
    scope.store.database.run(sql).bind(static_cast<std::int64_t>(id)).step();
    require_sound(scope.store.database.changed() == 1);
  }
}

}  // namespace

std::vector<Listed> list_objects(ReadScope& scope) {
  Store& store = scope.store;
  std::vector<Listed> objects;
  objects.reserve(static_cast<std::size_t>(std::clamp<std::int64_t>(scope.token.objects, 0, 1 << 16)));
  Checksum sum{};
  std::int64_t count = 0, last = 0;
  Run run = store.database.run(Sql::list);
  while (run.step()) {
    const ListingRow row{run.integer(0), run.integer(1), run.integer(2), run.bytes(3)};
    const Checksum checksum = checksum_of(run.bytes(4));
    require_sound(row.id > last && row.id < scope.token.next_id && checksum == sum_of(store, row));
    combine(sum, checksum);
    last = row.id;
    ++count;
    if (row.is_private != 0 && !store.user_holds_key()) continue;
    Listed& listed = objects.emplace_back();
    listed.id = static_cast<std::uint64_t>(row.id);
    listed.version = static_cast<std::uint64_t>(row.version);
    read_brief(store, row, listed.brief);
  }
  if (count != scope.token.objects || sum != scope.token.listing_sum) {
    throw StoreError(Reason::corrupt, "some objects are missing, or there are too many");
  }
  return objects;
}

StoredObject load_object(Store& store, const TokenRow& token, std::uint64_t id) {
  const Found found(store, id);
  const ListingRow& row = found.row;
  require_sound(row.id > 0 && row.id < token.next_id);
  StoredObject object{id, static_cast<std::uint64_t>(row.version), {}, false};
  Run run = store.database.run(Sql::find_body);
  run.bind(row.id);
  require_sound(run.step() && run.integer(0) == row.version);
  const ByteView body = run.bytes(1), secrets = run.bytes(2);
  require_sound(checksum_of(run.bytes(3)) == body_sum(store, row, body, secrets));
  if (row.is_private != 0) {
    open(store, "body", row, body, object.attributes);
  } else {
    decode(body, object.attributes);
  }
  if (!secrets.empty()) {
    const std::size_t types = type_list_size(secrets);
    object.sealed = !store.user_holds_key();
    if (!object.sealed) {
      open(store, "secrets", row, secrets.subspan(types), object.attributes, secrets.first(types));
    }
  }
  return object;
}

std::uint64_t insert_object(ChangeScope& scope, const core::AttributeMap& attributes, AttributeTypes secret) {
  const std::int64_t id = scope.token.next_id++;
  write_object(scope, id, attributes, secret);
  return static_cast<std::uint64_t>(id);
}

void replace_object(ChangeScope& scope, std::uint64_t id, const core::AttributeMap& attributes,
                    AttributeTypes secret) {
  unlist(scope, id);
  if (has_secrets(scope.store, id)) static_cast<void>(scope.store.user_sealer());
  write_object(scope, static_cast<std::int64_t>(id), attributes, secret);
}

void erase_object(ChangeScope& scope, std::uint64_t id) {
  unlist(scope, id);
  erase_rows(scope, id);
}

void erase_all_objects(ChangeScope& scope) {
  scope.store.database.execute(Sql::erase_all_listed);
  scope.store.database.execute(Sql::erase_all_bodies);
  scope.token.objects = 0;
  scope.token.listing_sum = {};
}

}  // namespace jpki::token
