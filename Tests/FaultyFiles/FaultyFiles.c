#include "FaultyFiles.h"

#include "FaultyFilesLog.h"

#include <pthread.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

/// One open file. SQLite's own follows it in memory.
struct shim_file {
    sqlite3_file base;
    /// Null when nobody watches.
    struct faulty_watch *watch;
    /// What SQLite gave when it opened the file; it keeps it as long as the file is open.
    const char *name;
    int number;
};

static sqlite3_vfs *system_files;
static sqlite3_vfs shim;

/// Whether SQLite opened the folder in order to sync it, on this thread, since it was last looked at.
static _Thread_local bool folder_was_synced;
static int (*system_open_directory)(const char *, int *);

static int open_directory(const char *path, int *descriptor) {
    folder_was_synced = true;
    return system_open_directory(path, descriptor);
}

static sqlite3_file *inner(sqlite3_file *file) {
    return (sqlite3_file *)((struct shim_file *)file + 1);
}

static bool fails(sqlite3_file *file, enum faulty_operation operation, int *result) {
    struct shim_file *own = (struct shim_file *)file;
    bool lands_half;
    return own->watch != NULL && must_fail(own->watch, operation, own->name, result, &lands_half);
}

// MARK: Files

static int shim_close(sqlite3_file *file) {
    return inner(file)->pMethods->xClose(inner(file));
}

static int shim_read(sqlite3_file *file, void *target, int count, sqlite3_int64 offset) {
    int result;
    if (fails(file, faulty_read, &result)) {
        return result;
    }
    return inner(file)->pMethods->xRead(inner(file), target, count, offset);
}

static int shim_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    struct shim_file *own = (struct shim_file *)file;
    int failure = SQLITE_OK;
    if (own->watch != NULL) {
        bool lands_half = false;
        if (must_fail(own->watch, faulty_write, own->name, &failure, &lands_half)) {
            count = lands_half ? count / 2 : 0;
        }
        if (count == 0) {
            return failure;
        }
    }
    int result = inner(file)->pMethods->xWrite(inner(file), bytes, count, offset);
    if (result == SQLITE_OK && own->watch != NULL) {
        note(own->watch, faulty_write, own->number, offset, bytes, (size_t)count);
    }
    return failure != SQLITE_OK ? failure : result;
}

static int shim_truncate(sqlite3_file *file, sqlite3_int64 size) {
    struct shim_file *own = (struct shim_file *)file;
    int result;
    if (fails(file, faulty_truncate, &result)) {
        return result;
    }
    result = inner(file)->pMethods->xTruncate(inner(file), size);
    if (result == SQLITE_OK && own->watch != NULL) {
        note(own->watch, faulty_truncate, own->number, size, NULL, 0);
    }
    return result;
}

static int shim_sync(sqlite3_file *file, int flags) {
    struct shim_file *own = (struct shim_file *)file;
    if (own->watch == NULL) {
        return inner(file)->pMethods->xSync(inner(file), flags);
    }
    int result;
    if (fails(file, faulty_sync, &result)) {
        note(own->watch, faulty_failed_sync, own->number, 0, NULL, 0);
        return result;
    }
    if (ignores_syncs(own->watch)) {
        return SQLITE_OK;
    }
    folder_was_synced = false;
    result = inner(file)->pMethods->xSync(inner(file), flags);
    if (result == SQLITE_OK) {
        note(own->watch, faulty_sync, own->number, 0, NULL, 0);
        if (folder_was_synced) {
            note(own->watch, faulty_sync_folder, -1, 0, NULL, 0);
        }
    }
    return result;
}

static int shim_file_size(sqlite3_file *file, sqlite3_int64 *size) {
    return inner(file)->pMethods->xFileSize(inner(file), size);
}

static int shim_lock(sqlite3_file *file, int level) {
    return inner(file)->pMethods->xLock(inner(file), level);
}

static int shim_unlock(sqlite3_file *file, int level) {
    return inner(file)->pMethods->xUnlock(inner(file), level);
}

static int shim_check_reserved_lock(sqlite3_file *file, int *is_locked) {
    return inner(file)->pMethods->xCheckReservedLock(inner(file), is_locked);
}

static int shim_file_control(sqlite3_file *file, int operation, void *argument) {
    return inner(file)->pMethods->xFileControl(inner(file), operation, argument);
}

static int shim_sector_size(sqlite3_file *file) {
    return inner(file)->pMethods->xSectorSize(inner(file));
}

