#pragma once
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <pthread.h>

// Declared with _GNU_SOURCE only.
extern int pthread_setname_np(pthread_t thread, const char *name);
static inline void martlet_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }
