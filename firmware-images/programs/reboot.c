// Asks for a reset each time it starts, and says so. Nothing that it left in memory is there again.
#include "program.h"

static volatile word before;

int main(word hart)
{
    if (hart != 0) return 0;
    print(before++ ? "again\n" : "started\n");
    finisher[0] = 0x7777;
    for (;;) { }
}
