// Makes a process of the host of a speed program of firmware-images, whose main is compiled as board_main:
//   PROGRAM [N]     does the work N times
#include <stdio.h>
#include <stdlib.h>

#undef main                             // the name board_main is for the other file
#include "speed.h"

int failures;

int board_main(word hart, const uint8_t *tree);

// In place of the device tree, main gives the argument.
word times(const uint8_t *tree) { return tree ? strtoul((const char *)tree, 0, 10) : 1; }

int report(const char *name, word sum, word wanted)
{
    failures = sum != wanted;
    printf("%s %s\nminstret 0x00000000 0x00000000\n", failures ? "FAILED" : "ok", name);
    return failures;
}

int main(int count, char **arguments)
{
    return board_main(0, count > 1 ? (const uint8_t *)arguments[1] : 0);
}
