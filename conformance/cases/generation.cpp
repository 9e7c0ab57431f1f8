// 5.18.2 C_GenerateKeyPair: what comes out, and templates that cannot be.
#include "keys.hpp"

namespace conformance {
namespace {

struct Pair {
  CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE, private_key = CK_INVALID_HANDLE;
};

/// A kind of key pairs: its mechanism and what the public key's template must have.
struct Generation {
  const char* id;
  CK_MECHANISM_TYPE mechanism, signing;
  CK_KEY_TYPE type;
  CK_ATTRIBUTE_TYPE needed;
  const char* chapter;
};
const Generation generations[] = {
    {"rsa", CKM_RSA_PKCS_KEY_PAIR_GEN, CKM_SHA256_RSA_PKCS, CKK_RSA, CKA_MODULUS_BITS, "6.1.4"},
    {"ec", CKM_EC_KEY_PAIR_GEN, CKM_ECDSA_SHA256, CKK_EC, CKA_EC_PARAMS, "6.3.9"},
};

Template public_template(const Generation& generation) {
  Template object;
  object.flag(CKA_TOKEN, false).flag(CKA_VERIFY, true).text(CKA_LABEL, "conformance");
  if (generation.type == CKK_EC) return object.bytes(CKA_EC_PARAMS, vectors::ec_params);
  return object.number(CKA_MODULUS_BITS, 2048).bytes(CKA_PUBLIC_EXPONENT, {1, 0, 1});
}

Template private_template() {
  Template object;
  object.flag(CKA_TOKEN, false).flag(CKA_SIGN, true).flag(CKA_SENSITIVE, true).flag(CKA_EXTRACTABLE, false);
  return object.text(CKA_LABEL, "conformance");
}

CK_RV generate(Run& run, CK_MECHANISM_TYPE type, Template public_part, Template private_part, Pair& pair) {
  CK_MECHANISM mechanism{type, nullptr, 0};
  return run->C_GenerateKeyPair(run.session, &mechanism, public_part.data(), public_part.size(),
                                private_part.data(), private_part.size(), &pair.public_key,
                                &pair.private_key);
}

Pair generated(Run& run, const Generation& generation) {
  run.need(generation.mechanism, CKF_GENERATE_KEY_PAIR);
  Pair pair;
  ok("C_GenerateKeyPair",
     generate(run, generation.mechanism, public_template(generation), private_template(), pair));
  return pair;
}

/// 4.1.1: refused (5.18.2), best with these codes.
void refuses_best(Run& run, const Generation& generation, const Template& public_part,
                  const Template& private_part, const std::vector<CK_RV>& codes) {
  run.need(generation.mechanism, CKF_GENERATE_KEY_PAIR);
  Pair pair;
  refused_best("C_GenerateKeyPair", generate(run, generation.mechanism, public_part, private_part, pair),
               codes);
}

void refuses(Run& run, const Generation& generation, const Template& public_part,
             const Template& private_part, const std::vector<CK_RV>& codes) {
  run.need(generation.mechanism, CKF_GENERATE_KEY_PAIR);
  Pair pair;
  expect("C_GenerateKeyPair", generate(run, generation.mechanism, public_part, private_part, pair), codes);
}

/// 4.1.1: any code that applies; 5.1.8 calls them hard to tell. The size of a key is a value as well as a
/// size.
const std::vector<CK_RV> size_codes = {CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCONSISTENT,
                                       CKR_TEMPLATE_INCOMPLETE, CKR_KEY_SIZE_RANGE, CKR_ARGUMENTS_BAD};
const std::vector<CK_RV> curve_codes = {CKR_CURVE_NOT_SUPPORTED, CKR_DOMAIN_PARAMS_INVALID,
                                        CKR_ATTRIBUTE_VALUE_INVALID, CKR_TEMPLATE_INCONSISTENT,
                                        CKR_ARGUMENTS_BAD};

using Body = void (*)(Run&, const Generation&);
struct Row {
  const char* topic;
  const char* chapter;  ///< NULL: the mechanism's
  const char* sentence;
  Body body;
  Setup setup = Setup::user;
};

const Row rows[] = {
    {"signs", "5.18.2", "the keys belong together: what the one signs is valid for the other",
     [](Run& run, const Generation& generation) {
       const Pair pair = generated(run, generation);
       run.need(generation.signing, CKF_SIGN | CKF_VERIFY);
       CK_MECHANISM mechanism{generation.signing, nullptr, 0};
       Bytes data = vectors::message, room(1024);
       CK_ULONG length = room.size();
       ok("C_SignInit", run->C_SignInit(run.session, &mechanism, pair.private_key));
       ok("C_Sign", run->C_Sign(run.session, data.data(), data.size(), room.data(), &length));
       ok("C_VerifyInit", run->C_VerifyInit(run.session, &mechanism, pair.public_key));
       ok("C_Verify", run->C_Verify(run.session, data.data(), data.size(), room.data(), length));
     }},
    {"local", "5.18.2", "both keys have CKA_LOCAL; CKA_KEY_GEN_MECHANISM tells the mechanism",
     [](Run& run, const Generation& generation) {
       const Pair pair = generated(run, generation);
       const CK_MECHANISM_TYPE type = generation.mechanism;
       const auto* bytes = reinterpret_cast<const unsigned char*>(&type);
       for (const auto key : {pair.public_key, pair.private_key}) {
         equal("CKA_LOCAL", read(run, key, CKA_LOCAL), Bytes({CK_TRUE}));
         equal("CKA_KEY_GEN_MECHANISM", read(run, key, CKA_KEY_GEN_MECHANISM),
               Bytes(bytes, bytes + sizeof type));
       }
     }},
    {"never_open", "4.10", "a key that is generated sensitive and closed was never otherwise",
     [](Run& run, const Generation& generation) {
       const Pair pair = generated(run, generation);
       for (const auto type : {CKA_SENSITIVE, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE}) {
         equal(attribute_text(type), read(run, pair.private_key, type), Bytes({CK_TRUE}));
       }
     }},
    {"closed", "4.10", "the private value of a sensitive key is not told",
     [](Run& run, const Generation& generation) {
       const Pair pair = generated(run, generation);
       CK_ATTRIBUTE value{generation.type == CKK_EC ? CKA_VALUE : CKA_PRIVATE_EXPONENT, nullptr, 0};
       refused_best("C_GetAttributeValue", run->C_GetAttributeValue(run.session, pair.private_key, &value, 1),
                    {CKR_ATTRIBUTE_SENSITIVE});
     }},
    {"session_objects", "4.4", "keys that are session objects end with the session",
     [](Run& run, const Generation& generation) {
       const Pair pair = generated(run, generation);
       const auto other = run.open();
       ok("C_CloseSession", run->C_CloseSession(run.session));
       run.session = other;
       gone(run, pair.public_key);
       gone(run, pair.private_key);
     }},
    {"incomplete", nullptr, "without what describes the key: refused, best with CKR_TEMPLATE_INCOMPLETE",
     [](Run& run, const Generation& generation) {
       refuses_best(run, generation, public_template(generation).without(generation.needed),
                    private_template(), {CKR_TEMPLATE_INCOMPLETE});
     }},
    {"public_key_type", "5.18.2",
     "a key type in the public key's template that is not the mechanism's: "
     "CKR_TEMPLATE_INCONSISTENT",
     [](Run& run, const Generation& generation) {
       refuses(run, generation, public_template(generation).number(CKA_KEY_TYPE, CKK_DSA), private_template(),
               {CKR_TEMPLATE_INCONSISTENT});
     }},
    {"private_key_type", "5.18.2",
     "a key type in the private key's template that is not the mechanism's: "
     "CKR_TEMPLATE_INCONSISTENT",
     [](Run& run, const Generation& generation) {
       refuses(run, generation, public_template(generation), private_template().number(CKA_KEY_TYPE, CKK_DSA),
               {CKR_TEMPLATE_INCONSISTENT});
     }},
    {"public_class", "5.18.2", "another class in the public key's template: CKR_TEMPLATE_INCONSISTENT",
     [](Run& run, const Generation& generation) {
       refuses(run, generation, public_template(generation).number(CKA_CLASS, CKO_PRIVATE_KEY),
               private_template(), {CKR_TEMPLATE_INCONSISTENT});
     }},
    {"private_class", "5.18.2", "another class in the private key's template: CKR_TEMPLATE_INCONSISTENT",
     [](Run& run, const Generation& generation) {
       refuses(run, generation, public_template(generation),
               private_template().number(CKA_CLASS, CKO_PUBLIC_KEY), {CKR_TEMPLATE_INCONSISTENT});
     }},
    {"right_types", "5.18.2", "key type and class need not be told, but may",
     [](Run& run, const Generation& generation) {
       run.need(generation.mechanism, CKF_GENERATE_KEY_PAIR);
       Pair pair;
       ok("C_GenerateKeyPair",
          generate(
              run, generation.mechanism,
              public_template(generation)
                  .number(CKA_CLASS, CKO_PUBLIC_KEY)
                  .number(CKA_KEY_TYPE, generation.type),
              private_template().number(CKA_CLASS, CKO_PRIVATE_KEY).number(CKA_KEY_TYPE, generation.type),
              pair));
     }},
    {"unknown_attribute", "4.1.1",
     "an attribute type that does not exist is refused, best with CKR_ATTRIBUTE_TYPE_INVALID",
     [](Run& run, const Generation& generation) {
       refuses_best(run, generation, public_template(generation), private_template().text(0x7ffffff0, "x"),
                    {CKR_ATTRIBUTE_TYPE_INVALID});
     }},
    {"read_only_attribute", "4.1.1",
     "an attribute that only the library sets is refused, best with CKR_ATTRIBUTE_READ_ONLY",
     [](Run& run, const Generation& generation) {
       refuses_best(run, generation, public_template(generation),
                    private_template().flag(CKA_ALWAYS_SENSITIVE, false),
                    {CKR_ATTRIBUTE_READ_ONLY, CKR_TEMPLATE_INCONSISTENT, CKR_ATTRIBUTE_VALUE_INVALID});
     }},
    {"foreign_attribute", "4.1.1", "an attribute that such a key does not have is refused",
     [](Run& run, const Generation& generation) {
       refuses_best(run, generation, public_template(generation).bytes(CKA_SUBPRIME, {1}), private_template(),
                    {CKR_ATTRIBUTE_TYPE_INVALID, CKR_TEMPLATE_INCONSISTENT});
     }},
    {"bad_boolean", "4.1.1",
     "a truth value of the wrong length is refused, best with CKR_ATTRIBUTE_VALUE_INVALID",
     [](Run& run, const Generation& generation) {
       refuses_best(run, generation, public_template(generation), private_template().bytes(CKA_SIGN, {1, 1}),
                    {CKR_ATTRIBUTE_VALUE_INVALID});
     }},
    {"nothing_left", "5.18.2", "a call that fails makes no key",
     [](Run& run, const Generation& generation) {
       run.need(generation.mechanism, CKF_GENERATE_KEY_PAIR);
       const std::size_t before = find(run, run.session, Template()).size();
       Pair pair;
       const CK_RV rv = generate(run, generation.mechanism, public_template(generation),
                                 private_template().number(CKA_CLASS, CKO_PUBLIC_KEY), pair);
       if (rv == CKR_OK) not_applicable("the call does not fail");
       equal("objects", find(run, run.session, Template()).size(), before);
     }},
    {"token_read_only_session", "5.18.2", "token objects are not made in read-only sessions",
     [](Run& run, const Generation& generation) {
       refuses(run, generation, public_template(generation).flag(CKA_TOKEN, true),
               private_template().flag(CKA_TOKEN, true), {CKR_SESSION_READ_ONLY, CKR_TOKEN_WRITE_PROTECTED});
     }},
    {"private_public_session", "5.1.6", "private objects are not made by who is not logged in",
     [](Run& run, const Generation& generation) {
       if (!run.wants_login()) not_applicable("the token wants no login");
       refuses(run, generation, public_template(generation), private_template().flag(CKA_PRIVATE, true),
               {CKR_USER_NOT_LOGGED_IN});
     },
     Setup::session},
    {"no_place", "5.1.6", "without a place for a handle: CKR_ARGUMENTS_BAD, and no key is made",
     [](Run& run, const Generation& generation) {
       run.need(generation.mechanism, CKF_GENERATE_KEY_PAIR);
       const std::size_t before = find(run, run.session, Template()).size();
       CK_MECHANISM mechanism{generation.mechanism, nullptr, 0};
       Template one = public_template(generation), two = private_template();
       CK_OBJECT_HANDLE handle = 0;
       expect("C_GenerateKeyPair",
              run->C_GenerateKeyPair(run.session, &mechanism, one.data(), one.size(), two.data(), two.size(),
                                     &handle, nullptr),
              {CKR_ARGUMENTS_BAD});
       equal("objects", find(run, run.session, Template()).size(), before);
     }},
};

void add_sizes(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence,
                       std::function<void(Run&)> body) {
    cases.push_back({std::string("key_pair.") + id, chapter, sentence, Setup::user, std::move(body)});
  };
  add("rsa_modulus_bits", "6.1.4", "the modulus has as many bits as were asked for", [](Run& run) {
    const Pair pair = generated(run, generations[0]);
    const Bytes modulus = read(run, pair.public_key, CKA_MODULUS);
    equal("bytes of CKA_MODULUS", modulus.size(), 256);
    require((modulus.front() & 0x80) != 0, "2048 bits", "a leading zero bit");
    equal("CKA_MODULUS of the private key", read(run, pair.private_key, CKA_MODULUS), modulus);
    equal("CKA_PUBLIC_EXPONENT", read(run, pair.public_key, CKA_PUBLIC_EXPONENT), Bytes({1, 0, 1}));
  });
  add("rsa_default_exponent", "6.1.4", "CKA_PUBLIC_EXPONENT may be left out", [](Run& run) {
    run.need(CKM_RSA_PKCS_KEY_PAIR_GEN, CKF_GENERATE_KEY_PAIR);
    Pair pair;
    ok("C_GenerateKeyPair",
       generate(run, CKM_RSA_PKCS_KEY_PAIR_GEN, public_template(generations[0]).without(CKA_PUBLIC_EXPONENT),
                private_template(), pair));
  });
  struct Size {
    const char* id;
    CK_ULONG bits;
  };
  for (const auto& size : {Size{"zero", 0}, Size{"seven", 7}, Size{"huge", ~0UL - 7}}) {
    cases.push_back({std::string("key_pair.rsa_bits_") + size.id, "6.1.4",
                     "a modulus of no possible size is refused", Setup::user, [size](Run& run) {
                       refuses_best(run, generations[0],
                                    public_template(generations[0]).number(CKA_MODULUS_BITS, size.bits),
                                    private_template(), size_codes);
                     }});
  }
  add("rsa_below_minimum", "3.5", "a size below ulMinKeySize is refused", [](Run& run) {
    run.need(CKM_RSA_PKCS_KEY_PAIR_GEN, CKF_GENERATE_KEY_PAIR);
    CK_MECHANISM_INFO info{};
    ok("C_GetMechanismInfo", run->C_GetMechanismInfo(run.slot, CKM_RSA_PKCS_KEY_PAIR_GEN, &info));
    if (info.ulMinKeySize < 64) not_applicable("ulMinKeySize is no limit");
    refuses_best(run, generations[0],
                 public_template(generations[0]).number(CKA_MODULUS_BITS, info.ulMinKeySize - 8),
                 private_template(), size_codes);
  });
  add("rsa_even_exponent", "6.1.4",
      "an exponent that cannot be used, an even one, is CKR_TEMPLATE_INCONSISTENT", [](Run& run) {
        refuses(run, generations[0], public_template(generations[0]).bytes(CKA_PUBLIC_EXPONENT, {1, 0, 0}),
                private_template(), {CKR_TEMPLATE_INCONSISTENT});
      });
  add("ec_unknown_curve", "6.3", "parameters of no curve are refused", [](Run& run) {
    refuses_best(run, generations[1],
                 public_template(generations[1]).bytes(CKA_EC_PARAMS, {6, 3, 0x2a, 3, 4}), private_template(),
                 curve_codes);
  });
  add("ec_noise", "6.3", "parameters that are no DER are refused", [](Run& run) {
    refuses_best(run, generations[1],
                 public_template(generations[1]).bytes(CKA_EC_PARAMS, {0xff, 0xff, 0xff}), private_template(),
                 curve_codes);
  });
  for (const auto type : {0x7ffffff0UL, CKM_SHA256_RSA_PKCS}) {
    add(type == CKM_SHA256_RSA_PKCS ? "unfit_mechanism" : "unknown_mechanism", "5.1.6",
        "a mechanism that makes no key pairs: CKR_MECHANISM_INVALID", [type](Run& run) {
          Pair pair;
          expect("C_GenerateKeyPair",
                 generate(run, type, public_template(generations[0]), private_template(), pair),
                 // A token that makes token objects only may see the session first.
                 {CKR_MECHANISM_INVALID, CKR_SESSION_READ_ONLY, CKR_TOKEN_WRITE_PROTECTED});
        });
  }
}

}  // namespace

void add_generation(Cases& cases) {
  for (const auto& generation : generations) {
    for (const auto& row : rows) {
      cases.push_back({std::string("key_pair.") + generation.id + "_" + row.topic,
                       row.chapter != nullptr ? row.chapter : generation.chapter, row.sentence, row.setup,
                       [&row, &generation](Run& run) { row.body(run, generation); }});
    }
  }
  add_sizes(cases);
}

}  // namespace conformance
