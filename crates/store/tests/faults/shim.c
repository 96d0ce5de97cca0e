/* Stands between a child process and the C library: makes the disk fail, and writes down what reaches it.
 * For tests only.
 *
 * FAULT_FOLDER  only files below it are watched
 * FAULT_AT      the number of the watched call that fails, from 1
 * FAULT_ONLY    "sync": count only fsync and fdatasync
 * FAULT_TIMES   how many calls in a row fail; 1 if unset
 * FAULT_KIND    EIO, ENOSPC or SHORT (half of a write arrives; calls that do not write succeed)
 * FAULT_FLAG    a file: while it exists, every watched call from FAULT_AT on fails (after a SHORT one: ENOSPC)
 * FAULT_HIT     a file that is made when the first call fails
 * FAULT_LOG     a file that receives every watched call and every line on the standard output, in order
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum verdict { PASS, FAIL, HALF };

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* A call and its line in the log are one step. */
static pthread_mutex_t step = PTHREAD_MUTEX_INITIALIZER;
static long calls;
static int log_fd = -1;

/* Nor does the process end between the two. */
__attribute__((destructor)) static void end(void) { pthread_mutex_lock(&step); }

static int watched_path(const char *path) {
    const char *folder = getenv("FAULT_FOLDER");
    return folder && strncmp(path, folder, strlen(folder)) == 0;
}

static int path_of(int fd, char path[4096]) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, 4095);
    if (length < 0) return 0;
    path[length] = 0;
    return watched_path(path);
}

static void record(char what, int ok, const char *path, int64_t offset, const void *data, size_t length) {
    const char *log = getenv("FAULT_LOG");
    if (!log) return;
    if (log_fd < 0) log_fd = REAL(open)(log, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    struct __attribute__((packed)) { char what, ok; uint16_t path; uint32_t data; int64_t offset; } head =
        {what, (char)ok, (uint16_t)strlen(path), (uint32_t)length, offset};
    ssize_t done = REAL(write)(log_fd, &head, sizeof head);
    done += REAL(write)(log_fd, path, strlen(path));
    done += REAL(write)(log_fd, data, length);
    if (done != (ssize_t)(sizeof head + strlen(path) + length)) abort();
}

/* Counts a watched call and says what becomes of it. */
static enum verdict strike(int writes, int syncs) {
    const char *at_text = getenv("FAULT_AT"), *flag = getenv("FAULT_FLAG"), *hit = getenv("FAULT_HIT");
    const char *kind = getenv("FAULT_KIND");
    if (!at_text || !kind || (getenv("FAULT_ONLY") && !syncs)) return PASS;
    long at = atol(at_text), number = ++calls;
    const char *times = getenv("FAULT_TIMES");
    int first = number == at, more = number > at && times && number < at + atol(times);
    int lasting = number > at && flag && access(flag, F_OK) == 0;
    if (!first && !more && !lasting) return PASS;
    if (first && hit) close(REAL(open)(hit, O_CREAT | O_WRONLY, 0600));
    if (first && strcmp(kind, "SHORT") == 0) return writes ? HALF : PASS;
    errno = strcmp(kind, "EIO") == 0 ? EIO : ENOSPC;
    return FAIL;
}

/* A write in any of its forms; `offset` says where it goes. */
#define WRITE(offset_now, call)                                                     \
    char path[4096];                                                                \
    int watch = path_of(fd, path), mark = fd == 1;                                  \
    if (!watch && !mark) return call;                                               \
    pthread_mutex_lock(&step);                                                      \
    enum verdict verdict = watch ? strike(1, 0) : PASS;                             \
    ssize_t done = -1;                                                              \
    if (verdict == HALF && length > 1) length /= 2;                                 \
    if (verdict != FAIL) {                                                          \
        int64_t at = watch ? (offset_now) : 0;                                      \
        done = call;                                                                \
        if (done > 0) record(watch ? 'W' : 'M', 1, watch ? path : "", at, data, (size_t)done); \
    }                                                                               \
    pthread_mutex_unlock(&step);                                                    \
    return done;

ssize_t write(int fd, const void *data, size_t length) {
    WRITE(lseek(fd, 0, SEEK_CUR), REAL(write)(fd, data, length))
}
ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
    WRITE(offset, REAL(pwrite)(fd, data, length, offset))
}
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
    WRITE(offset, REAL(pwrite64)(fd, data, length, offset))
}

/* Any other call: watched, perhaps failed, written down. */
#define STEP(watch, syncs, call, what, path, offset, data, length)                  \
    if (!(watch)) return call;                                                      \
    pthread_mutex_lock(&step);                                                      \
    int result = strike(0, syncs) == FAIL ? -1 : call;                              \
    int error = errno;                                                              \
    if (result >= 0 || (syncs)) record(what, result >= 0, path, offset, data, length); \
    pthread_mutex_unlock(&step);                                                    \
    errno = error;                                                                  \
    return result;

int fsync(int fd) {
    char path[4096];
    STEP(path_of(fd, path), 1, REAL(fsync)(fd), 'S', path, 0, "", 0)
}
int fdatasync(int fd) {
    char path[4096];
    STEP(path_of(fd, path), 1, REAL(fdatasync)(fd), 'S', path, 0, "", 0)
}
int ftruncate(int fd, off_t length) {
    char path[4096];
    STEP(path_of(fd, path), 0, REAL(ftruncate)(fd, length), 'T', path, length, "", 0)
}
int ftruncate64(int fd, off64_t length) {
    char path[4096];
    STEP(path_of(fd, path), 0, REAL(ftruncate64)(fd, length), 'T', path, length, "", 0)
}
int rename(const char *from, const char *to) {
    STEP(watched_path(to), 0, REAL(rename)(from, to), 'R', from, 0, to, strlen(to))
}
int mkdir(const char *path, mode_t mode) {
    STEP(watched_path(path), 0, REAL(mkdir)(path, mode), 'D', path, 0, "", 0)
}
int unlink(const char *path) {
    STEP(watched_path(path), 0, REAL(unlink)(path), 'U', path, 0, "", 0)
}

#define OPEN(name)                                                                  \
    int name(const char *path, int flags, ...) {                                    \
        va_list more;                                                               \
        va_start(more, flags);                                                      \
        mode_t mode = va_arg(more, mode_t);                                         \
        va_end(more);                                                               \
        STEP((flags & O_CREAT) && watched_path(path), 0, REAL(name)(path, flags, mode), 'C', path, 0, "", 0) \
    }
OPEN(open)
OPEN(open64)
