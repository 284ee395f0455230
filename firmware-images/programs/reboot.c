// Prints a line and asks for a reset at each start. Memory keeps nothing over a reset.
#include "program.h"

static volatile word before;

int main(word hart)
{
    if (hart != 0) return 0;
    print(before++ ? "again\n" : "started\n");
    finisher[0] = 0x7777;
    for (;;) { }
}
