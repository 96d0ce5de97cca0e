/* Stands between a child process and the C library, and makes the disk fail. For tests only.
 *
 * FAULT_FOLDER  only files below it are watched
 * FAULT_AT      the number of the watched call that fails, from 1
 * FAULT_KIND    EIO, ENOSPC or SHORT (half of a write arrives; calls that do not write succeed)
 * FAULT_FLAG    a file: while it exists, every watched call from FAULT_AT on fails (after a SHORT one: ENOSPC);
 *               unset: one call fails
 * FAULT_HIT     a file that is made when the first call fails
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum verdict { PASS, FAIL, HALF };

static atomic_long calls;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int watched_path(const char *path) {
    const char *folder = getenv("FAULT_FOLDER");
    return folder && strncmp(path, folder, strlen(folder)) == 0;
}

static int watched(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return watched_path(path);
}

static int is_short(void) {
    const char *kind = getenv("FAULT_KIND");
    return kind && strcmp(kind, "SHORT") == 0;
}

/* Counts a watched call and says what becomes of it. */
static enum verdict strike(int writes) {
    const char *at_text = getenv("FAULT_AT"), *flag = getenv("FAULT_FLAG"), *hit = getenv("FAULT_HIT");
    if (!at_text) return PASS;
    long at = atol(at_text), number = atomic_fetch_add(&calls, 1) + 1;
    int first = number == at, lasting = number > at && flag && access(flag, F_OK) == 0;
    if (!first && !lasting) return PASS;
    if (first && hit) close(REAL(open)(hit, O_CREAT | O_WRONLY, 0600));
    if (first && is_short()) return writes ? HALF : PASS;
    const char *kind = getenv("FAULT_KIND");
    errno = kind && strcmp(kind, "EIO") == 0 ? EIO : ENOSPC;
    return FAIL;
}

ssize_t write(int fd, const void *data, size_t length) {
    if (watched(fd)) {
        enum verdict verdict = strike(1);
        if (verdict == FAIL) return -1;
        if (verdict == HALF && length > 1) length /= 2;
    }
    return REAL(write)(fd, data, length);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
    if (watched(fd)) {
        enum verdict verdict = strike(1);
        if (verdict == FAIL) return -1;
        if (verdict == HALF && length > 1) length /= 2;
    }
    return REAL(pwrite)(fd, data, length, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
    if (watched(fd)) {
        enum verdict verdict = strike(1);
        if (verdict == FAIL) return -1;
        if (verdict == HALF && length > 1) length /= 2;
    }
    return REAL(pwrite64)(fd, data, length, offset);
}

#define WITH_FD(name, declared, passed)                                   \
    int name declared {                                                   \
        if (watched(fd) && strike(0) == FAIL) return -1;                  \
        return REAL(name) passed;                                         \
    }
WITH_FD(fsync, (int fd), (fd))
WITH_FD(fdatasync, (int fd), (fd))
WITH_FD(ftruncate, (int fd, off_t length), (fd, length))
WITH_FD(ftruncate64, (int fd, off64_t length), (fd, length))

int rename(const char *from, const char *to) {
    if (watched_path(to) && strike(0) == FAIL) return -1;
    return REAL(rename)(from, to);
}

int mkdir(const char *path, mode_t mode) {
    if (watched_path(path) && strike(0) == FAIL) return -1;
    return REAL(mkdir)(path, mode);
}

#define OPEN(name)                                                        \
    int name(const char *path, int flags, ...) {                          \
        va_list more;                                                     \
        va_start(more, flags);                                            \
        mode_t mode = va_arg(more, mode_t);                               \
        va_end(more);                                                     \
        if ((flags & O_CREAT) && watched_path(path) && strike(0) == FAIL) \
            return -1;                                                    \
        return REAL(name)(path, flags, mode);                             \
    }
OPEN(open)
OPEN(open64)
