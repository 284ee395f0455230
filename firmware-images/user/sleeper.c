// Sleeps, waits for a child, for pipes and for events, and computes in between: states that a snapshot has to keep.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "syscalls.h"

enum { BYTES = 2000, PIPE_BYTES = 65536, POLLIN = 1 };

static unsigned sum(const unsigned char *from, size_t bytes)
{
    unsigned result = 1;
    for (size_t i = 0; i < bytes; i++) result = result * 31 + from[i];
    return result;
}

static void pause_ms(int milliseconds)
{
    struct timespec time = {0, milliseconds * 1000000};
    nanosleep(&time, NULL);
}

// Fills the pipe, waits in the middle of a write, and once more for a vector.
static void writer(int to, unsigned char *bytes)
{
    char tail[3][2] = {"x", "y", "z"};
    uint32_t vectors[6];
    pause_ms(2);
    call3(SYS_write, to, "a", 1);
    pause_ms(2);
    call3(SYS_write, to, "b", 1);
    pause_ms(2);
    call3(SYS_write, to, "c", 1);
    long written = call3(SYS_write, to, bytes, PIPE_BYTES + BYTES);
    for (int i = 0; i < 3; i++) {
        vectors[2 * i] = (uint32_t)(long)tail[i];
        vectors[2 * i + 1] = 1;
    }
    exit(written == PIPE_BYTES + BYTES && call3(SYS_writev, to, vectors, 3) == 3 ? 7 : 8);
}

// Waits for a pipe in each way. Each wait begins before the other program writes.
static void pipes(void)
{
    unsigned char *bytes = calloc(1, PIPE_BYTES + BYTES + 4);
    for (int i = 0; i < PIPE_BYTES + BYTES; i++) bytes[i] = i * 5;
    int ends[2], status = 0, got = 0;
    call2(SYS_pipe2, ends, 0);
    fflush(stdout);
    if (fork() == 0) writer(ends[1], bytes);
    call1(SYS_close, ends[1]);
    struct { int fd; short events, revents; } poll = {ends[0], POLLIN, 0};
    int64_t time[2] = {0, 1000000};
    uint32_t set = 1u << ends[0], event[4] = {POLLIN, 0, 1, 2};
    long none = call5(SYS_ppoll, &poll, 1, time, 0, 8);
    long one = call5(SYS_ppoll, &poll, 1, 0, 0, 8);
    call3(SYS_read, ends[0], bytes, 1);
    one += call6(SYS_pselect6, ends[0] + 1, (long)&set, 0, 0, 0, 0);
    call3(SYS_read, ends[0], bytes + 1, 1);
    long epoll = call1(SYS_epoll_create1, 0);
    call4(SYS_epoll_ctl, epoll, 1, ends[0], event);
    one += call6(SYS_epoll_pwait, epoll, (long)event, 1, -1, 0, 8);
    call3(SYS_read, ends[0], bytes + 2, 1);
    printf("pipe: %ld %ld %.3s\n", none, one, bytes);
    pause_ms(5);
    for (long more; (more = call3(SYS_read, ends[0], bytes + got, PIPE_BYTES + BYTES + 4 - got)) > 0; got += more);
    printf("pipe: %d bytes, %x\n", got, sum(bytes, got));
    waitpid(-1, &status, 0);
    printf("writer ended with %d\n", WEXITSTATUS(status));
}

int main(void)
{
    unsigned char *bytes = malloc(BYTES);
    for (int i = 0; i < BYTES; i++) bytes[i] = i * 7;
    pid_t child = fork();
    for (int i = 0; i < 4; i++) {
        pause_ms(child ? 3 : 2);
        bytes[i * 100] = child ? 1 : 2;
        printf("%s %d: %x\n", child ? "parent" : "child", i, sum(bytes, BYTES));
    }
    int status = 0;
    if (!child) exit(5);
    waitpid(child, &status, 0);
    printf("child ended with %d\n", WEXITSTATUS(status));
    pipes();
    return 0;
}
