// Checks system calls and memory from a program's side. Prints each failed check, then "well" and the number of checks.
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "syscalls.h"

// picolibc has other numbers for these and for some signals.
enum { LINUX_ENAMETOOLONG = 36, LINUX_ENOSYS = 38, LINUX_ELOOP = 40, LINUX_EOVERFLOW = 75 };

static int checks, failed;

#define is(what, wanted) compare(__LINE__, #what, (long)(what), (long)(wanted))

static void compare(int line, const char *what, long found, long wanted)
{
    checks++;
    if (found == wanted) return;
    failed++;
    printf("line %d: %s is %ld, not %ld\n", line, what, found, wanted);
    fflush(stdout);
}

enum { PAGE = 4096, READ = 1, WRITE = 2, EXECUTE = 4 };
enum { SHARED = 1, PRIVATE = 2, FIXED = 0x10, ANONYMOUS = 0x20, GROWSDOWN = 0x100 };
enum {
    LINUX_SIGILL = 4, LINUX_SIGTRAP = 5, LINUX_SIGBUS = 7, LINUX_SIGUSR1 = 10, LINUX_SIGSEGV = 11, LINUX_SIGPIPE = 13,
    LINUX_SIGTERM = 15, LINUX_SIGCHLD = 17
};
enum { SA_RESTART = 0x10000000, SA_NODEFER = 0x40000000 };

struct action {
    void (*handler)(int, uint32_t *, uint32_t *);
    uint32_t flags, mask[2];
};

static volatile int signals, last, code_of_last;
static volatile uint32_t first_of_last;

static void note(int signal, uint32_t *info, uint32_t *context)
{
    (void)context;
    signals++;
    last = signal;
    code_of_last = info[2];
    first_of_last = info[3];
}

static long on(int signal, void (*handler)(int, uint32_t *, uint32_t *), uint32_t flags)
{
    struct action action = {handler, flags, {0, 0}};
    return call4(SYS_rt_sigaction, signal, &action, 0, 8);
}

static void *map(long at, long bytes, int access, int flags)
{
    return (void *)call6(SYS_mmap2, at, bytes, access, flags | ANONYMOUS, -1, 0);
}

static long fork_child(void) { return call5(SYS_clone, LINUX_SIGCHLD, 0, 0, 0, 0); }

// Returns the wait status of the child that runs a function.
static int child(void (*run)(void))
{
    int status = -1;
    long pid = fork_child();
    if (pid == 0) {
        run();
        call1(SYS_exit_group, 99);
    }
    is(call4(SYS_wait4, pid, &status, 0, 0), pid);
    return status;
}

// ---- memory ----

static void memory(void)
{
    char *pages = map(0, 4 * PAGE, READ | WRITE, PRIVATE);
    is((long)pages & (PAGE - 1), 0);
    is(pages[0] | pages[4 * PAGE - 1], 0);
    memset(pages, 7, 4 * PAGE);
    is(call2(SYS_munmap, pages + PAGE, PAGE), 0);
    is(pages[0] + pages[2 * PAGE], 14);
    is(call3(SYS_write, 1, pages + PAGE, 1), -EFAULT);
    is(call3(SYS_mprotect, pages, PAGE, READ), 0);
    is(call3(SYS_read, 0, pages, 1), 0);
    is(call3(SYS_mprotect, pages + PAGE, PAGE, READ), -ENOMEM);
    is(map((long)pages + PAGE, PAGE, READ | WRITE, PRIVATE | FIXED), pages + PAGE);
    is(pages[PAGE], 0);
    is(call2(SYS_munmap, pages, 4 * PAGE), 0);
    is(call2(SYS_munmap, pages + 1, PAGE), -EINVAL);
    is(map(0, 0, READ, PRIVATE), -EINVAL);
    is(map(0, PAGE, READ, 0), -EINVAL);
    is(map(0, 0x7f000000, READ, PRIVATE), 0x40000000);
    is(map(0, 0x7f000000, READ, PRIVATE), -ENOMEM);
    is(call2(SYS_munmap, 0x40000000, 0x7f000000), 0);
    is(map(0x1000, PAGE, READ, PRIVATE | FIXED), -ENOMEM);
    long end = call1(SYS_brk, 0);
    is(call1(SYS_brk, end + 3 * PAGE), end + 3 * PAGE);
    memset((void *)end, 1, 3 * PAGE);
    is(call1(SYS_brk, end), end);
    is(call1(SYS_brk, end + PAGE), end + PAGE);
    is(*(char *)end, 0);
    is(call1(SYS_brk, 0xf0000000), end + PAGE);
}

static int *shared, *own;

static void store_both(void)
{
    is(own[0], 5);
    *shared = 6;
    own[0] = 6;
    own[2000] = 6;
    call1(SYS_exit_group, shared[0] + own[0]);
}

static void copies(void)
{
    shared = map(0, PAGE, READ | WRITE, SHARED);
    own = map(0, 4 * PAGE, READ | WRITE, PRIVATE);
    own[0] = 5;
    is(child(store_both), 12 << 8);
    is(*shared, 6);
    is(own[0], 5);
    is(own[2000], 0);
    for (int i = 0; i < 20; i++) is(child(store_both), 12 << 8);
}

static long deep(int depth)
{
    volatile char frame[1000];
    memset((char *)frame, depth, sizeof frame);
    return depth == 0 ? 0 : deep(depth - 1) + frame[999] - (char)depth;
}

static void far_below(void) { *(volatile char *)0xb0000000 = 1; }
static volatile long zero;
static void null(void) { *(volatile int *)(zero + 16) = 1; }
static void code(void) { *(volatile int *)((long)null + zero) = 1; }
static void data(void)
{
    static int words[2] = {0x00008067};
    ((void (*)(void))words)();
}
static void illegal(void) { __asm__ volatile(".word 0"); }
static void privileged(void)
{
    __asm__ volatile(".word 0x180022f3" ::: "t0");  // csrr t0, satp
}
static void breakpoint(void) { __asm__ volatile("ebreak"); }
static void kernel_memory(void) { *(volatile int *)0xc0001000 = 1; }
static void itself(void) { call2(SYS_kill, call0(SYS_getpid), LINUX_SIGTERM); }
static void broken_stack(void)
{
    on(LINUX_SIGUSR1, note, 0);
    register long a0 __asm__("a0") = call0(SYS_getpid), a1 __asm__("a1") = LINUX_SIGUSR1, a7 __asm__("a7") = SYS_kill;
    __asm__ volatile("li sp, 64\n ecall" : "+r"(a0) : "r"(a1), "r"(a7) : "memory");
    for (;;) { }
}

static char *protected;

static void allow(int signal, uint32_t *info, uint32_t *context)
{
    note(signal, info, context);
    call3(SYS_mprotect, protected, PAGE, READ | WRITE);
}

// A handler mends what is wrong, and the access is made again.
static void mends(void)
{
    protected = map(0, PAGE, READ, PRIVATE);
    on(LINUX_SIGSEGV, allow, 0);
    protected[20] = 7;
    is(protected[20], 7);
    is(first_of_last, protected + 20);
    is(code_of_last, 2);
    on(LINUX_SIGSEGV, 0, 0);
}

static void crashes(void)
{
    mends();
    is(deep(1000), 0);
    is(child(far_below), LINUX_SIGSEGV);
    is(child(null), LINUX_SIGSEGV);
    is(child(code), LINUX_SIGSEGV);
    is(child(data), LINUX_SIGSEGV);
    is(child(illegal), LINUX_SIGILL);
    is(child(privileged), LINUX_SIGILL);
    is(child(breakpoint), LINUX_SIGTRAP);
    is(child(kernel_memory), LINUX_SIGSEGV);
    is(child(itself), LINUX_SIGTERM);
    is(child(broken_stack), LINUX_SIGSEGV);
    on(LINUX_SIGSEGV, note, 0);
    is(child(broken_stack), LINUX_SIGSEGV);
    on(LINUX_SIGSEGV, 0, 0);
}

// ---- files ----

static void files(void)
{
    char text[64];
    int64_t place;
    long fd = call4(SYS_openat, -100, "/etc/motd", 0, 0);
    is(fd, 3);
    is(call3(SYS_read, fd, text, 7), 7);
    is(memcmp(text, "welcome", 7), 0);
    is(call5(SYS_llseek, fd, -1, -1, &place, 1), 0);
    is(place, 6);
    is(call6(SYS_pread64, fd, (long)text, 3, 3, 0, 0), 3);
    is(memcmp(text, "com", 3), 0);
    is(call6(SYS_pread64, fd, (long)text, 3, 0, -1, 0), -EINVAL);
    is(call3(SYS_read, fd, (void *)0xc0001000, 4), -EFAULT);
    is(call3(SYS_read, fd, 0, 4), -EFAULT);
    is(call3(SYS_write, fd, text, 1), -EBADF);
    struct { char *at; long bytes; } parts[2] = {{text, 1}, {text + 10, 2}};
    is(call3(SYS_readv, fd, parts, 2), 3);
    is(text[0] == 'e' && text[10] == ' ' && text[11] == 't', 1);
    is(call3(SYS_readv, fd, parts, -1), -EINVAL);
    char *mapped = (char *)call6(SYS_mmap2, 0, PAGE, READ | WRITE, PRIVATE, fd, 0);
    is(memcmp(mapped, "welcome", 7), 0);
    mapped[0] = 'W';
    is(mapped[100], 0);
    is(call6(SYS_mmap2, 0, PAGE, READ | WRITE, SHARED, fd, 0), -EACCES);
    is(call6(SYS_mmap2, 0, PAGE, READ, PRIVATE, 31, 0), -EBADF);
    is(call1(SYS_close, fd), 0);
    is(call1(SYS_close, fd), -EBADF);
    is(mapped[1], 'e');
    is(call4(SYS_openat, -100, "/etc/none", 0, 0), -ENOENT);
    is(call4(SYS_openat, -100, "/etc/motd", 2, 0), -EROFS);
    is(call4(SYS_openat, -100, "/etc/new", 0101, 0), -EROFS);
    is(call4(SYS_openat, -100, "", 0, 0), -ENOENT);
    is(call4(SYS_openat, -100, 0, 0, 0), -EFAULT);
    is(call1(SYS_chdir, "/etc/motd"), -ENOTDIR);
    is(call1(SYS_chdir, "/etc/../etc/."), 0);
    is(call2(SYS_getcwd, text, sizeof text), 5);
    is(strcmp(text, "/etc"), 0);
    is(call2(SYS_getcwd, text, 4), -ERANGE);
    fd = call4(SYS_openat, -100, "motd", 02000000, 0);
    is(call3(SYS_fcntl, fd, 1, 0), 1);
    is(call3(SYS_dup3, fd, fd, 0), -EINVAL);
    is(call3(SYS_dup3, fd, 20, 0), 20);
    is(call3(SYS_read, 20, text, 4), 4);
    is(call3(SYS_read, fd, text + 4, 4), 4);
    is(memcmp(text, "welcome ", 8), 0);
    is(call3(SYS_fcntl, 20, 0, 25), 25);
    is(call1(SYS_close, fd) | call1(SYS_close, 20) | call1(SYS_close, 25), 0);
    long directory = call4(SYS_openat, -100, "/", 0200000, 0);
    is(call3(SYS_read, directory, text, 4), -EISDIR);
    is(call4(SYS_openat, directory, "etc/motd", 0, 0), 4);
    is(call1(SYS_close, 4), 0);
    int names = 0;
    char entries[512];
    long got;
    while ((got = call3(SYS_getdents64, directory, entries, 64)) > 0) {
        for (long at = 0; at < got; at += *(uint16_t *)(entries + at + 16)) {
            names += strcmp(entries + at + 19, "etc") == 0 || strcmp(entries + at + 19, "..") == 0;
        }
    }
    is(got, 0);
    is(names, 2);
    is(call3(SYS_getdents64, directory, entries, 8), 0);
    is(call1(SYS_close, directory), 0);
    is(call3(SYS_getdents64, 0, entries, 512), -ENOTDIR);
    struct stat facts;
    is(stat("/etc/motd", &facts), 0);
    is(S_ISREG(facts.st_mode) && facts.st_size > 7, 1);
    is(stat("/dev/null", &facts), 0);
    is(S_ISCHR(facts.st_mode), 1);
    fd = call4(SYS_openat, -100, "/dev/zero", 2, 0);
    memset(text, 1, 8);
    is(call3(SYS_read, fd, text, 8), 8);
    is(text[7], 0);
    is(call3(SYS_write, fd, text, 8), 8);
    call1(SYS_close, fd);
    while ((fd = call4(SYS_openat, -100, "/dev/null", 2, 0)) >= 0) { }
    is(fd, -EMFILE);
    for (int i = 3; i < 32; i++) call1(SYS_close, i);
}

static char *far_page;
static void read_far_page(void) { zero = *far_page; }
static void store_shared(void) { shared[0] = 5; call1(SYS_exit_group, 0); }

// Mappings that are refused leave what is there; those of pages that a file has not are SIGBUS.
static void edges_of_mappings(void)
{
    long fd = call4(SYS_openat, -100, "/etc/motd", 0, 0);
    is(call6(SYS_mmap2, 0, PAGE, READ, PRIVATE, fd, 0x100000), -LINUX_EOVERFLOW);
    far_page = (char *)call6(SYS_mmap2, 0, PAGE, READ, PRIVATE, fd, 0xfff00);
    is((long)far_page < 0 && (long)far_page > -4096, 0);
    is(child(read_far_page), LINUX_SIGBUS);
    char *kept = map(0, PAGE, READ | WRITE, PRIVATE);
    kept[0] = 7;
    is(call6(SYS_mmap2, (long)kept, PAGE, READ, PRIVATE | FIXED, 99, 0), -EBADF);
    is(call6(SYS_mmap2, (long)kept, PAGE, READ | WRITE, SHARED | FIXED, fd, 0), -EACCES);
    is(kept[0], 7);
    is(map(0, PAGE, READ, SHARED | GROWSDOWN), -EINVAL);
    call1(SYS_close, fd);
    shared = map(0, PAGE, 0, SHARED);
    is(call3(SYS_mprotect, shared, PAGE, READ | WRITE), 0);
    is(child(store_shared), 0);
    is(shared[0], 5);
}

// A directory that is gone has no entries: that of a child that has ended.
static void gone_directory(void)
{
    char path[32], entries[256];
    long pid = fork_child();
    if (pid == 0) {
        int64_t soon[2] = {0, 3000000};
        call4(SYS_clock_nanosleep64, 1, 0, soon, 0);
        call1(SYS_exit_group, 0);
    }
    snprintf(path, sizeof path, "/proc/%ld", pid);
    long directory = call4(SYS_openat, -100, path, 0200000, 0);
    is(call3(SYS_getdents64, directory, entries, sizeof entries) > 0, 1);
    is(call4(SYS_wait4, pid, 0, 0x40, 0), -EINVAL);
    uint32_t usage[18] = {1, 1};
    is(call4(SYS_wait4, pid, 0, 0, usage), pid);
    is(usage[0] | usage[1] | usage[17], 0);
    is(call5(SYS_llseek, directory, 0, 0, usage, 0), 0);
    is(call3(SYS_getdents64, directory, entries, sizeof entries), -ENOENT);
    call1(SYS_close, directory);
}

// A read into several buffers does not wait for more than there is.
static void exactly_the_first(void)
{
    int ends[2];
    char text[8] = "abc";
    struct { char *at; long bytes; } parts[2] = {{text, 3}, {text + 4, 3}};
    is(call2(SYS_pipe2, ends, 0), 0);
    is(call3(SYS_write, ends[1], text, 3), 3);
    is(call3(SYS_readv, ends[0], parts, 2), 3);
    call1(SYS_close, ends[0]);
    call1(SYS_close, ends[1]);
}

// Positions far past the end of a device are past its end.
static int past_the_end(const char *device)
{
    static char bytes[PAGE];
    long fd = call4(SYS_openat, -100, device, 2, 0);
    for (long high = 0; high < 0x7fffffff; high = high * 2 + 1) {
        for (long low = 0; low < 2; low++) {
            is(call6(SYS_pread64, fd, (long)bytes, PAGE, low ? 0xfffff000 : 0x80000000, high, 0), 0);
            is(call6(SYS_pwrite64, fd, (long)bytes, PAGE, low ? 0xfffff000 : 0x80000000, high, 0), -ENOSPC);
        }
    }
    if (!failed) printf("well: %d checks of %s\n", checks, device);
    return failed != 0;
}

// A copy that meets the end of the program's memory transfers what comes before.
static void partly(void)
{
    char *pages = map(0, 2 * PAGE, READ | WRITE, PRIVATE);
    call2(SYS_munmap, pages + PAGE, PAGE);
    int ends[2];
    is(call2(SYS_pipe2, ends, 0), 0);
    memset(pages, 'x', PAGE);
    is(call3(SYS_write, ends[1], pages + PAGE - 3, 10), 3);
    is(call3(SYS_read, ends[0], pages + PAGE - 2, 3), 2);
    call1(SYS_close, ends[0]);
    call1(SYS_close, ends[1]);
    call2(SYS_munmap, pages, PAGE);
}

static int pipe_ends[2];

static void write_much(void)
{
    call1(SYS_close, pipe_ends[0]);
    char *much = map(0, 200000, READ | WRITE, PRIVATE);
    for (int i = 0; i < 200000; i++) much[i] = i;
    call1(SYS_exit_group, call3(SYS_write, pipe_ends[1], much, 200000) == 200000 ? 0 : 1);
}

