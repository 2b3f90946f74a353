// Linux calls that Swift cannot import because they are variadic or macros.
#ifndef CLINUX_H
#define CLINUX_H

#include "CLinuxFiles.h"
#include "CLinuxProcess.h"

/// Forbids core dumps and ptrace by other processes of the same user. Returns 0, or -1 with errno set.
int clinux_set_not_dumpable(void);

/// Asks the kernel to send `signal` to this process when its parent dies. Returns 0, or -1 with errno set.
int clinux_set_parent_death_signal(int signal);

/// Makes this process adopt orphaned descendants, so that it can end and reap them. Returns 0, or -1.
int clinux_set_child_subreaper(void);

/// Opens `path` read-write (created 0600) and returns a descriptor, or -1 with errno set.
int clinux_open_lock_file(const char *path);

#endif
