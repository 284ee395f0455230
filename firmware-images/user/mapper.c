// Maps a page of a file, shared, and does one thing with it: mapper read|write|fork|reread|empty FILE PAGE [TEXT]
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "syscalls.h"

enum { PAGE = 4096, READ_WRITE = 3, SHARED = 1, HERE = -100, O_WRONLY = 1, O_RDWR = 2, SIGCHLD = 17 };

// A child sees the area of its parent, and the parent the stores of its child.
static void share(char *page)
{
    if (call5(SYS_clone, SIGCHLD, 0, 0, 0, 0) == 0) {
        page[0] = 'C';
        call1(SYS_exit_group, 0);
    }
    call4(SYS_wait4, -1, 0, 0, 0);
}

int main(int count, char **words)
{
    if (count < 4) return 2;
    long file = call4(SYS_openat, HERE, words[2], O_RDWR, 0);
    long at = call6(SYS_mmap2, 0, PAGE, READ_WRITE, SHARED, file, atol(words[3]));
    if (at < 0 && at > -PAGE) {
        printf("mmap: error %ld\n", -at);
        return 1;
    }
    char *page = (char *)at;
    if (!strcmp(words[1], "write") && count == 5) strcpy(page, words[4]);
    if (!strcmp(words[1], "fork")) share(page);
    // The file's bytes go where they are: the driver copies to a page that it maps itself.
    if (!strcmp(words[1], "reread")) printf("read: %ld\n", call3(SYS_read, file, page + 8, 8));
    if (!strcmp(words[1], "empty")) call1(SYS_close, call4(SYS_openat, HERE, words[2], O_WRONLY, 0));
    printf("%.16s\n", page);
    return 0;
}
