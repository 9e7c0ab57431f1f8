// Arguments that make no sense, beyond NULL and zero (every_function.cpp) and odd addresses (pointers.cpp):
// counts, lengths and flags that no program means. Nothing crashes, and what comes afterwards works.
#include <algorithm>

#include "operations.hpp"

namespace conformance {
namespace {

using Body = std::function<void(Run&)>;

constexpr CK_ATTRIBUTE_TYPE no_attribute = 0x7ffffff0;

/// Some object: the token's own or, if it has none, a session object.
CK_OBJECT_HANDLE some_object(Run& run) {
  const auto objects = find(run, run.session, Template());
  return objects.empty() ? datum(run) : objects.front();
}

void add_reads(Cases& cases) {
  const auto add = [&](const char* id, const char* sentence, Body body) {
    cases.push_back({std::string("get_attribute.") + id, "5.7.5", sentence, Setup::user, std::move(body)});
  };
  add("ten_thousand", "each of ten thousand attributes is answered, the refused ones beside the others",
      [](Run& run) {
        const auto object = some_object(run);
        std::vector<CK_ULONG> values(10000, 0xa5);
        std::vector<CK_ATTRIBUTE> attributes;
        for (auto& value : values) {
          const bool known = attributes.size() % 2 == 0;
          attributes.push_back({known ? CKA_CLASS : no_attribute, &value, sizeof value});
        }
        refused_best("C_GetAttributeValue of 10,000",
                     run->C_GetAttributeValue(run.session, object, attributes.data(), attributes.size()),
                     {CKR_ATTRIBUTE_TYPE_INVALID});
        for (std::size_t index = 0; index < attributes.size(); ++index) {
          equal("ulValueLen", attributes[index].ulValueLen,
                index % 2 == 0 ? sizeof(CK_OBJECT_CLASS) : CK_UNAVAILABLE_INFORMATION);
        }
        require(std::ranges::count(values, values.front()) == 5000, "5,000 values", "other values");
      });
  add("same_twice", "an attribute that is asked twice is answered twice", [](Run& run) {
    CK_ULONG one = ~0UL, two = ~0UL;
    CK_ATTRIBUTE attributes[] = {{CKA_CLASS, &one, sizeof one}, {CKA_CLASS, &two, sizeof two}};
    ok("C_GetAttributeValue", run->C_GetAttributeValue(run.session, some_object(run), attributes, 2));
    equal("the second value", two, one);
  });
  add("room_of_no_byte", "a buffer of no byte that is not NULL is too small, no question for the length",
      [](Run& run) {
        CK_BYTE place = 0xa5;
        CK_ATTRIBUTE attribute{CKA_CLASS, &place, 0};
        refused_best("C_GetAttributeValue",
                     run->C_GetAttributeValue(run.session, some_object(run), &attribute, 1),
                     {CKR_BUFFER_TOO_SMALL});
        equal("ulValueLen", attribute.ulValueLen, CK_UNAVAILABLE_INFORMATION);
        equal("the byte there", place, 0xa5);
      });
  add("length_left_over",
      "with NULL for the value, an ulValueLen of CK_UNAVAILABLE_INFORMATION is a question for the length",
      [](Run& run) {
        CK_ATTRIBUTE attribute{CKA_CLASS, nullptr, CK_UNAVAILABLE_INFORMATION};
        ok("C_GetAttributeValue", run->C_GetAttributeValue(run.session, some_object(run), &attribute, 1));
        equal("ulValueLen", attribute.ulValueLen, sizeof(CK_OBJECT_CLASS));
      });
}

void add_searches(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence, Body body) {
    cases.push_back({std::string("find.") + id, chapter, sentence, Setup::user, std::move(body)});
  };
  add("room_for_none", "5.7.8", "with room for no handle none is given, and the search goes on",
      [](Run& run) {
        const auto all = find(run, run.session, Template());
        ok("C_FindObjectsInit", run->C_FindObjectsInit(run.session, nullptr, 0));
        CK_OBJECT_HANDLE place = 0xa5;
        CK_ULONG count = 77;
        const CK_RV rv = run->C_FindObjects(run.session, &place, 0, &count);
        expect("C_FindObjects with ulMaxObjectCount 0", rv, {CKR_OK, CKR_ARGUMENTS_BAD});
        if (rv == CKR_OK) equal("handles", count, 0);
        equal("the place", place, 0xa5);
        std::vector<CK_OBJECT_HANDLE> rest(all.size() + 1);
        ok("C_FindObjects", run->C_FindObjects(run.session, rest.data(), rest.size(), &count));
        equal("objects", count, all.size());
      });
  add("huge_room", "5.7.8", "a room said to be huge is filled with what there is", [](Run& run) {
    const auto wanted = Template().number(CKA_CLASS, CKO_DATA).text(CKA_LABEL, "conformance: no such label");
    Template none = wanted;
    ok("C_FindObjectsInit", run->C_FindObjectsInit(run.session, none.data(), none.size()));
    CK_OBJECT_HANDLE place = 0xa5;
    CK_ULONG count = 77;
    const CK_RV rv = run->C_FindObjects(run.session, &place, ~0UL - 7, &count);
    if (rv != CKR_OK) not_applicable("there is no such room, and the module says so: " + rv_text(rv));
    equal("objects", count, 0);
    equal("the place", place, 0xa5);
  });
  add("no_room", "5.7.8", "without a place for handles: CKR_ARGUMENTS_BAD", [](Run& run) {
    ok("C_FindObjectsInit", run->C_FindObjectsInit(run.session, nullptr, 0));
    CK_ULONG count = 0;
    expect("C_FindObjects with NULL", run->C_FindObjects(run.session, nullptr, 5, &count),
           {CKR_ARGUMENTS_BAD});
  });
  add("no_count", "5.7.8", "without a place for their number: CKR_ARGUMENTS_BAD", [](Run& run) {
    ok("C_FindObjectsInit", run->C_FindObjectsInit(run.session, nullptr, 0));
    CK_OBJECT_HANDLE place = 0;
    expect("C_FindObjects with NULL", run->C_FindObjects(run.session, &place, 1, nullptr),
           {CKR_ARGUMENTS_BAD});
  });
  add("template_at_null", "5.7.7", "a template at NULL with a number of attributes begins no search",
      [](Run& run) {
        refused("C_FindObjectsInit", run->C_FindObjectsInit(run.session, nullptr, 3));
        expect("C_FindObjectsFinal", run->C_FindObjectsFinal(run.session), {CKR_OPERATION_NOT_INITIALIZED});
      });
  add("value_at_null", "5.7.7", "a value at NULL with a length is no value: refused, or nothing has it",
      [](Run& run) {
        CK_ATTRIBUTE wanted{CKA_LABEL, nullptr, 5};
        const CK_RV rv = run->C_FindObjectsInit(run.session, &wanted, 1);
        if (rv != CKR_OK) return refused("C_FindObjectsInit", rv);
        CK_OBJECT_HANDLE place = 0;
        CK_ULONG count = 77;
        ok("C_FindObjects", run->C_FindObjects(run.session, &place, 1, &count));
        equal("objects", count, 0);
      });
  add("empty_value", "5.7.7", "an empty value is one: only what has it empty is found", [](Run& run) {
    const auto empty = import_key(run, data_template().text(CKA_APPLICATION, ""));
    const auto full = import_key(run, data_template().text(CKA_APPLICATION, "x"));
    const auto found =
        find(run, run.session, Template().number(CKA_CLASS, CKO_DATA).text(CKA_APPLICATION, ""));
    require(std::ranges::find(found, empty) != found.end(), "the object with an empty value", "not found");
    require(std::ranges::find(found, full) == found.end(), "the other one not found", "found");
  });
  add("same_twice", "5.7.7", "a value that is asked twice is asked once; two values at once has nothing",
      [](Run& run) {
        (void)datum(run);
        CK_OBJECT_CLASS data = CKO_DATA, other = CKO_CERTIFICATE, place = 0;
        CK_ATTRIBUTE same[] = {{CKA_CLASS, &data, sizeof data}, {CKA_CLASS, &data, sizeof data}};
        CK_ATTRIBUTE two[] = {{CKA_CLASS, &data, sizeof data}, {CKA_CLASS, &other, sizeof other}};
        CK_ULONG count = 0;
        ok("C_FindObjectsInit", run->C_FindObjectsInit(run.session, same, 2));
        ok("C_FindObjects", run->C_FindObjects(run.session, &place, 1, &count));
        equal("objects of the class", count, 1);
        ok("C_FindObjectsFinal", run->C_FindObjectsFinal(run.session));
        const CK_RV rv = run->C_FindObjectsInit(run.session, two, 2);
        if (rv != CKR_OK) return refused("C_FindObjectsInit of two classes", rv);
        ok("C_FindObjects", run->C_FindObjects(run.session, &place, 1, &count));
        equal("objects of two classes", count, 0);
      });
}

void add_flags(Cases& cases) {
  const auto add = [&](const char* id, const char* chapter, const char* sentence, Setup setup, Body body) {
    cases.push_back({id, chapter, sentence, setup, std::move(body)});
  };
  add("session_cancel.all_flags", "5.6.5", "with the flags of all operations every operation is ended",
      Setup::session, [](Run& run) {
        const auto& calls = run.v3_0();
        Job job = kind("digest").job(run);
        const auto objects = find(run, run.session, Template());
        begin(run, kind("digest"), job);
        const CK_RV searching = run->C_FindObjectsInit(run.session, nullptr, 0);
        expect("C_FindObjectsInit", searching, {CKR_OK, CKR_OPERATION_ACTIVE});
        const CK_FLAGS all = CKF_ENCRYPT | CKF_DECRYPT | CKF_DIGEST | CKF_SIGN | CKF_SIGN_RECOVER |
                             CKF_VERIFY | CKF_VERIFY_RECOVER | CKF_FIND_OBJECTS | CKF_MESSAGE_ENCRYPT |
                             CKF_MESSAGE_DECRYPT | CKF_MESSAGE_SIGN | CKF_MESSAGE_VERIFY;
        const CK_RV rv = calls.C_SessionCancel(run.session, all);
        if (rv == CKR_OPERATION_CANCEL_FAILED) not_applicable("the module cannot cancel all, and says so");
        ok("C_SessionCancel", rv);
        expect("C_Digest", finish(run, kind("digest"), job).rv, {CKR_OPERATION_NOT_INITIALIZED});
        if (searching == CKR_OK && !objects.empty()) search_ended(run);
      });
  add("interface.all_flags", "5.4.6", "an interface with flags that none has is refused", Setup::loaded,
      [](Run& run) {
        const auto get = run.module.function<CK_C_GetInterface>("C_GetInterface");
        if (get == nullptr) not_applicable("the module exports no C_GetInterface");
        CK_INTERFACE* found = nullptr;
        expect("C_GetInterface with every flag", get(nullptr, nullptr, &found, ~0UL),
               {CKR_ARGUMENTS_BAD, CKR_FUNCTION_FAILED});
      });
  add("interface.empty_name", "5.4.6", "the empty name is no interface's", Setup::loaded, [](Run& run) {
    const auto get = run.module.function<CK_C_GetInterface>("C_GetInterface");
    if (get == nullptr) not_applicable("the module exports no C_GetInterface");
    CK_UTF8CHAR name[] = "";
    CK_INTERFACE* found = nullptr;
    expect("C_GetInterface with \"\"", get(name, nullptr, &found, 0),
           {CKR_ARGUMENTS_BAD, CKR_FUNCTION_FAILED});
  });
  add("interface.version_alone", "5.4.6", "without a name, the version still has to match", Setup::loaded,
      [](Run& run) {
        const auto get = run.module.function<CK_C_GetInterface>("C_GetInterface");
        if (get == nullptr) not_applicable("the module exports no C_GetInterface");
        CK_VERSION version{9, 9};
        CK_INTERFACE* found = nullptr;
        expect("C_GetInterface with version 9.9", get(nullptr, &version, &found, 0),
               {CKR_ARGUMENTS_BAD, CKR_FUNCTION_FAILED});
      });
  add("mechanism_list.info_no_place", "5.5.6", "without a place for the information: CKR_ARGUMENTS_BAD",
      Setup::initialized, [](Run& run) {
        if (run.mechanisms().empty()) not_applicable("the token has no mechanism");
        expect("C_GetMechanismInfo with NULL",
               run->C_GetMechanismInfo(run.slot, run.mechanisms().front(), nullptr), {CKR_ARGUMENTS_BAD});
      });
  add("random.large", "5.19.2", "a mebibyte of random bytes is given, or refused", Setup::session,
      [](Run& run) {
        Bytes room(1 << 20);
        const CK_RV rv = run->C_GenerateRandom(run.session, room.data(), room.size());
        if (rv != CKR_OK) not_applicable("the token gives less at a time: " + rv_text(rv));
        require(std::ranges::count(room, 0) < 8192, "about one zero in 256 bytes", "many more");
      });
  add("random.nowhere", "5.19.2", "random bytes without a place for them are refused", Setup::session,
      [](Run& run) { refused("C_GenerateRandom", run->C_GenerateRandom(run.session, nullptr, 16)); });
  add("random.seed_at_null", "5.19.1", "a seed at NULL with a length is refused", Setup::session,
      [](Run& run) { refused("C_SeedRandom", run->C_SeedRandom(run.session, nullptr, 16)); });
}

/// Parameters of no place and a length near the top, for the mechanism of each kind of operation.
void add_parameters(Cases& cases) {
  for (const auto& kind : kinds()) {
    for (const CK_ULONG length : {5UL, ~0UL - 7}) {
      cases.push_back(
          {std::string(kind.name) + (length == 5 ? ".parameter_at_null" : ".parameter_huge_at_null"), "5.1.6",
           "parameters at NULL with a length are refused or not looked at; nothing crashes", Setup::user,
           [&kind, length](Run& run) {
             Job job = kind.job(run);
             job.mechanism.pParameter = nullptr;
             job.mechanism.ulParameterLen = length;
             const bool wanted = kind.flag == CKF_ENCRYPT || kind.flag == CKF_DECRYPT;  // an IV
             std::vector<CK_RV> codes = {CKR_MECHANISM_PARAM_INVALID, CKR_ARGUMENTS_BAD};
             if (!wanted) codes.push_back(CKR_OK);
             if (length != 5) codes.push_back(CKR_HOST_MEMORY);  // there is no memory for a copy of it
             expect(std::string(kind.call) + "Init", kind.init(run, run.session, &job.mechanism, job.key),
                    codes);
           }});
    }
  }
  cases.push_back(
      {"oaep.bad_label_huge_at_null", "6.1.7",
       "a label at NULL with a length near the top of CK_ULONG is refused", Setup::user, [](Run& run) {
         run.need(CKM_RSA_PKCS_OAEP, CKF_DECRYPT);
         CK_RSA_PKCS_OAEP_PARAMS oaep{CKM_SHA_1, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, nullptr, ~0UL - 7};
         CK_MECHANISM mechanism{CKM_RSA_PKCS_OAEP, &oaep, sizeof oaep};
         const auto key = import_key(run, rsa_private_template({CKA_DECRYPT}));
         expect("C_DecryptInit", run->C_DecryptInit(run.session, &mechanism, key),
                {CKR_MECHANISM_PARAM_INVALID, CKR_ARGUMENTS_BAD});
       }});
}

}  // namespace

void add_absurd(Cases& cases) {
  add_reads(cases);
  add_searches(cases);
  add_flags(cases);
  add_parameters(cases);
}

}  // namespace conformance
