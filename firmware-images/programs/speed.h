// Declarations that the speed programs share. Each program does its work ROUNDS times, checks its sum, and prints the
// number of instructions. That number has no meaning on a machine that does not count instructions. All of this is done
// N times if the command line says times=N.
#pragma once
#include "program.h"

static inline word mix(word sum, word value) { return (sum << 5 | sum >> 27) ^ value * 0x9e3779b1; }

// Marsaglia's xorshift, 32 bits.
static inline word chance(word *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    return *state ^= *state << 5;
}

// Returns N if the command line in the device tree says times=N, else 1.
word times(const uint8_t *tree);

int report(const char *name, word sum, word wanted);

// Does the work as often as the command line says. Each time the sum must be the same.
static inline int repeat(const uint8_t *tree, const char *name, word (*work)(void), word wanted)
{
    word sum = wanted;
    for (word left = times(tree); left > 0 && sum == wanted; left--) sum = work();
    return report(name, sum, wanted);
}
