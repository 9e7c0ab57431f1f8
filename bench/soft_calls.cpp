#include "bench/soft_calls.hpp"

namespace jpki::bench {
namespace {

using client::Bytes;
using client::check;

CK_BYTE_PTR in(const Bytes& bytes) { return const_cast<CK_BYTE_PTR>(bytes.data()); }

/// check() without making a string where there is nothing to say.
void expect(const char* function, CK_RV rv) {
  if (rv != CKR_OK) check(function, rv);
}

constexpr std::size_t room = 1024;

}  // namespace

Batch sign(const Use& use, const Bytes& data) {
  return [use, data](std::size_t times) {
    CK_MECHANISM mechanism = use.mechanism.row();
    CK_BYTE out[room];
    for (; times != 0; --times) {
      CK_ULONG size = sizeof out;
      expect("C_SignInit", use.calls->C_SignInit(use.session, &mechanism, use.key));
      expect("C_Sign", use.calls->C_Sign(use.session, in(data), data.size(), out, &size));
    }
  };
}

Batch sign_parts(const Use& use, const Parts& parts) {
  return [use, parts](std::size_t times) {
    CK_MECHANISM mechanism = use.mechanism.row();
    CK_BYTE out[room];
    for (; times != 0; --times) {
      CK_ULONG size = sizeof out;
      expect("C_SignInit", use.calls->C_SignInit(use.session, &mechanism, use.key));
      for (const auto& part : parts) {
        expect("C_SignUpdate", use.calls->C_SignUpdate(use.session, in(part), part.size()));
      }
      expect("C_SignFinal", use.calls->C_SignFinal(use.session, out, &size));
    }
  };
}

Batch verify(const Use& use, const Bytes& data, const Bytes& signature) {
  return [use, data, signature](std::size_t times) {
    CK_MECHANISM mechanism = use.mechanism.row();
    for (; times != 0; --times) {
      expect("C_VerifyInit", use.calls->C_VerifyInit(use.session, &mechanism, use.key));
      expect("C_Verify",
             use.calls->C_Verify(use.session, in(data), data.size(), in(signature), signature.size()));
    }
  };
}

Batch decrypt(const Use& use, const Bytes& cryptogram) {
  return [use, cryptogram](std::size_t times) {
    CK_MECHANISM mechanism = use.mechanism.row();
    CK_BYTE out[room];
    for (; times != 0; --times) {
      CK_ULONG size = sizeof out;
      expect("C_DecryptInit", use.calls->C_DecryptInit(use.session, &mechanism, use.key));
      expect("C_Decrypt", use.calls->C_Decrypt(use.session, in(cryptogram), cryptogram.size(), out, &size));
    }
  };
}

Batch digest(const Use& use, const Parts& parts) {
  return [use, parts](std::size_t times) {
    CK_MECHANISM mechanism = use.mechanism.row();
    CK_BYTE out[room];
    for (; times != 0; --times) {
      CK_ULONG size = sizeof out;
      expect("C_DigestInit", use.calls->C_DigestInit(use.session, &mechanism));
      if (parts.size() == 1) {
        expect("C_Digest", use.calls->C_Digest(use.session, in(parts[0]), parts[0].size(), out, &size));
        continue;
      }
      for (const auto& part : parts) {
        expect("C_DigestUpdate", use.calls->C_DigestUpdate(use.session, in(part), part.size()));
      }
      expect("C_DigestFinal", use.calls->C_DigestFinal(use.session, out, &size));
    }
  };
}

Batch random(const Use& use, std::size_t size) {
  return [use, out = Bytes(size)](std::size_t times) mutable {
    for (; times != 0; --times) {
      expect("C_GenerateRandom", use.calls->C_GenerateRandom(use.session, out.data(), out.size()));
    }
  };
}

}  // namespace jpki::bench
