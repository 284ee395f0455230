// Sleeps, waits for a child that sleeps too, and computes in between: states that a snapshot has to keep.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static unsigned sum(const unsigned char *from, size_t bytes)
{
    unsigned result = 1;
    for (size_t i = 0; i < bytes; i++) result = result * 31 + from[i];
    return result;
}

int main(void)
{
    enum { BYTES = 2000 };
    unsigned char *bytes = malloc(BYTES);
    for (int i = 0; i < BYTES; i++) bytes[i] = i * 7;
    pid_t child = fork();
    for (int i = 0; i < 4; i++) {
        struct timespec time = {0, child ? 3000000 : 2000000};
        nanosleep(&time, NULL);
        bytes[i * 100] = child ? 1 : 2;
        printf("%s %d: %x\n", child ? "parent" : "child", i, sum(bytes, BYTES));
    }
    int status = 0;
    if (!child) exit(5);
    waitpid(child, &status, 0);
    printf("child ended with %d\n", WEXITSTATUS(status));
    return 0;
}
