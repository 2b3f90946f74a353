// Starting a program and watching it: what posix_spawn does, and what it cannot (limits, death with the parent, a program
// that is an open descriptor).
#ifndef CLINUX_PROCESS_H
#define CLINUX_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

/// A program to start, and what it finds when it starts.
struct clinux_child {
    /// A descriptor of the program, open for reading; or -1, and `path` names it.
    int program;
    const char *path;
    /// Both end with a null pointer.
    char *const *arguments;
    char *const *environment;
    /// The folder that it starts in, or null for this process's own.
    const char *directory;
    /// What become the descriptors 0, 1 and 2. It inherits no others but `control`.
    int input;
    int output;
    int error;
    /// What becomes the descriptor 3, or -1.
    int control;
    /// Whether it gets a session of its own, without a terminal, and not only a process group of its own.
    bool new_session;
};

/// Starts the program in a process group of its own, with no signal blocked or ignored, with `RLIMIT_CORE` 1 (0 does not
/// stop a core pattern that is a pipe; 1 stops both), and such that it is killed when the calling *thread* ends: call it
/// from a thread that outlives the child.
///
/// Returns the process id; or -1 with errno set and `*failed_call` naming the call that failed.
int clinux_spawn(const struct clinux_child *child, const char **failed_call);

/// Opens a descriptor that becomes readable when the process ends, or -1 with errno set.
int clinux_process_descriptor(int process);

/// Makes a pipe whose ends are closed on exec: `ends[0]` for reading, `ends[1]` for writing. Returns 0, or -1 with errno
/// set.
int clinux_pipe(int ends[2]);

/// The number of bytes that wait in a pipe or socket to be read, or -1 with errno set.
int clinux_pending_byte_count(int descriptor);

/// Creates a file in memory that holds the `count` bytes, is closed on exec and can never be changed. Returns its
/// descriptor, or -1 with errno set.
int clinux_sealed_file(const char *name, const void *bytes, size_t count);

#endif