static void pipes(void)
{
    char *got = map(0, 200000, READ | WRITE, PRIVATE);
    is(call2(SYS_pipe2, pipe_ends, 0), 0);
    long pid = fork_child();
    if (pid == 0) write_much();
    call1(SYS_close, pipe_ends[1]);
    long bytes = 0, count;
    while ((count = call3(SYS_read, pipe_ends[0], got + bytes, 7777)) > 0) bytes += count;
    is(bytes, 200000);
    int wrong = 0, status;
    for (int i = 0; i < 200000; i++) wrong += got[i] != (char)i;
    is(wrong, 0);
    is(call4(SYS_wait4, -1, &status, 0, 0), pid);
    is(status, 0);
    is(call4(SYS_wait4, -1, &status, 0, 0), -ECHILD);
    call1(SYS_close, pipe_ends[0]);
    is(call2(SYS_pipe2, pipe_ends, 04000), 0);
    is(call3(SYS_read, pipe_ends[0], got, 1), -EAGAIN);
    while ((count = call3(SYS_write, pipe_ends[1], got, 5000)) > 0) bytes += count;
    is(count, -EAGAIN);
    is(bytes, 200000 + 65536);
    struct { char *at; long bytes; } pieces[2] = {{got, 1}, {got, 2}};
    is(call3(SYS_read, pipe_ends[0], got, 2), 2);
    is(call3(SYS_writev, pipe_ends[1], pieces, 2), -EAGAIN);
    pieces[1].bytes = 1;
    is(call3(SYS_writev, pipe_ends[1], pieces, 2), 2);
    on(LINUX_SIGPIPE, note, 0);
    call1(SYS_close, pipe_ends[0]);
    signals = 0;
    is(call3(SYS_write, pipe_ends[1], got, 1), -EPIPE);
    is(signals, 1);
    on(LINUX_SIGPIPE, 0, 0);
    call1(SYS_close, pipe_ends[1]);
    struct { int fd; int16_t events, found; } fds[2] = {{0, 0, 0}, {99, 1, 0}};
    int64_t soon[2] = {0, 1000000};
    is(call2(SYS_pipe2, pipe_ends, 0), 0);
    fds[0].fd = pipe_ends[0];
    fds[0].events = 1;
    is(call5(SYS_ppoll, fds, 1, soon, 0, 8), 0);
    is(call5(SYS_ppoll, fds, 2, soon, 0, 8), 1);
    is(fds[1].found, 32);
    is(call3(SYS_write, pipe_ends[1], "!", 1), 1);
    is(call5(SYS_ppoll, fds, 1, 0, 0, 8), 1);
    is(fds[0].found, 1);
    uint32_t set = 1u << pipe_ends[0];
    is(call6(SYS_pselect6, 32, (long)&set, 0, 0, (long)soon, 0), 1);
    is(set, 1u << pipe_ends[0]);
    set = 1u << 30;
    is(call6(SYS_pselect6, 32, (long)&set, 0, 0, (long)soon, 0), -EBADF);
    call1(SYS_close, pipe_ends[0]);
    call1(SYS_close, pipe_ends[1]);
}

enum { IN = 1, OUT = 4, HUP = 16, ET = (int)0x80000000, ADD = 1, DEL = 2, MOD = 3 };

struct event {
    uint32_t events;
    uint64_t data;
};

static void send_later(void);

static void epolls(void)
{
    struct event wanted = {IN, 0x1122334455667788}, got[4];
    int64_t soon[2] = {0, 1000000}, wrong[2] = {0, 1000000000}, before[2], after[2];
    uint32_t usr1[2] = {1 << (LINUX_SIGUSR1 - 1), 0}, none[2] = {0, 0};
    is(sizeof wanted, 16);
    is(call1(SYS_epoll_create1, 1), -EINVAL);
    long epoll = call1(SYS_epoll_create1, 02000000), copy;
    is(epoll, 3);
    is(call3(SYS_fcntl, epoll, 1, 0), 1);
    is(call2(SYS_pipe2, pipe_ends, 0), 0);
    is(call4(SYS_epoll_ctl, epoll, ADD, pipe_ends[0], 0), -EFAULT);
    is(call4(SYS_epoll_ctl, epoll, ADD, pipe_ends[0], &wanted), 0);
    is(call4(SYS_epoll_ctl, epoll, ADD, pipe_ends[0], &wanted), -EEXIST);
    is(call4(SYS_epoll_ctl, epoll, MOD, pipe_ends[1], &wanted), -ENOENT);
    is(call4(SYS_epoll_ctl, epoll, ADD, epoll, &wanted), -EINVAL);
    long file = call4(SYS_openat, -100, "/etc/motd", 0, 0);
    is(call4(SYS_epoll_ctl, epoll, ADD, file, &wanted), -EPERM);
    call1(SYS_close, file);
    is(call6(SYS_epoll_pwait, epoll, (long)got, 4, 0, 0, 0), 0);
    is(call2(SYS_clock_gettime64, 1, before), 0);
    is(call6(SYS_epoll_pwait2, epoll, (long)got, 4, (long)soon, 0, 0), 0);
    is(call6(SYS_epoll_pwait, epoll, (long)got, 4, 2, 0, 0), 0);
    is(call2(SYS_clock_gettime64, 1, after), 0);
    is(after[1] - before[1] >= 3000000 && after[1] - before[1] < 5000000, 1);
    is(call6(SYS_epoll_pwait2, epoll, (long)got, 4, (long)wrong, 0, 0), -EINVAL);
    is(call6(SYS_epoll_pwait, epoll, (long)got, 4, 0, (long)none, 4), -EINVAL);
    is(call6(SYS_epoll_pwait, epoll, (long)got, 0, 0, 0, 0), -EINVAL);
    is(call6(SYS_epoll_pwait, pipe_ends[0], (long)got, 4, 0, 0, 0), -EINVAL);

    // an event that has no place is told by the next call; an edge once
    wanted.events = IN | ET;
    is(call4(SYS_epoll_ctl, epoll, MOD, pipe_ends[0], &wanted), 0);
    is(call3(SYS_write, pipe_ends[1], "ab", 2), 2);
    is(call6(SYS_epoll_pwait, epoll, 64, 4, -1, 0, 0), -EFAULT);
    is(call6(SYS_epoll_pwait, epoll, (long)got, 4, -1, 0, 0), 1);
    is(got[0].events, IN);
    is(got[0].data == wanted.data, 1);
    is(call3(SYS_read, pipe_ends[0], got, 1), 1);
    is(call6(SYS_epoll_pwait, epoll, (long)got, 4, 0, 0, 0), 0);
    wanted.events = IN;
    is(call4(SYS_epoll_ctl, epoll, MOD, pipe_ends[0], &wanted), 0);
    is(call6(SYS_epoll_pwait, epoll, (long)got, 4, 0, 0, 0), 1);
    is(call3(SYS_read, pipe_ends[0], got, 1), 1);

    // a child writes; a signal interrupts, unless the call blocks it
    on(LINUX_SIGUSR1, note, SA_RESTART);
    signals = 0;
    long pid = fork_child();
    if (pid == 0) send_later();
    is(call6(SYS_epoll_pwait, epoll, (long)got, 4, -1, 0, 0), -EINTR);
    is(signals, 1);
    is(call6(SYS_epoll_pwait2, epoll, (long)got, 4, 0, 0, 0), 1);
    is(call3(SYS_read, pipe_ends[0], got, 1), 1);
    is(call4(SYS_wait4, pid, 0, 0, 0), pid);
    pid = fork_child();
    if (pid == 0) send_later();
    is(call6(SYS_epoll_pwait, epoll, (long)got, 4, -1, (long)usr1, 8), 1);
    is(signals, 2);
    is(call4(SYS_wait4, pid, 0, 0, 0), pid);
    on(LINUX_SIGUSR1, 0, 0);

    // the last close of a file ends the watch, and the last close of the other end is an event
    is(copy = call1(SYS_dup, pipe_ends[0]), 6);
    call1(SYS_close, pipe_ends[0]);
    is(call6(SYS_epoll_pwait, epoll, (long)got, 4, -1, 0, 0), 1);
    call1(SYS_close, pipe_ends[1]);
    is(call6(SYS_epoll_pwait, epoll, (long)got, 4, -1, 0, 0), 1);
    is(got[0].events, IN | HUP);
    is(call4(SYS_epoll_ctl, epoll, DEL, copy, 0), -ENOENT);
    call1(SYS_close, copy);
    is(call6(SYS_epoll_pwait, epoll, (long)got, 4, 0, 0, 0), 0);
    is(call1(SYS_close, epoll), 0);
    is(call6(SYS_epoll_pwait, epoll, (long)got, 4, 0, 0, 0), -EBADF);
}

