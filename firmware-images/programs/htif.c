// Talks to its host as programs for Spike do: through tohost and fromhost.
#include "program.h"

volatile uint64_t tohost __attribute__((section(".tohost"), aligned(64)));
volatile uint64_t fromhost __attribute__((section(".tohost"), aligned(64)));

static void tell(word high, word low, int low_first)
{
    while (tohost) { }
    volatile word *halves = (volatile word *)&tohost;
    if (low_first) halves[0] = low;
    halves[1] = high;
    if (!low_first) halves[0] = low;
    while (tohost) { }
}

static void console(const char *text, int low_first)
{
    while (*text) tell(0x01010000, (uint8_t)*text++, low_first);
}

static word answer(void)
{
    while (!fromhost) { }
    word low = (word)fromhost;
    fromhost = 0;
    return low;
}

static word system_call(word number, word a, word b, word c)
{
    static volatile uint64_t call[8] __attribute__((aligned(64)));
    call[0] = number;
    call[1] = a;
    call[2] = b;
    call[3] = c;
    __asm__ volatile("fence" ::: "memory");
    tell(0, (word)call, 0);
    answer();
    return (word)call[0];
}

int main(word hart)
{
    if (hart != 0) return 0;
    console("high half first\n", 0);
    console("low half first\n", 1);
    word written = system_call(64, 1, (word)"a system call\n", 14);
    word unknown = system_call(4711, 0, 0, 0), nowhere = system_call(64, 1, 0xfffffff0, 4);
    int right = written == 14 && unknown == (word)-38 && nowhere == (word)-14;
    tell(0x01000000, 0, 0);
    word key = answer();
    console("the key ", 0);
    tell(0x01010000, key & 0xff, 0);
    console("\n", 0);
    tell(0, (right ? (key & 0xff) == 'F' ? 21 : 0 : 9) << 1 | 1, 0);
    return 99;
}
