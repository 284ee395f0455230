// What picolibc needs from a system: files, memory, time, processes.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>
#include "syscalls.h"

char **environ;

// From 35 on picolibc has numbers of its own.
static long checked(long result)
{
    if (result >= 0 || result < -4095) return result;
    errno = result == -36 ? ENAMETOOLONG : result == -38 ? ENOSYS : result == -40 ? ELOOP : -result;
    return -1;
}

// picolibc's flags of open are not Linux's.
int open(const char *path, int flags, ...)
{
    int to = flags & 3;
    to |= flags & O_CREAT ? 0100 : 0;
    to |= flags & O_EXCL ? 0200 : 0;
    to |= flags & O_TRUNC ? 01000 : 0;
    to |= flags & O_APPEND ? 02000 : 0;
    to |= flags & O_NONBLOCK ? 04000 : 0;
    return checked(call4(SYS_openat, -100, path, to, 0));
}

int close(int fd) { return checked(call1(SYS_close, fd)); }
ssize_t read(int fd, void *to, size_t bytes) { return checked(call3(SYS_read, fd, to, bytes)); }
ssize_t write(int fd, const void *from, size_t bytes) { return checked(call3(SYS_write, fd, from, bytes)); }

// off_t has 64 bits in picolibc.
off_t lseek(int fd, off_t offset, int whence)
{
    int64_t place;
    long result = checked(call5(SYS_llseek, fd, (long)((int64_t)offset >> 32), (long)offset, &place, whence));
    return result < 0 ? -1 : (off_t)place;
}

int fstat(int fd, struct stat *to)
{
    uint32_t words[26];
    if (checked(call2(SYS_fstat, fd, words)) < 0) return -1;
    memset(to, 0, sizeof *to);
    to->st_ino = words[2];
    to->st_mode = words[4];
    to->st_nlink = words[5];
    to->st_rdev = words[8];
    to->st_size = words[12];
    to->st_mtime = words[20];
    return 0;
}

int stat(const char *path, struct stat *to)
{
    int fd = open(path, O_RDONLY), result;
    if (fd < 0) return -1;
    result = fstat(fd, to);
    close(fd);
    return result;
}

int isatty(int fd)
{
    struct stat facts;
    return fstat(fd, &facts) == 0 && S_ISCHR(facts.st_mode);
}

int unlink(const char *path)
{
    (void)path;
    errno = EROFS;
    return -1;
}

void *sbrk(intptr_t bytes)
{
    static long end;
    if (!end) end = call1(SYS_brk, 0);
    long old = end, wanted = end + bytes;
    if (bytes && call1(SYS_brk, wanted) != wanted) {
        errno = ENOMEM;
        return (void *)-1;
    }
    end = wanted;
    return (void *)old;
}

_Noreturn void _exit(int code)
{
    for (;;) call1(SYS_exit_group, code);
}

pid_t getpid(void) { return call0(SYS_getpid); }
pid_t fork(void) { return checked(call5(SYS_clone, 17, 0, 0, 0, 0)); }
int execve(const char *path, char *const argv[], char *const envp[]) { return checked(call3(SYS_execve, path, argv, envp)); }
pid_t waitpid(pid_t pid, int *status, int options) { return checked(call4(SYS_wait4, pid, status, options, 0)); }

// picolibc has other numbers for some signals.
int kill(pid_t pid, int signal)
{
    int number = signal == SIGBUS ? 7 : signal == SIGUSR1 ? 10 : signal == SIGUSR2 ? 12 : signal == SIGCHLD ? 17
        : signal == SIGCONT ? 18 : signal == SIGSTOP ? 19 : signal;
    return checked(call2(SYS_kill, pid, number));
}

int clock_gettime(clockid_t clock, struct timespec *to)
{
    int64_t now[2];
    (void)clock;
    if (checked(call2(SYS_clock_gettime64, 1, now)) < 0) return -1;
    to->tv_sec = now[0];
    to->tv_nsec = (long)now[1];
    return 0;
}

int nanosleep(const struct timespec *time, struct timespec *left)
{
    int64_t wanted[2] = {time->tv_sec, time->tv_nsec}, rest[2] = {0, 0};
    long result = checked(call4(SYS_clock_nanosleep64, 1, 0, wanted, rest));
    if (left) {
        left->tv_sec = rest[0];
        left->tv_nsec = (long)rest[1];
    }
    return result;
}

int gettimeofday(struct timeval *to, void *zone)
{
    struct timespec now;
    (void)zone;
    if (clock_gettime(0, &now) < 0) return -1;
    to->tv_sec = now.tv_sec;
    to->tv_usec = now.tv_nsec / 1000;
    return 0;
}

// ---- standard streams: output is written at line ends ----

static char waiting[512];
static size_t used;

static int flush(FILE *stream)
{
    (void)stream;
    size_t done = 0;
    while (done < used) {
        ssize_t count = write(1, waiting + done, used - done);
        if (count <= 0) break;
        done += count;
    }
    used = 0;
    return 0;
}

static int put(char c, FILE *stream)
{
    waiting[used++] = c;
    if (c == '\n' || used == sizeof waiting) flush(stream);
    return (unsigned char)c;
}

static int put_error(char c, FILE *stream)
{
    (void)stream;
    return write(2, &c, 1) == 1 ? (unsigned char)c : EOF;
}

static int get(FILE *stream)
{
    unsigned char c;
    flush(stream);
    return read(0, &c, 1) == 1 ? c : EOF;
}

__attribute__((destructor)) static void flush_at_exit(void) { flush(NULL); }

static FILE in = FDEV_SETUP_STREAM(NULL, get, NULL, _FDEV_SETUP_READ);
static FILE out = FDEV_SETUP_STREAM(put, NULL, flush, _FDEV_SETUP_WRITE);
static FILE err = FDEV_SETUP_STREAM(put_error, NULL, NULL, _FDEV_SETUP_WRITE);
FILE *const stdin = &in, *const stdout = &out, *const stderr = &err;