// ---- paths ----

enum { CREATE = 0100, EXCLUSIVE = 0200, DIRECTORY = 0200000, NOFOLLOW = 0400000, AT_NOFOLLOW = 0x100 };

static long open_path(const char *path, int flags)
{
    long fd = call4(SYS_openat, -100, path, flags, 0);
    if (fd >= 0) call1(SYS_close, fd);
    return fd < 0 ? fd : 0;
}

// ---- asynchronous I/O ----

struct iocb {
    uint64_t data;
    uint32_t key, rw_flags;
    uint16_t opcode;
    int16_t priority;
    uint32_t file;
    uint64_t buffer, bytes;
    int64_t offset;
    uint64_t reserved;
    uint32_t flags, result_file;
};
struct io_event {
    uint64_t data, iocb;
    int64_t result, result2;
};
enum { CMD_PREAD = 0, CMD_PWRITE = 1, CMD_FSYNC = 2, CMD_NOOP = 6 };

static void fill(struct iocb *iocb, int opcode, long file, void *buffer, long bytes, long offset)
{
    memset(iocb, 0, sizeof *iocb);
    iocb->data = 0x100000000 + offset;
    iocb->opcode = opcode;
    iocb->file = file;
    iocb->buffer = (uint32_t)(long)buffer;
    iocb->bytes = bytes;
    iocb->offset = offset;
}

static long open_file(const char *path, int flags)
{
    return call4(SYS_openat, -100, path, flags, 0);
}

static long submit(uint32_t context, struct iocb *one)
{
    return call3(SYS_io_submit, context, 1, &one);
}

static long events(uint32_t context, int least, int most, struct io_event *into, long milliseconds)
{
    int64_t time[2] = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    return call6(SYS_io_pgetevents64, context, least, most, (long)into, milliseconds < 0 ? 0 : (long)time, 0);
}

static void no_aio(void)
{
    uint32_t context = 0, other = 0, nowhere = 1;
    struct iocb iocb;
    struct io_event event;
    char byte;
    is(call2(SYS_io_setup, 0, &context), -EINVAL);
    is(call2(SYS_io_setup, 0x10001, &context), -EAGAIN);
    is(call2(SYS_io_setup, 2, &nowhere), -EINVAL);
    is(call2(SYS_io_setup, 2, 16), -EFAULT);
    is(call2(SYS_io_setup, 2, &context), 0);
    is(call2(SYS_io_setup, 2, &other), 0);
    is(context != 0 && other != 0 && context != other, 1);
    is(*(uint32_t *)(context + 16), 0);
    long zero_file = open_file("/dev/zero", O_RDONLY);
    fill(&iocb, CMD_PREAD, zero_file, &byte, 1, 0);
    is(submit(context, &iocb), -EINVAL);
    is(submit(nowhere, &iocb), -EINVAL);
    is(call3(SYS_io_submit, context, -1, 0), -EINVAL);
    is(call3(SYS_io_submit, context, 0, 0), 0);
    is(call3(SYS_io_submit, context, 1, 16), -EFAULT);
    fill(&iocb, CMD_PREAD, 99, &byte, 1, 0);
    is(submit(context, &iocb), -EBADF);
    fill(&iocb, CMD_PWRITE, zero_file, &byte, 1, 0);
    is(submit(context, &iocb), -EBADF);
    fill(&iocb, CMD_NOOP, zero_file, &byte, 1, 0);
    is(submit(context, &iocb), -EINVAL);
    iocb.opcode = CMD_PREAD;
    iocb.reserved = 1;
    is(submit(context, &iocb), -EINVAL);
    is(call3(SYS_io_cancel, context, &iocb, &event), -EINVAL);
    is(events(context, 0, 1, &event, -1), 0);
    is(events(context, 1, 1, &event, 5), 0);
    is(events(context, 2, 1, &event, 5), -EINVAL);
    is(events(nowhere, 0, 1, &event, 5), -EINVAL);
    is(call1(SYS_io_destroy, other), 0);
    is(call1(SYS_io_destroy, other), -EINVAL);
    call1(SYS_close, zero_file);               // the end of the program destroys the first context
}

