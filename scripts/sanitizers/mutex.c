// Tells the thread sanitizer what it cannot see: which thread got a contended Mutex from which.
//
// Mutex takes its fast path in the program's own, instrumented code. The slow path lies in libswiftSynchronization, whose
// atomic operations the sanitizer does not see, and in the kernel (a priority-inheriting futex); without this every
// contended Mutex is reported as a race. Preloaded, these functions stand before those of the library, call them, and
// report the edge.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

#define swift_self __attribute__((swift_context)) void *self
#define swift_function __attribute__((swiftcall))

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

typedef void edge(void *);
typedef swift_function void lock_function(uint32_t thread, swift_self);
typedef swift_function bool try_lock_function(swift_self);
typedef swift_function void unlock_function(swift_self);

static void report(const char *name, void *mutex) {
    edge *report = (edge *)dlsym(RTLD_DEFAULT, name);
    if (report) report(mutex);
}

swift_function void lock(uint32_t thread, swift_self) __asm__(LOCK);
swift_function void lock(uint32_t thread, swift_self) {
    ((lock_function *)dlsym(RTLD_NEXT, LOCK))(thread, self);
    report("__tsan_acquire", self);
}

swift_function bool try_lock(swift_self) __asm__(TRY_LOCK);
swift_function bool try_lock(swift_self) {
    bool is_locked = ((try_lock_function *)dlsym(RTLD_NEXT, TRY_LOCK))(self);
    if (is_locked) report("__tsan_acquire", self);
    return is_locked;
}

swift_function void unlock(swift_self) __asm__(UNLOCK);
swift_function void unlock(swift_self) {
    report("__tsan_release", self);
    ((unlock_function *)dlsym(RTLD_NEXT, UNLOCK))(self);
}
