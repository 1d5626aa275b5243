#pragma once
#include <stddef.h>

// The files of `openapi/`, as they lie in the program's read-only data: no copy is made, and pages that nobody reads
// are never loaded.

struct martlet_openapi_file {
    const unsigned char *bytes;
    size_t count;
};

struct martlet_openapi_file martlet_openapi_types(void);
struct martlet_openapi_file martlet_openapi_resources(void);
struct martlet_openapi_file martlet_openapi_groups(void);
struct martlet_openapi_file martlet_openapi_features(void);
struct martlet_openapi_file martlet_openapi_descriptions(void);
