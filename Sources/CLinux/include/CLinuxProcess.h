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
    /// Whether it gets a session of its own, and not only a process group of its own.
    bool new_session;
    /// The terminal that controls its session, or -1 for none. Needs a new session.
    int terminal;
    /// Descriptors of a user namespace and of a mount namespace that belongs to it, which it enters without keeping or
    /// ever regaining a capability in them; or -1 for this process's own. The folder and `path` are looked up there.
    int user_namespace;
    int mount_namespace;
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

/// Opens a new pseudo-terminal whose ends are closed on exec and become nobody's controlling terminal: `ends[0]` for who
/// shows what programs write, `ends[1]` for programs. Returns 0, or -1 with errno set.
int clinux_pseudo_terminal(int ends[2]);

/// Gives the terminal `to` the window size of the terminal `from`. Returns 0, or -1 with errno set.
int clinux_copy_window_size(int from, int to);

/// Whether the child `process` was stopped by a signal since the last call.
int clinux_take_stop(int process);

/// The number of bytes that wait in a pipe or socket to be read, or -1 with errno set.
int clinux_pending_byte_count(int descriptor);

/// Creates a file in memory that holds the `count` bytes, is closed on exec and can never be changed. Returns its
/// descriptor, or -1 with errno set.
int clinux_sealed_file(const char *name, const void *bytes, size_t count);

#endif