// Uses a device whose driver answers later, as the book's scullp. A result that does not come within ten seconds is
// a failed check, and so is a device without asynchronous I/O: its driver refuses the operations, as on Linux.
static int aio(const char *device)
{
    uint32_t context = 0;
    struct iocb iocbs[3], *all[3] = {&iocbs[0], &iocbs[1], &iocbs[2]};
    struct io_event got[4];
    char bytes[8] = "";
    long file = open_file(device, O_RDWR);
    is(call2(SYS_io_setup, 3, &context), 0);
    fill(&iocbs[0], CMD_PWRITE, file, "hello", 5, 0);
    fill(&iocbs[1], CMD_PWRITE, file, "there", 5, 5);
    fill(&iocbs[2], CMD_PREAD, file, bytes, 8, 2);
    long begun = call3(SYS_io_submit, context, 3, all);
    if (begun == -EINVAL) {
        printf("%s has no asynchronous I/O: io_submit fails with EINVAL\n", device);
        return 1;
    }
    is(begun, 3);
    is(submit(context, &iocbs[0]), -EAGAIN);
    is(events(context, 0, 4, got, 0), 0);
    is(strcmp(bytes, "llothere"), 0);
    is(call3(SYS_io_cancel, context, &iocbs[0], got), -EINVAL);
    is(call1(SYS_close, file), 0);
    is(events(context, 3, 3, got, 10000), 3);
    for (int i = 0; i < 3; i++) {
        is(got[i].data, 0x100000000 + iocbs[i].offset);
        is(got[i].iocb, (uint32_t)(long)&iocbs[i]);
        is(got[i].result, i == 2 ? 8 : 5);
        is(got[i].result2, 0);
    }
    file = open_file(device, O_RDONLY);
    fill(&iocbs[0], CMD_PREAD, file, (void *)16, 4, 0);
    fill(&iocbs[1], CMD_FSYNC, file, 0, 0, 0);
    is(call3(SYS_io_submit, context, 2, all), 1);
    is(events(context, 1, 4, got, 10000), 1);
    is(got[0].result, -EFAULT);
    is(submit(context, &iocbs[0]), 1);
    is(call1(SYS_io_destroy, context), 0);
    is(call2(SYS_io_setup, 1, &context), -EINVAL);
    context = 0;
    is(call2(SYS_io_setup, 1, &context), 0);
    is(submit(context, &iocbs[0]), 1);
    if (!failed) printf("well: %d checks of %s\n", checks, device);
    return failed != 0;                        // the operation goes on, and the program's end waits for it
}

static void walks(void)
{
    char name[258] = "/";
    is(open_path("/none/../etc/motd", 0), -ENOENT);
    is(open_path("/etc/motd/..", 0), -ENOTDIR);
    is(open_path("/etc/motd/../motd", 0), -ENOTDIR);
    is(open_path("/etc/motd/", 0), -ENOTDIR);
    is(open_path("/etc/motd/.", 0), -ENOTDIR);
    is(open_path("/etc/motd/x", 0), -ENOTDIR);
    is(open_path("/dev/null/..", 0), -ENOTDIR);
    is(open_path("//etc/./other/../motd", 0), 0);
    is(open_path("/../../etc/", 0), 0);
    is(open_path("/dev/../etc/motd", 0), 0);
    is(open_path("/sys/class/../../proc/self/../uptime", 0), 0);
    is(open_path("/proc/self/maps", 0), 0);
    is(open_path("/proc/99999/../uptime", 0), -ENOENT);
    memset(name + 1, 'a', 256);
    is(open_path(name, 0), -LINUX_ENAMETOOLONG);
    name[256] = 0;
    is(open_path(name, 0), -ENOENT);
    is(call3(SYS_mkdirat, -100, "/etc/new", 0755), -EROFS);
    is(call3(SYS_mkdirat, -100, "/etc/motd", 0755), -EEXIST);
    is(call3(SYS_mkdirat, -100, "/none/new", 0755), -ENOENT);
}

