// Looking at files before they are opened.
#ifndef CLINUX_FILES_H
#define CLINUX_FILES_H

#include <stdbool.h>

/// Takes hold of what `name` in `directory` leads to, symbolic links followed, without opening it: of a device or a FIFO too
/// nothing happens. What it is can be asked of the descriptor, and it can be opened as `/proc/self/fd/NUMBER`.
///
/// Returns a descriptor that is closed on exec, or -1 with errno set.
int clinux_open_place(int directory, const char *name, bool must_be_directory);

/// Makes a file without a name in `directory`, open for writing, which only its owner can read and which is gone when it is
/// closed before it got one.
///
/// Returns a descriptor that is closed on exec, or -1 with errno set: to EOPNOTSUPP or EISDIR where the file system has no
/// such files.
int clinux_open_unnamed_file(int directory);

#endif
