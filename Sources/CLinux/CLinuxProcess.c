#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CLinuxProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Descriptors are first moved out of the way of 0 to 3.
enum { first_free_descriptor = 4, moved_descriptors = 16 };

// `MFD_EXEC` of Linux 6.3, which the C library's headers may not have yet.
enum { memory_file_executable = 0x10 };

// What the child tells its parent when it cannot start: they share their memory until then.
struct failure {
    volatile int number;
    const char *volatile call;
};

static int fails(struct failure *failure, const char *call) {
    failure->number = errno;
    failure->call = call;
    return -1;
}

static int place_descriptors(const struct clinux_child *child, int *program, struct failure *failure) {
    int sources[4] = {child->input, child->output, child->error, child->control};
    for (int target = 0; target < 4; target++) {
        if (sources[target] < 0) {
            continue;
        }
        sources[target] = fcntl(sources[target], F_DUPFD_CLOEXEC, moved_descriptors);
        if (sources[target] < 0) {
            return fails(failure, "fcntl");
        }
    }
    if (*program >= 0) {
        *program = fcntl(*program, F_DUPFD_CLOEXEC, moved_descriptors);
        if (*program < 0) {
            return fails(failure, "fcntl");
        }
    }
    for (int target = 0; target < 4; target++) {
        if (sources[target] < 0) {
            close(target);
        } else if (dup2(sources[target], target) < 0) {
            return fails(failure, "dup2");
        }
    }
    // Not closed at once: the program itself is among them.
    if (syscall(SYS_close_range, first_free_descriptor, ~0U, CLOSE_RANGE_CLOEXEC) != 0) {
        long limit = sysconf(_SC_OPEN_MAX);
        for (int descriptor = first_free_descriptor; descriptor < limit; descriptor++) {
            fcntl(descriptor, F_SETFD, FD_CLOEXEC);
        }
    }
    return 0;
}

// Enters the namespaces, and leaves nothing by which the program could get out of them or undo them again.
static int enter_namespaces(const struct clinux_child *child, struct failure *failure) {
    if (setns(child->user_namespace, CLONE_NEWUSER) != 0 || setns(child->mount_namespace, CLONE_NEWNS) != 0) {
        return fails(failure, "setns");
    }
    // Ends with EINVAL behind the last capability that the kernel knows.
    for (unsigned long capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++) {
    }
    if (errno != EINVAL || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return fails(failure, "prctl");
    }
    return 0;
}

static int become(const struct clinux_child *child, pid_t parent, struct failure *failure) {
    int program = child->program;
    struct sigaction standard = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++) {
        sigaction(number, &standard, NULL);
    }
    if (child->new_session ? setsid() < 0 : setpgid(0, 0) < 0) {
        return fails(failure, child->new_session ? "setsid" : "setpgid");
    }
    if (child->terminal >= 0 && ioctl(child->terminal, TIOCSCTTY, 0) != 0) {
        return fails(failure, "TIOCSCTTY");
    }
    // Before the signal at the parent's end is asked for: a change of credentials can make the kernel forget it.
    if (child->user_namespace >= 0 && enter_namespaces(child, failure) != 0) {
        return -1;
    }
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) {
        return fails(failure, "prctl");
    }
    if (getppid() != parent) {
        errno = ESRCH;
        return fails(failure, "getppid");
    }
    struct rlimit core;
    if (getrlimit(RLIMIT_CORE, &core) != 0) {
        return fails(failure, "getrlimit");
    }
    core.rlim_cur = core.rlim_max = core.rlim_max < 1 ? core.rlim_max : 1;
    if (setrlimit(RLIMIT_CORE, &core) != 0) {
        return fails(failure, "setrlimit");
    }
    if (child->directory != NULL && chdir(child->directory) != 0) {
        return fails(failure, "chdir");
    }
    if (place_descriptors(child, &program, failure) != 0) {
        return -1;
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (program >= 0) {
        fexecve(program, child->arguments, child->environment);
        return fails(failure, "fexecve");
    }
    execve(child->path, child->arguments, child->environment);
    return fails(failure, "execve");
}

int clinux_spawn(const struct clinux_child *child, const char **failed_call) {
    struct failure failure = {0, NULL};
    pid_t parent = getpid();
    // No signal may run a handler of this process in the child, while both share their memory.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t process = vfork();
    if (process == 0) {
        become(child, parent, &failure);
        _exit(127);
    }
    int number = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (process < 0) {
        *failed_call = "vfork";
        errno = number;
        return -1;
    }
    if (failure.call != NULL) {
        while (waitpid(process, NULL, 0) < 0 && errno == EINTR) {
        }
        *failed_call = failure.call;
        errno = failure.number;
        return -1;
    }
    return process;
}

int clinux_process_descriptor(int process) {
    return (int)syscall(SYS_pidfd_open, process, 0);
}

int clinux_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC);
}

int clinux_pseudo_terminal(int ends[2]) {
    ends[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (ends[0] < 0) {
        return -1;
    }
    ends[1] = -1;
    if (grantpt(ends[0]) == 0 && unlockpt(ends[0]) == 0) {
        ends[1] = ioctl(ends[0], TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    }
    if (ends[1] >= 0) {
        return 0;
    }
    int number = errno;
    close(ends[0]);
    errno = number;
    return -1;
}

int clinux_copy_window_size(int from, int to) {
    struct winsize size;
    return ioctl(from, TIOCGWINSZ, &size) == 0 ? ioctl(to, TIOCSWINSZ, &size) : -1;
}

int clinux_take_stop(int process) {
    siginfo_t information = {.si_pid = 0};
    if (waitid(P_PID, (id_t)process, &information, WSTOPPED | WNOHANG) != 0) {
        return 0;
    }
    return information.si_pid == process && information.si_code == CLD_STOPPED;
}

int clinux_pending_byte_count(int descriptor) {
    int count = 0;
    return ioctl(descriptor, FIONREAD, &count) == 0 ? count : -1;
}

int clinux_sealed_file(const char *name, const void *bytes, size_t count) {
    // Newer kernels want to be told that the file is to be executed; older ones do not know the word.
    int descriptor = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | memory_file_executable);
    if (descriptor < 0 && errno == EINVAL) {
        descriptor = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    }
    if (descriptor < 0) {
        return -1;
    }
    size_t written = 0;
    while (written < count) {
        ssize_t number = write(descriptor, (const char *)bytes + written, count - written);
        if (number < 0 && errno == EINTR) {
            continue;
        }
        if (number < 0) {
            goto failed;
        }
        written += (size_t)number;
    }
    if (fcntl(descriptor, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0) {
        return descriptor;
    }
failed:;
    int number = errno;
    close(descriptor);
    errno = number;
    return -1;
}
