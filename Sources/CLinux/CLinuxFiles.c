#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CLinuxFiles.h"

#include <fcntl.h>

int clinux_open_place(int directory, const char *name, bool must_be_directory) {
    return openat(directory, name, O_PATH | O_CLOEXEC | (must_be_directory ? O_DIRECTORY : 0));
}

int clinux_open_unnamed_file(int directory) {
    return openat(directory, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
}
