// Output, checks and the end of the test programs.
#include "program.h"

int failures;

void put(char c)
{
    while (!(uart0[5] & 0x20)) { }
    uart0[0] = c;
}

void print(const char *text)
{
    while (*text) put(*text++);
}

void hex(word value)
{
    print("0x");
    for (int shift = 28; shift >= 0; shift -= 4) put("0123456789abcdef"[value >> shift & 15]);
}

void decimal(word value)
{
    if (value >= 10) decimal(value / 10);
    put('0' + value % 10);
}

void finish(int code)
{
    finisher[0] = code ? (word)code << 16 | 0x3333 : 0x5555;
    for (;;) { }
}

void check(const char *name, word got, word wanted)
{
    print(got == wanted ? "ok " : "FAILED ");
    print(name);
    if (got != wanted) {
        failures++;
        print(": ");
        hex(got);
        print(", not ");
        hex(wanted);
    }
    put('\n');
}

// The compiler generates calls to these.
void *memcpy(void *to, const void *from, unsigned long bytes)
{
    for (unsigned long i = 0; i < bytes; i++) ((volatile char *)to)[i] = ((const char *)from)[i];
    return to;
}

void *memset(void *to, int value, unsigned long bytes)
{
    for (unsigned long i = 0; i < bytes; i++) ((volatile char *)to)[i] = value;
    return to;
}
