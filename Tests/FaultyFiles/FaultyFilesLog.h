// The log and the fault of a watched folder, as the shim sees them.
#ifndef FAULTY_FILES_LOG_H
#define FAULTY_FILES_LOG_H

#include "FaultyFiles.h"

/// The watch over the folder that `path` is in, or null. `*name` is set to the file's name there.
struct faulty_watch *watch_over(const char *path, const char **name);

/// Whether the operation must fail now; then `*result` is the code to fail with.
bool must_fail(
    struct faulty_watch *watch, enum faulty_operation operation, const char *name, int *result, bool *lands_half);

/// Whether syncs are to be ignored.
bool ignores_syncs(struct faulty_watch *watch);

/// Notes that a file was opened and returns its number.
int note_open(struct faulty_watch *watch, const char *name, bool existed);

/// Notes that a name was deleted.
void note_delete(struct faulty_watch *watch, const char *name);

/// Adds an entry.
void note(
    struct faulty_watch *watch, enum faulty_operation operation, int file, int64_t number, const void *bytes,
    size_t count);

#endif
