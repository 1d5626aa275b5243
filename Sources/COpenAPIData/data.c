#include "COpenAPIData.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

#ifndef __has_embed
#error "The API's data is put into the program by #embed, which this C compiler does not know; use clang 19 or newer."
#endif

static const unsigned char types[] = {
#embed "../../openapi/types.jsonl"
};
static const unsigned char resources[] = {
#embed "../../openapi/resources.jsonl"
};
static const unsigned char groups[] = {
#embed "../../openapi/groups.jsonl"
};
static const unsigned char features[] = {
#embed "../../openapi/features.jsonl"
};
static const unsigned char descriptions[] = {
#embed "../../openapi/descriptions.jsonl"
};

struct martlet_openapi_file martlet_openapi_types(void) {
    return (struct martlet_openapi_file){types, sizeof types};
}

struct martlet_openapi_file martlet_openapi_resources(void) {
    return (struct martlet_openapi_file){resources, sizeof resources};
}

struct martlet_openapi_file martlet_openapi_groups(void) {
    return (struct martlet_openapi_file){groups, sizeof groups};
}

struct martlet_openapi_file martlet_openapi_features(void) {
    return (struct martlet_openapi_file){features, sizeof features};
}

struct martlet_openapi_file martlet_openapi_descriptions(void) {
    return (struct martlet_openapi_file){descriptions, sizeof descriptions};
}
