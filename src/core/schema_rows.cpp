// The rows. Order and names follow the standard's tables.
#include <array>

#include "core/schema.hpp"

namespace jpki::core {
namespace {

using Kind = ValueKind;
using namespace footnote;
constexpr CK_OBJECT_CLASS data = CKO_DATA, crt = CKO_CERTIFICATE, pub = CKO_PUBLIC_KEY, prv = CKO_PRIVATE_KEY;
constexpr Footnotes by_token = not_created | not_generated;  // the token alone sets it
constexpr Footnotes imported = required | not_generated;     // given at creation, made at generation

// class, key type, attribute, kind, footnotes, default
constexpr std::array rules = std::to_array<AttributeRule>({
    // 4.9: private keys are private unless the template says otherwise
    {prv, any_key, CKA_PRIVATE, Kind::boolean, on_copy, Default::yes},
    // 4.4 storage objects
    {any_class, any_key, CKA_CLASS, Kind::number, required, Default::none},
    {any_class, any_key, CKA_TOKEN, Kind::boolean, on_copy, Default::no},
    {any_class, any_key, CKA_PRIVATE, Kind::boolean, on_copy, Default::no},
    {any_class, any_key, CKA_MODIFIABLE, Kind::boolean, on_copy, Default::yes},
    {any_class, any_key, CKA_LABEL, Kind::text, modifiable, Default::empty},
    {any_class, any_key, CKA_COPYABLE, Kind::boolean, stays_false | modifiable, Default::yes},
    {any_class, any_key, CKA_DESTROYABLE, Kind::boolean, on_copy, Default::yes},
    {any_class, any_key, CKA_UNIQUE_ID, Kind::text, by_token, Default::none},
    // 4.5 data objects
    {data, any_key, CKA_APPLICATION, Kind::text, modifiable, Default::empty},
    {data, any_key, CKA_OBJECT_ID, Kind::bytes, modifiable, Default::empty},
    {data, any_key, CKA_VALUE, Kind::bytes, modifiable, Default::empty},
    // 4.6 certificates, 4.6.3 X.509
    {crt, any_key, CKA_CERTIFICATE_TYPE, Kind::number, required, Default::none},
    {crt, any_key, CKA_TRUSTED, Kind::boolean, by_officer | modifiable, Default::no},
    {crt, any_key, CKA_CERTIFICATE_CATEGORY, Kind::number, 0, Default::zero},
    {crt, any_key, CKA_CHECK_VALUE, Kind::bytes, 0, Default::none},
    {crt, any_key, CKA_START_DATE, Kind::date, 0, Default::empty},
    {crt, any_key, CKA_END_DATE, Kind::date, 0, Default::empty},
    {crt, any_key, CKA_PUBLIC_KEY_INFO, Kind::bytes, 0, Default::none},
    {crt, any_key, CKA_SUBJECT, Kind::bytes, required, Default::none},
    {crt, any_key, CKA_ID, Kind::bytes, modifiable, Default::empty},
    {crt, any_key, CKA_ISSUER, Kind::bytes, modifiable, Default::empty},
    {crt, any_key, CKA_SERIAL_NUMBER, Kind::bytes, modifiable, Default::empty},
    {crt, any_key, CKA_VALUE, Kind::bytes, required, Default::none},
    {crt, any_key, CKA_URL, Kind::text, 0, Default::empty},
    {crt, any_key, CKA_HASH_OF_SUBJECT_PUBLIC_KEY, Kind::bytes, 0, Default::empty},
    {crt, any_key, CKA_HASH_OF_ISSUER_PUBLIC_KEY, Kind::bytes, 0, Default::empty},
    {crt, any_key, CKA_JAVA_MIDP_SECURITY_DOMAIN, Kind::number, 0, Default::zero},
    {crt, any_key, CKA_NAME_HASH_ALGORITHM, Kind::number, 0, Default::none},
    // 4.7 keys, 4.8 public keys
    {pub, any_key, CKA_KEY_TYPE, Kind::number, required, Default::none},
    {pub, any_key, CKA_ID, Kind::bytes, modifiable, Default::empty},
    {pub, any_key, CKA_START_DATE, Kind::date, modifiable, Default::empty},
    {pub, any_key, CKA_END_DATE, Kind::date, modifiable, Default::empty},
    {pub, any_key, CKA_DERIVE, Kind::boolean, modifiable, Default::no},
    {pub, any_key, CKA_LOCAL, Kind::boolean, by_token, Default::no},
    {pub, any_key, CKA_KEY_GEN_MECHANISM, Kind::number, by_token, Default::unavailable},
    {pub, any_key, CKA_ALLOWED_MECHANISMS, Kind::mechanisms, 0, Default::none},
    {pub, any_key, CKA_SUBJECT, Kind::bytes, modifiable, Default::empty},
    {pub, CKK_RSA, CKA_ENCRYPT, Kind::boolean, modifiable, Default::yes},
    {pub, any_key, CKA_ENCRYPT, Kind::boolean, modifiable, Default::no},
    {pub, any_key, CKA_VERIFY, Kind::boolean, modifiable, Default::yes},
    {pub, CKK_RSA, CKA_VERIFY_RECOVER, Kind::boolean, modifiable, Default::yes},
    {pub, any_key, CKA_VERIFY_RECOVER, Kind::boolean, modifiable, Default::no},
    {pub, any_key, CKA_WRAP, Kind::boolean, modifiable, Default::no},
    {pub, any_key, CKA_ENCAPSULATE, Kind::boolean, modifiable, Default::no},
    {pub, any_key, CKA_TRUSTED, Kind::boolean, by_officer | modifiable, Default::no},
    {pub, any_key, CKA_PUBLIC_KEY_INFO, Kind::bytes, 0, Default::none},
    // 6.1.2 RSA, 6.3.3 EC, 6.3.5 Edwards public keys
    {pub, CKK_RSA, CKA_MODULUS, Kind::bytes, imported, Default::none},
    {pub, CKK_RSA, CKA_MODULUS_BITS, Kind::number, not_created | required_generated, Default::none},
    {pub, CKK_RSA, CKA_PUBLIC_EXPONENT, Kind::bytes, required, Default::none},
    {pub, CKK_EC, CKA_EC_PARAMS, Kind::bytes, required | required_generated, Default::none},
    {pub, CKK_EC, CKA_EC_POINT, Kind::bytes, imported, Default::none},
    {pub, CKK_EC_EDWARDS, CKA_EC_PARAMS, Kind::bytes, required | required_generated, Default::none},
    {pub, CKK_EC_EDWARDS, CKA_EC_POINT, Kind::bytes, imported, Default::none},
    // 4.9 private keys
    {prv, any_key, CKA_KEY_TYPE, Kind::number, required, Default::none},
    {prv, any_key, CKA_ID, Kind::bytes, modifiable, Default::empty},
    {prv, any_key, CKA_START_DATE, Kind::date, modifiable, Default::empty},
    {prv, any_key, CKA_END_DATE, Kind::date, modifiable, Default::empty},
    {prv, any_key, CKA_DERIVE, Kind::boolean, modifiable, Default::no},
    {prv, any_key, CKA_LOCAL, Kind::boolean, by_token, Default::no},
    {prv, any_key, CKA_KEY_GEN_MECHANISM, Kind::number, by_token, Default::unavailable},
    {prv, any_key, CKA_ALLOWED_MECHANISMS, Kind::mechanisms, 0, Default::none},
    {prv, any_key, CKA_SUBJECT, Kind::bytes, modifiable, Default::empty},
    {prv, any_key, CKA_SENSITIVE, Kind::boolean, modifiable | stays_true, Default::yes},
    {prv, CKK_RSA, CKA_DECRYPT, Kind::boolean, modifiable, Default::yes},
    {prv, any_key, CKA_DECRYPT, Kind::boolean, modifiable, Default::no},
    {prv, any_key, CKA_SIGN, Kind::boolean, modifiable, Default::yes},
    {prv, CKK_RSA, CKA_SIGN_RECOVER, Kind::boolean, modifiable, Default::yes},
    {prv, any_key, CKA_SIGN_RECOVER, Kind::boolean, modifiable, Default::no},
    {prv, any_key, CKA_UNWRAP, Kind::boolean, modifiable, Default::no},
    {prv, any_key, CKA_DECAPSULATE, Kind::boolean, modifiable, Default::no},
    {prv, any_key, CKA_EXTRACTABLE, Kind::boolean, modifiable | stays_false, Default::no},
    {prv, any_key, CKA_ALWAYS_SENSITIVE, Kind::boolean, by_token, Default::no},
    {prv, any_key, CKA_NEVER_EXTRACTABLE, Kind::boolean, by_token, Default::no},
    {prv, any_key, CKA_WRAP_WITH_TRUSTED, Kind::boolean, modifiable | stays_true, Default::no},
    {prv, any_key, CKA_ALWAYS_AUTHENTICATE, Kind::boolean, 0, Default::no},
    {prv, any_key, CKA_PUBLIC_KEY_INFO, Kind::bytes, 0, Default::none},
    // 6.1.3 RSA private keys: the primes and what follows from them may be left out and are then computed
    {prv, CKK_RSA, CKA_MODULUS, Kind::bytes, imported, Default::none},
    {prv, CKK_RSA, CKA_PUBLIC_EXPONENT, Kind::bytes, not_generated, Default::none},
    {prv, CKK_RSA, CKA_PRIVATE_EXPONENT, Kind::bytes, imported | sensitive, Default::none},
    {prv, CKK_RSA, CKA_PRIME_1, Kind::bytes, not_generated | sensitive, Default::none},
    {prv, CKK_RSA, CKA_PRIME_2, Kind::bytes, not_generated | sensitive, Default::none},
    {prv, CKK_RSA, CKA_EXPONENT_1, Kind::bytes, not_generated | sensitive, Default::none},
    {prv, CKK_RSA, CKA_EXPONENT_2, Kind::bytes, not_generated | sensitive, Default::none},
    {prv, CKK_RSA, CKA_COEFFICIENT, Kind::bytes, not_generated | sensitive, Default::none},
    // 6.3.4 EC, 6.3.6 Edwards private keys
    {prv, CKK_EC, CKA_EC_PARAMS, Kind::bytes, imported, Default::none},
    {prv, CKK_EC, CKA_VALUE, Kind::bytes, imported | sensitive, Default::none},
    {prv, CKK_EC_EDWARDS, CKA_EC_PARAMS, Kind::bytes, imported, Default::none},
    {prv, CKK_EC_EDWARDS, CKA_VALUE, Kind::bytes, imported | sensitive, Default::none},
});

}  // namespace

std::span<const AttributeRule> attribute_rules() { return rules; }

}  // namespace jpki::core