// /etc/dlink leads to other/dir, loop to itself, outside to a file that is not there, and /bin/hi to hello.
// /etc/chain/N leads through N + 1 links to /etc/motd.
static void links(void)
{
    char text[64];
    uint8_t record[256];
    uint32_t *mode = (uint32_t *)(record + 16), *size = (uint32_t *)(record + 48);
    is(open_path("/etc/dlink/../small", 0), 0);
    is(open_path("/etc/dlink/../motd", 0), -ENOENT);
    is(open_path("/etc/loop", 0), -LINUX_ELOOP);
    is(open_path("/etc/loop/x", 0), -LINUX_ELOOP);
    is(open_path("/etc/chain/39", 0), 0);
    is(open_path("/etc/chain/40", 0), -LINUX_ELOOP);
    is(open_path("/etc/outside", 0), -ENOENT);
    is(open_path("/etc/outside", CREATE | EXCLUSIVE), -EEXIST);
    is(open_path("/bin/hi", 0), 0);
    is(open_path("/bin/hi", NOFOLLOW), -LINUX_ELOOP);
    is(open_path("/bin/hello", NOFOLLOW), 0);
    is(open_path("/bin/hi/", 0), -ENOTDIR);
    is(open_path("/etc/dlink", NOFOLLOW | DIRECTORY), -ENOTDIR);
    is(open_path("/etc/dlink/", NOFOLLOW | DIRECTORY), 0);
    is(call4(SYS_fstatat64, -100, "/bin/hi", record, AT_NOFOLLOW), 0);
    is(*mode, 0120777);
    is(*size, 5);
    is(call4(SYS_fstatat64, -100, "/bin/hi", record, 0), 0);
    is(*mode >> 12, 010);
    is(*size > 1000, 1);
    is(call5(SYS_statx, -100, "/bin/hi", AT_NOFOLLOW, 0x7ff, record), 0);
    is(*(uint16_t *)(record + 28), 0120777);
    is(*(uint32_t *)(record + 40), 5);
    is(call5(SYS_statx, -100, "/bin/hi", 0, 0x7ff, record), 0);
    is(*(uint16_t *)(record + 28) >> 12, 010);
    is(call4(SYS_readlinkat, -100, "/bin/hi", text, sizeof text), 5);
    is(memcmp(text, "hello", 5), 0);
    is(call4(SYS_readlinkat, -100, "/etc/dlink", text, 3), 3);
    is(call4(SYS_readlinkat, -100, "/etc/dlink/", text, 3), -EINVAL);
    is(call4(SYS_readlinkat, -100, "/etc/motd", text, sizeof text), -EINVAL);
    is(call4(SYS_readlinkat, -100, "/etc/none", text, sizeof text), -ENOENT);
    is(call4(SYS_readlinkat, -100, "/bin/hi", text, 0), -EINVAL);
    is(call4(SYS_readlinkat, -100, "/bin/hi", 0, 5), -EFAULT);
    is(call4(SYS_readlinkat, -100, "/proc/self", text, sizeof text) > 0, 1);
    is(atoi(text), call0(SYS_getpid));
    is(call3(SYS_faccessat, -100, "/etc/outside", 0), -ENOENT);
    is(call3(SYS_faccessat, -100, "/etc/motd", 2), -EROFS);
    is(call3(SYS_faccessat, -100, "/proc/stat", 2), -EACCES);
    is(call3(SYS_faccessat, -100, "/dev/null", 2), 0);
    is(call4(SYS_faccessat2, -100, "/etc/outside", 0, AT_NOFOLLOW), 0);
    is(call1(SYS_chdir, "/etc/dlink"), 0);
    is(call2(SYS_getcwd, text, sizeof text), 15);
    is(strcmp(text, "/etc/other/dir"), 0);
    is(open_path("../small", 0), 0);
    is(call1(SYS_chdir, "/etc"), 0);
    char entries[512];
    int type = 0;
    long directory = call4(SYS_openat, -100, "/bin", DIRECTORY, 0), got = call3(SYS_getdents64, directory, entries, sizeof entries);
    for (long at = 0; at < got; at += *(uint16_t *)(entries + at + 16)) {
        if (strcmp(entries + at + 19, "hi") == 0) type = entries[at + 18];
    }
    is(type, 10);
    is(call1(SYS_close, directory), 0);
}

// ---- signals, processes, time ----

static void send_later(void)
{
    int64_t soon[2] = {0, 2000000};
    call4(SYS_clock_nanosleep64, 1, 0, soon, 0);
    call2(SYS_kill, call0(SYS_getppid), LINUX_SIGUSR1);
    call4(SYS_clock_nanosleep64, 1, 0, soon, 0);
    call3(SYS_write, pipe_ends[1], "!", 1);
    call1(SYS_exit_group, 3);
}

static void signals_and_waits(void)
{
    char text[4];
    int status;
    int64_t second[2] = {1, 0}, rest[2] = {0, 0}, before[2], after[2];
    on(LINUX_SIGUSR1, note, 0);
    signals = 0;
    call2(SYS_kill, call0(SYS_getpid), LINUX_SIGUSR1);
    is(signals, 1);
    is(last, LINUX_SIGUSR1);
    is(code_of_last, 0);
    is(first_of_last, call0(SYS_getpid));
    long pid = fork_child();
    if (pid == 0) send_later();
    is(call4(SYS_clock_nanosleep64, 1, 0, second, rest), -EINTR);
    is(rest[0] == 0 && rest[1] > 900000000, 1);
    is(call4(SYS_wait4, pid, &status, 0, 0), pid);
    is(status, 3 << 8);

    is(call2(SYS_pipe2, pipe_ends, 0), 0);
    on(LINUX_SIGUSR1, note, SA_RESTART);
    pid = fork_child();
    if (pid == 0) send_later();
    is(call3(SYS_read, pipe_ends[0], text, 1), 1);
    is(signals, 3);
    on(LINUX_SIGCHLD, note, 0);
    is(call4(SYS_wait4, pid, &status, 0, 0), pid);
    on(LINUX_SIGUSR1, note, 0);
    pid = fork_child();
    if (pid == 0) send_later();
    is(call3(SYS_read, pipe_ends[0], text, 1), -EINTR);
    uint32_t info[32];
    on(LINUX_SIGCHLD, note, SA_RESTART);
    is(call5(SYS_waitid, 1, pid, info, 4, 0), 0);
    is(info[3] == (uint32_t)pid && info[2] == 1 && info[5] == 3, 1);
    is(call5(SYS_waitid, 1, pid, info, 4, 0), -ECHILD);
    is(last, LINUX_SIGCHLD);
    is(code_of_last, 1);
    is(first_of_last, pid);
    on(LINUX_SIGCHLD, (void *)1, 0);
    pid = fork_child();
    if (pid == 0) call1(SYS_exit_group, 0);
    is(call4(SYS_wait4, pid, &status, 0, 0), -ECHILD);
    on(LINUX_SIGCHLD, 0, 0);
    call1(SYS_close, pipe_ends[0]);
    call1(SYS_close, pipe_ends[1]);

    uint32_t usr1[2] = {1 << (LINUX_SIGUSR1 - 1), 0}, none[2] = {0, 0}, old[2];
    is(call4(SYS_rt_sigprocmask, 0, usr1, old, 8), 0);
    signals = 0;
    call2(SYS_kill, call0(SYS_getpid), LINUX_SIGUSR1);
    is(signals, 0);
    is(call2(SYS_rt_sigsuspend, none, 8), -EINTR);
    is(signals, 1);
    call2(SYS_kill, call0(SYS_getpid), LINUX_SIGUSR1);
    is(signals, 1);
    is(call4(SYS_rt_sigprocmask, 2, old, 0, 8), 0);
    is(signals, 2);
    is(call4(SYS_rt_sigaction, 9, usr1, 0, 8), -EINVAL);
    is(call2(SYS_kill, 12345, 0), -ESRCH);
    on(LINUX_SIGSEGV, note, SA_NODEFER);
    on(LINUX_SIGUSR1, 0, 0);

    is(call2(SYS_clock_gettime64, 1, before), 0);
    int64_t little[2] = {0, 5000000};
    is(call4(SYS_clock_nanosleep64, 1, 0, little, 0), 0);
    is(call2(SYS_clock_gettime64, 1, after), 0);
    long slept = (long)(after[1] - before[1]);
    is(slept >= 5000000 && slept < 7000000, 1);
    is(call2(SYS_clock_gettime64, 99, before), -EINVAL);
    is(call0(SYS_sched_yield), 0);
    is(call0(SYS_gettid), call0(SYS_getpid));
    is(call0(500), -LINUX_ENOSYS);
    is(call0(-1), -LINUX_ENOSYS);
    is(call0(9999), -LINUX_ENOSYS);
    char names[6 * 65];
    is(call1(SYS_uname, names), 0);
    is(strcmp(names, "Linux") | strcmp(names + 4 * 65, "riscv32"), 0);
    uint32_t random[4] = {0, 0, 0, 0};
    is(call3(SYS_getrandom, random, 16, 0), 16);
    is(random[0] | random[3] ? 1 : 0, 1);
    is(call3(SYS_getrandom, 0, 16, 0), -EFAULT);
}

