// SQLite's files, watched and made to fail on demand.
//
// A shim over SQLite's own "unix" files. What happens to the files of a watched folder is kept in a log, with all bytes,
// in the order in which it happened; a fault can be armed that makes chosen operations fail. Files of other folders are
// not touched. All functions may be called from any thread.
#ifndef FAULTY_FILES_H
#define FAULTY_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What can happen to a file, or to the folder that it is in.
enum faulty_operation {
    /// A connection opened the file. `number` of the entry tells whether it was there before.
    faulty_open = 0,
    faulty_write = 1,
    faulty_truncate = 2,
    /// The file's bytes were made durable.
    faulty_sync = 3,
    /// The names in the folder were made durable.
    faulty_sync_folder = 4,
    faulty_delete = 5,
    /// A mark that the test put into the log.
    faulty_mark = 6,
    /// A sync that failed: what was unsynced may or may not have landed, and will not be written again.
    faulty_failed_sync = 7,
    /// Reads are not logged; they can be made to fail.
    faulty_read = 8,
    /// Neither are mappings of the shared index (`-shm`).
    faulty_map = 9,
};

/// One line of the log.
struct faulty_entry {
    enum faulty_operation operation;
    /// Numbers the files of the folder; a name that is made anew after its deletion is a new file. -1: none.
    int file;
    /// Where a write begins, the new length after a truncation, or the number of a mark.
    int64_t number;
    /// What was written; null for other operations.
    const void *bytes;
    size_t count;
};

/// Which operations fail, and how.
struct faulty_fault {
    /// One bit an operation, at its number.
    uint32_t operations;
    /// The file's name in the folder, or null for every file.
    const char *name;
    /// How many of these operations succeed first.
    int64_t skipped;
    /// How many fail then; negative: all.
    int64_t failing;
    /// The SQLite result code that they fail with.
    int result;
    /// Whether half of a failing write lands.
    bool lands_half;
};

struct faulty_watch;

/// Makes the shim SQLite's default for this process. Returns SQLite's result code. May be called again.
int faulty_register(void);

/// Begins to watch the files of `folder`, an absolute path without a slash at its end; null when memory is short.
struct faulty_watch *faulty_watch_folder(const char *folder);

/// Ends a watch and frees its log. All connections to files of the folder must be closed.
void faulty_unwatch(struct faulty_watch *watch);

/// Adds a mark to the log.
void faulty_put_mark(struct faulty_watch *watch, int64_t number);

/// Says that the names in the folder were made durable by other means than SQLite's.
void faulty_put_folder_sync(struct faulty_watch *watch);

/// Makes operations fail from now on; null ends it. Counts of hits and matches begin anew.
void faulty_arm(struct faulty_watch *watch, const struct faulty_fault *fault);

/// How many operations the fault made fail.
int64_t faulty_hits(struct faulty_watch *watch);

/// How many operations the fault looked at, failing or not.
int64_t faulty_matches(struct faulty_watch *watch);

/// From now on syncs say that they succeeded and do nothing, as a lying disk does.
void faulty_ignore_syncs(struct faulty_watch *watch);

/// The number of entries in the log.
size_t faulty_entry_count(struct faulty_watch *watch);

/// An entry of the log; its bytes stay valid as long as the watch.
struct faulty_entry faulty_entry_at(struct faulty_watch *watch, size_t index);

/// The name in the folder of a file of the log; valid as long as the watch. Null when there is no such file.
const char *faulty_file_name(struct faulty_watch *watch, int file);

/// Below `bytes` of memory in use SQLite keeps changed pages in memory; above it, it writes them into the log before
/// the transaction's end. 0: no limit. For the whole process.
void faulty_limit_memory(int64_t bytes);

#endif
