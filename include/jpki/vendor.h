/*
 * What our tokens offer beyond the standard. For C89 and later, and C++; needs any pkcs11.h before it.
 *
 * Where the numbers come from: PKCS #11 leaves hardware feature types from CKH_VENDOR_DEFINED (0x80000000) on
 * to vendors, who choose by themselves (PKCS #11 3.2, 4.3 and the table of CKH_ values). As NSS does with
 * "NSCP", ours carry letters that nobody else is known to use: "JPK" (4A 50 4B) below the vendors' bit, then
 * a number. Nothing is registered: a number means this only on a token whose manufacturerID is "JPKI".
 */
#ifndef JPKI_VENDOR_H
#define JPKI_VENDOR_H 1

/*
 * The user PIN's tries (CKA_CLASS = CKO_HW_FEATURE, CKA_HW_FEATURE_TYPE = this): one object on each token.
 *
 *   CKA_VALUE  CK_ULONG: wrong PINs until the PIN is locked. 0: it is locked. CK_UNAVAILABLE_INFORMATION: the
 * token does not tell, or its PIN is not set.
 *
 * As every hardware feature it is found only by a search whose template has CKA_CLASS = CKO_HW_FEATURE. It is
 * public and cannot be changed. The number is that of the last C_GetTokenInfo; before the first one, that of
 * the moment in which CKA_VALUE is first read. Neither of them spends a try.
 */
#define CKH_JPKI_PIN_TRIES (CKH_VENDOR_DEFINED | 0x4A504B01UL)

#endif