static void nicer(void)
{
    is(call2(SYS_getpriority, 0, 0), 13);
    call1(SYS_exit_group, call3(SYS_setpriority, 0, call0(SYS_getpid), 100) == 0 && call2(SYS_getpriority, 0, 0) == 1 ? 0 : 1);
}

static void niceness(void)
{
    is(call2(SYS_getpriority, 0, 0), 20);
    is(call2(SYS_getpriority, 3, 0), -EINVAL);
    is(call2(SYS_getpriority, 0, 9999), -ESRCH);
    is(call2(SYS_getpriority, 1, 7), -ESRCH);
    is(call3(SYS_setpriority, 0, 9999, 1), -ESRCH);
    is(call3(SYS_setpriority, 0, 0, 7), 0);
    is(child(nicer), 0);
    is(call2(SYS_getpriority, 0, 0), 13);
    is(call2(SYS_getpriority, 2, 0) >= 13, 1);
    is(call3(SYS_setpriority, 0, 0, 0), 0);
}

// Executes a program although all descriptors are taken.
static void again_full(void)
{
    char *argv[] = {"/bin/checks", "full", 0}, *envp[] = {0};
    while (call3(SYS_dup, 1, 0, 0) >= 0);
    call3(SYS_execve, "/bin/checks", argv, envp);
    call1(SYS_exit_group, 9);
}

static void no_such(void)
{
    char *arguments[] = {"x", NULL};
    is(call3(SYS_execve, "/etc/motd", arguments, NULL), -EACCES);
    is(call3(SYS_execve, "/bin/none", arguments, NULL), -ENOENT);
    is(call3(SYS_execve, "/bin/text/", arguments, NULL), -ENOTDIR);
    is(call3(SYS_execve, "/etc/loop", arguments, NULL), -LINUX_ELOOP);
    is(call3(SYS_execve, "/bin/text", arguments, NULL), -ENOEXEC);
    is(call3(SYS_execve, "/bin/checks", 3, NULL), -EFAULT);
    call1(SYS_exit_group, 0);
}

static void again(void)
{
    char *arguments[] = {"checks", "child", NULL}, *environment[] = {"A=1", NULL};
    call4(SYS_openat, -100, "/etc/motd", 02000000, 0);
    call3(SYS_execve, "/etc/checks", arguments, environment);       // a link
}

// Names in UTF-8 stay as they are: a folder with the name in `name`, which has a file.
static int utf8(const char *name)
{
    char path[64];
    is(call1(SYS_chdir, name), 0);
    is(call2(SYS_getcwd, path, sizeof path), strlen(name) + 1);
    is(strcmp(path, name), 0);
    is(call1(SYS_close, call4(SYS_openat, -100, "file", 0, 0)), 0);
    if (!failed) printf("well: %d checks of %s\n", checks, path);
    return failed != 0;
}

int main(int argc, char *argv[])
{
    if (argc == 3 && strcmp(argv[1], "utf8") == 0) return utf8(argv[2]);
    if (argc == 3 && strcmp(argv[1], "end") == 0) return past_the_end(argv[2]);
    if (argc == 3 && strcmp(argv[1], "aio") == 0) return aio(argv[2]);
    if (argc == 2 && strcmp(argv[1], "full") == 0) return call1(SYS_dup, 1) == -EMFILE ? 41 : 1;
    if (argc == 2 && strcmp(argv[1], "child") == 0) {
        char program[64] = "";
        call4(SYS_readlinkat, -100, "/proc/self/exe", program, sizeof program - 1);
        return strcmp(environ[0], "A=1") == 0 && !environ[1] && call1(SYS_close, 3) == -EBADF
            && strcmp(program, "/bin/checks") == 0 ? 42 : 1;
    }
    memory();
    copies();
    crashes();
    files();
    partly();
    edges_of_mappings();
    gone_directory();
    exactly_the_first();
    walks();
    links();
    pipes();
    epolls();
    no_aio();
    signals_and_waits();
    niceness();
    is(child(no_such), 0);
    is(child(again_full), 41 << 8);
    is(child(again), 42 << 8);
    if (!failed) printf("well: %d checks\n", checks);
    return failed != 0;
}
