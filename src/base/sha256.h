/* SHA-256 (FIPS 180-4), for names of earlier copies and of what is cached. A pure function; any thread may call it. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>

/* Writes the hash of len bytes as 64 hex digits and a NUL. */
void sha256_hex(const void *data, size_t len, char hex[65]);

#endif
