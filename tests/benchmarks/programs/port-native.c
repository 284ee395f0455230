// A process of the host, for which a cycle is a nanosecond. The program's own main is compiled as program_main.
#include "port.h"
#include <time.h>

int program_main(int count, char **arguments);

uint64_t cycles(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000ull + now.tv_nsec;
}

int main(void)
{
    return program_main(0, 0);
}
