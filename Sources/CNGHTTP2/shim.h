#pragma once
#include <nghttp2/nghttp2.h>

// Swift's Glibc module is built without _GNU_SOURCE, so accept4 has no declaration there. <sys/socket.h> is not
// included: its constants would belong to this module then, and not to Glibc.
struct sockaddr;
extern int accept4(int listener, struct sockaddr *address, unsigned int *length, int flags);

static inline int martlet_accept4(int listener, void *address, unsigned int *length, int flags) {
    return accept4(listener, address, length, flags);
}
