#include "FaultyFilesLog.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct file_name {
    char *name;
    bool is_deleted;
};

struct faulty_watch {
    struct faulty_watch *next;
    char *folder;
    struct faulty_entry *entries;
    size_t count, capacity;
    struct file_name *files;
    int file_count;
    struct faulty_fault fault;
    char *fault_name;
    int64_t matches, hits;
    bool ignores_syncs;
};

// One lock for everything: what the log says must be the order in which it happened.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct faulty_watch *watches;

static void *must_allocate(void *memory) {
    // A log with holes would prove nothing.
    if (memory == NULL) {
        abort();
    }
    return memory;
}

struct faulty_watch *faulty_watch_folder(const char *folder) {
    struct faulty_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL) {
        return NULL;
    }
    watch->folder = must_allocate(strdup(folder));
    pthread_mutex_lock(&lock);
    watch->next = watches;
    watches = watch;
    pthread_mutex_unlock(&lock);
    return watch;
}

void faulty_unwatch(struct faulty_watch *watch) {
    pthread_mutex_lock(&lock);
    for (struct faulty_watch **link = &watches; *link != NULL; link = &(*link)->next) {
        if (*link == watch) {
            *link = watch->next;
            break;
        }
    }
    pthread_mutex_unlock(&lock);
    for (size_t index = 0; index < watch->count; index++) {
        free((void *)watch->entries[index].bytes);
    }
    for (int file = 0; file < watch->file_count; file++) {
        free(watch->files[file].name);
    }
    free(watch->entries);
    free(watch->files);
    free(watch->fault_name);
    free(watch->folder);
    free(watch);
}

struct faulty_watch *watch_over(const char *path, const char **name) {
    if (path == NULL) {
        return NULL;
    }
    pthread_mutex_lock(&lock);
    struct faulty_watch *watch = watches;
    for (; watch != NULL; watch = watch->next) {
        size_t length = strlen(watch->folder);
        if (strncmp(path, watch->folder, length) == 0 && path[length] == '/' && strchr(path + length + 1, '/') == NULL) {
            *name = path + length + 1;
            break;
        }
    }
    pthread_mutex_unlock(&lock);
    return watch;
}

// MARK: The log

static void append(
    struct faulty_watch *watch, enum faulty_operation operation, int file, int64_t number, const void *bytes,
    size_t count) {
    if (watch->count == watch->capacity) {
        watch->capacity = watch->capacity == 0 ? 1024 : watch->capacity * 2;
        watch->entries = must_allocate(realloc(watch->entries, watch->capacity * sizeof *watch->entries));
    }
    void *copy = NULL;
    if (count > 0) {
        copy = must_allocate(malloc(count));
        memcpy(copy, bytes, count);
    }
    watch->entries[watch->count++] = (struct faulty_entry){operation, file, number, copy, count};
}

void note(
    struct faulty_watch *watch, enum faulty_operation operation, int file, int64_t number, const void *bytes,
    size_t count) {
    pthread_mutex_lock(&lock);
    append(watch, operation, file, number, bytes, count);
    pthread_mutex_unlock(&lock);
}

static int living_file(struct faulty_watch *watch, const char *name) {
    for (int file = watch->file_count - 1; file >= 0; file--) {
        if (!watch->files[file].is_deleted && strcmp(watch->files[file].name, name) == 0) {
            return file;
        }
    }
    return -1;
}

int note_open(struct faulty_watch *watch, const char *name, bool existed) {
    pthread_mutex_lock(&lock);
    int file = living_file(watch, name);
    if (file < 0) {
        file = watch->file_count++;
        watch->files = must_allocate(realloc(watch->files, (size_t)watch->file_count * sizeof *watch->files));
        watch->files[file] = (struct file_name){must_allocate(strdup(name)), false};
        append(watch, faulty_open, file, existed, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
    return file;
}

void note_delete(struct faulty_watch *watch, const char *name) {
    pthread_mutex_lock(&lock);
    int file = living_file(watch, name);
    if (file >= 0) {
        watch->files[file].is_deleted = true;
        append(watch, faulty_delete, file, 0, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
}

void faulty_put_mark(struct faulty_watch *watch, int64_t number) {
    note(watch, faulty_mark, -1, number, NULL, 0);
}

void faulty_put_folder_sync(struct faulty_watch *watch) {
    note(watch, faulty_sync_folder, -1, 0, NULL, 0);
}

size_t faulty_entry_count(struct faulty_watch *watch) {
    pthread_mutex_lock(&lock);
    size_t count = watch->count;
    pthread_mutex_unlock(&lock);
    return count;
}

struct faulty_entry faulty_entry_at(struct faulty_watch *watch, size_t index) {
    struct faulty_entry entry = {faulty_mark, -1, 0, NULL, 0};
    pthread_mutex_lock(&lock);
    if (index < watch->count) {
        entry = watch->entries[index];
    }
    pthread_mutex_unlock(&lock);
    return entry;
}

const char *faulty_file_name(struct faulty_watch *watch, int file) {
    pthread_mutex_lock(&lock);
    const char *name = file >= 0 && file < watch->file_count ? watch->files[file].name : NULL;
    pthread_mutex_unlock(&lock);
    return name;
}

// MARK: Faults

void faulty_arm(struct faulty_watch *watch, const struct faulty_fault *fault) {
    pthread_mutex_lock(&lock);
    free(watch->fault_name);
    watch->fault_name = NULL;
    watch->fault = (struct faulty_fault){0};
    watch->matches = watch->hits = 0;
    if (fault != NULL) {
        watch->fault = *fault;
        if (fault->name != NULL) {
            watch->fault_name = must_allocate(strdup(fault->name));
        }
    }
    pthread_mutex_unlock(&lock);
}

bool must_fail(
    struct faulty_watch *watch, enum faulty_operation operation, const char *name, int *result, bool *lands_half) {
    bool fails = false;
    pthread_mutex_lock(&lock);
    bool matches = (watch->fault.operations & 1u << operation) != 0
        && (watch->fault_name == NULL || strcmp(watch->fault_name, name) == 0);
    if (matches) {
        int64_t position = watch->matches++ - watch->fault.skipped;
        fails = position >= 0 && (watch->fault.failing < 0 || position < watch->fault.failing);
    }
    if (fails) {
        watch->hits++;
        *result = watch->fault.result;
        *lands_half = watch->fault.lands_half;
    }
    pthread_mutex_unlock(&lock);
    return fails;
}

int64_t faulty_hits(struct faulty_watch *watch) {
    pthread_mutex_lock(&lock);
    int64_t hits = watch->hits;
    pthread_mutex_unlock(&lock);
    return hits;
}

int64_t faulty_matches(struct faulty_watch *watch) {
    pthread_mutex_lock(&lock);
    int64_t matches = watch->matches;
    pthread_mutex_unlock(&lock);
    return matches;
}

void faulty_ignore_syncs(struct faulty_watch *watch) {
    pthread_mutex_lock(&lock);
    watch->ignores_syncs = true;
    pthread_mutex_unlock(&lock);
}

bool ignores_syncs(struct faulty_watch *watch) {
    pthread_mutex_lock(&lock);
    bool ignores = watch->ignores_syncs;
    pthread_mutex_unlock(&lock);
    return ignores;
}
