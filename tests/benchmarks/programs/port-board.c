// A C program with picolibc on one hart of the virt board: serial output, cycles, and the end of the run. It is linked
// with start.S of firmware-images. The program's own main is compiled as program_main.
#include "port.h"
#include <stdio.h>
#include <stdlib.h>

extern volatile uint8_t uart0[];
extern volatile uint32_t finisher[];
extern char __heap_start[];

int program_main(int count, char **arguments);

static int put(char c, FILE *stream)
{
    (void)stream;
    while (!(uart0[5] & 0x20)) { }
    uart0[0] = c;
    return (unsigned char)c;
}

static FILE uart = FDEV_SETUP_STREAM(put, NULL, NULL, _FDEV_SETUP_WRITE);
FILE *const stdin = &uart, *const stdout = &uart, *const stderr = &uart;

#define READ(csr) ({ uint32_t value_; __asm__ volatile("csrr %0, " #csr : "=r"(value_)); value_; })
#define READ_PAIR(csr) ({ uint32_t high_, low_; do high_ = READ(csr##h), low_ = READ(csr); while (high_ != READ(csr##h)); \
    (uint64_t)high_ << 32 | low_; })

uint64_t cycles(void) { return READ_PAIR(mcycle); }

_Noreturn void finish(int code)
{
    finisher[0] = code ? (uint32_t)code << 16 | 0x3333 : 0x5555;
    for (;;) { }
}

// start.S needs this. The program expects no traps.
void trap(uint32_t *frame)
{
    printf("unexpected trap at %lx\n", (unsigned long)frame[0]);
    finish(99);
}

// The heap has the thread-local storage of the only thread, and nothing else. picolibc's small printf has no 64-bit
// numbers.
int main(void)
{
    __asm__ volatile("mv tp, %0" :: "r"(__heap_start));
    int status = program_main(0, NULL);
    uint64_t instructions = READ_PAIR(minstret);
    printf("\ninstructions %lu%09lu\n", (unsigned long)(instructions / 1000000000), (unsigned long)(instructions % 1000000000));
    return status;
}
