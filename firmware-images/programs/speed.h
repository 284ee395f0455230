// Declarations that the speed programs share. Each program does its work ROUNDS times, checks its sum, and prints the
// number of instructions. That number has no meaning on a machine that does not count instructions.
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

static inline int report(const char *name, word sum, word wanted)
{
    word high = read_csr(minstreth), low = read_csr(minstret);
    check(name, sum, wanted);
    print("minstret ");
    hex(high);
    put(' ');
    hex(low);
    put('\n');
    return failures;
}
