#include "CCurl.h"

#include <dlfcn.h>
#include <pthread.h>

#define FUNCTIONS(DO) \
    DO(curl_easy_cleanup) DO(curl_easy_init) DO(curl_easy_pause) \
    DO(curl_easy_strerror) DO(curl_global_init) DO(curl_multi_add_handle) \
    DO(curl_multi_cleanup) DO(curl_multi_info_read) DO(curl_multi_init) \
    DO(curl_multi_perform) DO(curl_multi_poll) DO(curl_multi_remove_handle) \
    DO(curl_multi_strerror) DO(curl_multi_wakeup) DO(curl_slist_append) \
    DO(curl_slist_free_all) DO(curl_easy_setopt) DO(curl_easy_getinfo) \
    DO(curl_multi_setopt) DO(curl_version_info)

// Names stand in parentheses, since some are macros in curl.h.
#define MEMBER(name) __typeof__(&(name)) name;
static struct { FUNCTIONS(MEMBER) } library;
static bool isLoaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
    // Never closed: its threads and handles may live as long as the process.
    void *handle = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!handle) return;
    isLoaded = true;
#define FIND(name) \
    library.name = (__typeof__(library.name))dlsym(handle, #name); \
    if (!library.name) isLoaded = false;
    FUNCTIONS(FIND)
}

bool ccurl_load(void) {
    pthread_once(&once, load);
    return isLoaded;
}

void ccurl_easy_cleanup(CURL *handle) { (library.curl_easy_cleanup)(handle); }
CURL *ccurl_easy_init(void) { return (library.curl_easy_init)(); }
CURLcode ccurl_easy_pause(CURL *handle, int mask) { return (library.curl_easy_pause)(handle, mask); }
const char *ccurl_easy_strerror(CURLcode code) { return (library.curl_easy_strerror)(code); }
CURLcode ccurl_global_init(long flags) { return (library.curl_global_init)(flags); }
CURLMcode ccurl_multi_add_handle(CURLM *multi, CURL *handle) { return (library.curl_multi_add_handle)(multi, handle); }
CURLMcode ccurl_multi_cleanup(CURLM *multi) { return (library.curl_multi_cleanup)(multi); }
CURLMsg *ccurl_multi_info_read(CURLM *multi, int *left) { return (library.curl_multi_info_read)(multi, left); }
CURLM *ccurl_multi_init(void) { return (library.curl_multi_init)(); }
CURLMcode ccurl_multi_perform(CURLM *multi, int *running) { return (library.curl_multi_perform)(multi, running); }
CURLMcode ccurl_multi_poll(CURLM *multi, int milliseconds) { return (library.curl_multi_poll)(multi, NULL, 0, milliseconds, NULL); }
CURLMcode ccurl_multi_remove_handle(CURLM *multi, CURL *handle) { return (library.curl_multi_remove_handle)(multi, handle); }
const char *ccurl_multi_strerror(CURLMcode code) { return (library.curl_multi_strerror)(code); }
CURLMcode ccurl_multi_wakeup(CURLM *multi) { return (library.curl_multi_wakeup)(multi); }
struct curl_slist *ccurl_slist_append(struct curl_slist *list, const char *line) { return (library.curl_slist_append)(list, line); }
unsigned ccurl_version_number(void) { return (library.curl_version_info)(CURLVERSION_FIRST)->version_num; }
void ccurl_slist_free_all(struct curl_slist *list) { (library.curl_slist_free_all)(list); }

CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value) {
    return (library.curl_easy_setopt)(handle, option, value);
}

CURLcode ccurl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return (library.curl_easy_setopt)(handle, option, value);
}

CURLcode ccurl_set_string(CURL *handle, CURLoption option, const char *value) {
    return (library.curl_easy_setopt)(handle, option, value);
}

CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return (library.curl_easy_setopt)(handle, option, value);
}

CURLcode ccurl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return (library.curl_easy_setopt)(handle, option, value);
}

CURLcode ccurl_set_blob(CURL *handle, CURLoption option, const void *bytes, size_t count) {
    struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_COPY};
    return (library.curl_easy_setopt)(handle, option, &blob);
}

CURLcode ccurl_set_data_callback(CURL *handle, CURLoption option, curl_write_callback callback) {
    return (library.curl_easy_setopt)(handle, option, callback);
}

CURLcode ccurl_set_sockopt_callback(CURL *handle, curl_sockopt_callback callback) {
    return (library.curl_easy_setopt)(handle, CURLOPT_SOCKOPTFUNCTION, callback);
}

CURLcode ccurl_get_long(CURL *handle, CURLINFO info, long *value) {
    return (library.curl_easy_getinfo)(handle, info, value);
}

CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return (library.curl_multi_setopt)(multi, option, value);
}
