#pragma once
#include <curl/curl.h>
#include <stdbool.h>

// libcurl, loaded when it is first wanted: with the libraries behind it it costs some MiB, and a process that only
// serves has no use for it.

// Loads libcurl, once. No other function may be called before it has said true. From any thread.
bool ccurl_load(void);

void ccurl_easy_cleanup(CURL *handle);
CURL *ccurl_easy_init(void);
CURLcode ccurl_easy_pause(CURL *handle, int mask);
const char *ccurl_easy_strerror(CURLcode code);
CURLcode ccurl_global_init(long flags);
CURLMcode ccurl_multi_add_handle(CURLM *multi, CURL *handle);
CURLMcode ccurl_multi_cleanup(CURLM *multi);
CURLMsg *ccurl_multi_info_read(CURLM *multi, int *left);
CURLM *ccurl_multi_init(void);
CURLMcode ccurl_multi_perform(CURLM *multi, int *running);
CURLMcode ccurl_multi_poll(CURLM *multi, int milliseconds);
CURLMcode ccurl_multi_remove_handle(CURLM *multi, CURL *handle);
const char *ccurl_multi_strerror(CURLMcode code);
CURLMcode ccurl_multi_wakeup(CURLM *multi);
struct curl_slist *ccurl_slist_append(struct curl_slist *list, const char *line);
void ccurl_slist_free_all(struct curl_slist *list);
// 0xXXYYZZ for version XX.YY.ZZ of the library that was loaded.
unsigned ccurl_version_number(void);

// Swift cannot call C's variadic functions: one function for each type of argument.
CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value);
CURLcode ccurl_set_offset(CURL *handle, CURLoption option, curl_off_t value);
CURLcode ccurl_set_string(CURL *handle, CURLoption option, const char *value);
CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, void *value);
CURLcode ccurl_set_list(CURL *handle, CURLoption option, struct curl_slist *value);
// libcurl copies the bytes.
CURLcode ccurl_set_blob(CURL *handle, CURLoption option, const void *bytes, size_t count);
CURLcode ccurl_set_data_callback(CURL *handle, CURLoption option, curl_write_callback callback);
CURLcode ccurl_set_sockopt_callback(CURL *handle, curl_sockopt_callback callback);
CURLcode ccurl_get_long(CURL *handle, CURLINFO info, long *value);
CURLMcode ccurl_multi_set_long(CURLM *multi, CURLMoption option, long value);
