// Schema 1 of a software token's file.
//
//   token    one row: label, serial number, the costs and counters of PINs, the token key wrapped under each
//   PIN
//            (pins: salt, wrapped key), how many objects there are and the sum of their listings' checksums
//   listing  one small row an object: what searches look for
//   bodies   one row an object: all its attributes; those of private objects sealed, and of others the secret
//   ones
//
// All numbers that matter are covered by a checksum of their row; sealed texts by their tag (soft_rows.hpp).
#include <array>
#include <span>

#include "token/soft_database.hpp"

namespace jpki::token {
namespace {

constexpr std::array<Table, 3> tables{{
    {"token",
     "CREATE TABLE token(one INTEGER PRIMARY KEY, machine INTEGER, label TEXT, serial TEXT, flags INTEGER, "
     "n INTEGER, r INTEGER, p INTEGER, key_id BLOB, generation INTEGER, next_id INTEGER, objects INTEGER, "
     "listing_sum BLOB, "
     "user_limit INTEGER, user_left INTEGER, user_n INTEGER, user_r INTEGER, user_p INTEGER, user_salt BLOB, "
     "user_key BLOB, "
     "officer_limit INTEGER, officer_left INTEGER, officer_n INTEGER, officer_r INTEGER, officer_p INTEGER, "
     "officer_salt BLOB, officer_key BLOB, checksum BLOB)"},
    {"listing",
     "CREATE TABLE listing(id INTEGER PRIMARY KEY, version INTEGER, private INTEGER, brief BLOB, checksum "
     "BLOB)"},
    {"bodies",
     "CREATE TABLE bodies(id INTEGER PRIMARY KEY, version INTEGER, body BLOB, secrets BLOB, checksum BLOB)"},
}};

constexpr std::array<const char*, sql_count> texts{
    "BEGIN",
    "BEGIN IMMEDIATE",
    "COMMIT",
    "ROLLBACK",
    "SELECT * FROM token",
    "REPLACE INTO token VALUES(?,?,?,?,?, ?,?,?,?,?,?,?, ?, ?,?,?,?,?,?,?, ?,?,?,?,?,?,?, ?)",
    "SELECT id, version, private, brief, checksum FROM listing ORDER BY id",
    "SELECT version, private, brief, checksum FROM listing WHERE id=?",
    "REPLACE INTO listing VALUES(?,?,?,?,?)",
    "DELETE FROM listing WHERE id=?",
    "SELECT version, body, secrets, checksum FROM bodies WHERE id=?",
    "REPLACE INTO bodies VALUES(?,?,?,?,?)",
    "DELETE FROM bodies WHERE id=?",
    "DELETE FROM listing",
    "DELETE FROM bodies",
};

}  // namespace

// cppcheck-suppress CastIntegerToAddressAtReturn ; it takes the array's elements for numbers
const char* text_of(Sql sql) { return texts[static_cast<std::size_t>(sql)]; }
std::span<const Table> schema_tables() { return tables; }

}  // namespace jpki::token
