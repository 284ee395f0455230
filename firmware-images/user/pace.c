// Does one thing so many times, to be timed: pace getpid|fault|fork|pipe COUNT; or takes so many pages: pace hog COUNT.
#include <stdlib.h>
#include <string.h>
#include "syscalls.h"

enum { PAGE = 4096, PIECE = 512 };

static void getpids(long count)
{
    for (long i = 0; i < count; i++) call0(SYS_getpid);
}

// Each page is new: the first store brings it in.
static void faults(long count)
{
    for (long done = 0; done < count; done += PIECE) {
        char *pages = (char *)call6(SYS_mmap2, 0, PIECE * PAGE, 3, 0x22, -1, 0);
        for (long i = 0; i < PIECE; i++) pages[i * PAGE] = 1;
        call2(SYS_munmap, pages, PIECE * PAGE);
    }
}

// Takes pages, more than there are if it is told to.
static void hog(long count)
{
    char *pages = (char *)call6(SYS_mmap2, 0, count * PAGE, 3, 0x22, -1, 0);
    for (long i = 0; i < count; i++) pages[i * PAGE] = 1;
}

static void forks(long count)
{
    for (long i = 0; i < count; i++) {
        if (call5(SYS_clone, 17, 0, 0, 0, 0) == 0) call1(SYS_exit_group, 0);
        call4(SYS_wait4, -1, 0, 0, 0);
    }
}

static void pipes(long count)
{
    int ends[2];
    char bytes[64] = {0};
    call2(SYS_pipe2, ends, 0);
    for (long i = 0; i < count; i++) {
        call3(SYS_write, ends[1], bytes, sizeof bytes);
        call3(SYS_read, ends[0], bytes, sizeof bytes);
    }
}

int main(int count, char **words)
{
    if (count != 3) return 2;
    void (*what)(long) = !strcmp(words[1], "getpid") ? getpids : !strcmp(words[1], "fault") ? faults
        : !strcmp(words[1], "fork") ? forks : !strcmp(words[1], "pipe") ? pipes
        : !strcmp(words[1], "hog") ? hog : NULL;
    if (!what) return 2;
    what(atol(words[2]));
    return 0;
}
