#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

// A macro that Swift cannot read, as a constant.
static const int EVP_PKEY_KEYPAIR_SELECTION = EVP_PKEY_KEYPAIR;
