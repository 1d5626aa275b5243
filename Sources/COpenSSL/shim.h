#pragma once
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// Macros and variadic functions, which Swift cannot import.
static inline EVP_PKEY *martlet_EVP_EC_gen_P256(void) { return EVP_EC_gen("P-256"); }
static inline long martlet_BIO_get_mem_data(BIO *bio, char **data) { return BIO_get_mem_data(bio, data); }
static inline int martlet_sk_GENERAL_NAME_num(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }
static inline void martlet_OpenSSL_free(void *memory) { OPENSSL_free(memory); }
