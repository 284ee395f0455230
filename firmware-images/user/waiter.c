// Waits for bytes of a device in three ways, and prints them: waiter poll|sigio|ioctl FILE. ioctl asks scull for its quantum.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "syscalls.h"

enum {
    HERE = -100, O_RDONLY = 0, O_NONBLOCK = 04000, FASYNC = 020000, F_GETFL = 3, F_SETFL = 4, F_SETOWN = 8, POLLIN = 1,
    LINUX_SIGIO = 29, SIG_BLOCK = 0, SCULL_IOCQQUANTUM = 'k' << 8 | 7,
};

struct action { void (*handler)(int); uint32_t flags, mask[2]; };

static volatile int signals;

static void note(int signal)
{
    signals = signal;
}

// SIGIO is blocked except while the program sleeps, so that none is missed between a look and the sleep. A driver
// without fasync sends none: F_SETFL succeeds then, and the flag stays 0.
static int await_signal(long file)
{
    struct action action = {note, 0, {0, 0}};
    uint32_t blocked[2] = {1 << (LINUX_SIGIO - 1), 0}, none[2] = {0, 0};
    call4(SYS_rt_sigaction, LINUX_SIGIO, &action, 0, 8);
    call4(SYS_rt_sigprocmask, SIG_BLOCK, blocked, 0, 8);
    call3(SYS_fcntl, file, F_SETOWN, call0(SYS_getpid));
    call3(SYS_fcntl, file, F_SETFL, O_NONBLOCK | FASYNC);
    if (!(call3(SYS_fcntl, file, F_GETFL, 0) & FASYNC)) {
        printf("the file's driver sends no SIGIO\n");
        return 1;
    }
    while (!signals) call2(SYS_rt_sigsuspend, none, 8);
    printf("signal %d\n", signals);
    return 0;
}

static void await_poll(long file)
{
    struct { int fd; int16_t events, found; } fds = {file, POLLIN, 0};
    printf("poll %ld", call5(SYS_ppoll, &fds, 1, 0, 0, 8));
    printf(" event %d\n", fds.found);
}

int main(int count, char **words)
{
    if (count != 3) return 2;
    char text[65] = {0};
    long file = call4(SYS_openat, HERE, words[2], O_RDONLY | O_NONBLOCK, 0);
    if (file < 0) {
        printf("open: error %ld\n", -file);
        return 1;
    }
    if (!strcmp(words[1], "ioctl")) {
        printf("quantum %ld\n", call3(SYS_ioctl, file, SCULL_IOCQQUANTUM, 0));
        return 0;
    }
    printf("read: %ld\n", call3(SYS_read, file, text, 64));
    if (!strcmp(words[1], "sigio")) {
        if (await_signal(file)) return 1;
    } else {
        await_poll(file);
    }
    printf("read: %ld\n", call3(SYS_read, file, text, 64));
    printf("%s", text);
    return 0;
}
