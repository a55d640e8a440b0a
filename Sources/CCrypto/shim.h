#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

// Parameter lists keep the addresses of their names, and Swift's strings have none that last: the
// lists are built here, from literals.

static inline int ccrypto_hmac_sha256_init(
    EVP_MAC_CTX *context, const unsigned char *key, size_t key_count) {
  OSSL_PARAM parameters[] = {
    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
    OSSL_PARAM_construct_end(),
  };
  return EVP_MAC_init(context, key, key_count, parameters);
}

// libcrypto only reads from what the list points to, though its type says otherwise.
static inline int ccrypto_hkdf_sha256(
    EVP_KDF_CTX *context, const void *secret, size_t secret_count, const void *salt,
    size_t salt_count, const void *info, size_t info_count, unsigned char *output,
    size_t output_count) {
  OSSL_PARAM parameters[5];
  OSSL_PARAM *next = parameters;
  *next++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0);
  *next++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret, secret_count);
  if (salt_count > 0) {
    *next++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt, salt_count);
  }
  if (info_count > 0) {
    *next++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info, info_count);
  }
  *next = OSSL_PARAM_construct_end();
  return EVP_KDF_derive(context, output, output_count, parameters);
}