static int shim_device_characteristics(sqlite3_file *file) {
    return inner(file)->pMethods->xDeviceCharacteristics(inner(file));
}

static int shim_shm_map(sqlite3_file *file, int region, int size, int may_extend, void volatile **target) {
    int result;
    if (fails(file, faulty_map, &result)) {
        *target = NULL;
        return result;
    }
    return inner(file)->pMethods->xShmMap(inner(file), region, size, may_extend, target);
}

static int shim_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    return inner(file)->pMethods->xShmLock(inner(file), offset, count, flags);
}

static void shim_shm_barrier(sqlite3_file *file) {
    inner(file)->pMethods->xShmBarrier(inner(file));
}

static int shim_shm_unmap(sqlite3_file *file, int deletes) {
    return inner(file)->pMethods->xShmUnmap(inner(file), deletes);
}

/// Nothing is mapped, so that every read goes through ``shim_read``.
static int shim_fetch(sqlite3_file *file, sqlite3_int64 offset, int count, void **target) {
    (void)file, (void)offset, (void)count;
    *target = NULL;
    return SQLITE_OK;
}

static int shim_unfetch(sqlite3_file *file, sqlite3_int64 offset, void *target) {
    (void)file, (void)offset, (void)target;
    return SQLITE_OK;
}

static const sqlite3_io_methods shim_methods = {
    3,
    shim_close,
    shim_read,
    shim_write,
    shim_truncate,
    shim_sync,
    shim_file_size,
    shim_lock,
    shim_unlock,
    shim_check_reserved_lock,
    shim_file_control,
    shim_sector_size,
    shim_device_characteristics,
    shim_shm_map,
    shim_shm_lock,
    shim_shm_barrier,
    shim_shm_unmap,
    shim_fetch,
    shim_unfetch,
};

// MARK: The folder

static int shim_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags) {
    (void)vfs;
    struct shim_file *own = (struct shim_file *)file;
    memset(own, 0, sizeof *own);
    own->watch = watch_over(path, &own->name);
    bool existed = false;
    if (own->watch != NULL) {
        int failure;
        if (fails(file, faulty_open, &failure)) {
            return failure;
        }
        existed = access(path, F_OK) == 0;
    }
    inner(file)->pMethods = NULL;
    int result = system_files->xOpen(system_files, path, inner(file), flags, out_flags);
    if (inner(file)->pMethods == NULL) {
        return result;
    }
    own->base.pMethods = &shim_methods;
    if (result == SQLITE_OK && own->watch != NULL) {
        own->number = note_open(own->watch, own->name, existed);
    }
    return result;
}

static int shim_delete(sqlite3_vfs *vfs, const char *path, int syncs_folder) {
    (void)vfs;
    const char *name;
    struct faulty_watch *watch = watch_over(path, &name);
    int result;
    bool lands_half;
    if (watch != NULL && must_fail(watch, faulty_delete, name, &result, &lands_half)) {
        return result;
    }
    folder_was_synced = false;
    result = system_files->xDelete(system_files, path, syncs_folder);
    if (watch != NULL && result == SQLITE_OK) {
        note_delete(watch, name);
        if (folder_was_synced) {
            note(watch, faulty_sync_folder, -1, 0, NULL, 0);
        }
    }
    return result;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int registration = SQLITE_ERROR;

static void register_shim(void) {
    registration = sqlite3_initialize();
    if (registration != SQLITE_OK) {
        return;
    }
    system_files = sqlite3_vfs_find("unix");
    if (system_files == NULL || system_files->iVersion < 3) {
        registration = SQLITE_ERROR;
        return;
    }
    system_open_directory =
        (int (*)(const char *, int *))system_files->xGetSystemCall(system_files, "openDirectory");
    registration = system_open_directory == NULL
        ? SQLITE_ERROR
        : system_files->xSetSystemCall(system_files, "openDirectory", (sqlite3_syscall_ptr)open_directory);
    if (registration != SQLITE_OK) {
        return;
    }
    // Everything that is not replaced here SQLite's own files do; they do not look at which VFS they are called for.
    shim = *system_files;
    shim.pNext = NULL;
    shim.zName = "faulty";
    shim.szOsFile = (int)sizeof(struct shim_file) + system_files->szOsFile;
    shim.xOpen = shim_open;
    shim.xDelete = shim_delete;
    registration = sqlite3_vfs_register(&shim, 1);
}

int faulty_register(void) {
    pthread_once(&once, register_shim);
    return registration;
}

void faulty_limit_memory(int64_t bytes) {
    sqlite3_soft_heap_limit64(bytes);
}
