#include "program.h"

int failures;
volatile struct trapped last[8];
volatile interrupt_handler on_interrupt;

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

// ---- traps ----

static volatile struct { word pc, sp, ra, saved[12], tp; } resume[8];

struct frame { word pc, x[31]; };
#define reg(n) x[(n) - 1]

// How long the instruction at pc is: in a mode with translation, or at an address that cannot be read, nobody knows, and nobody returns there.
static word length_at(word pc)
{
    return (*(volatile uint16_t *)pc & 3) == 3 ? 4 : 2;
}

// The end of in_mode: the frame becomes what in_mode left off with.
static void leave(struct frame *frame, word hart, word result)
{
    frame->pc = resume[hart].pc;
    frame->reg(1) = resume[hart].ra;
    frame->reg(10) = result;
    for (int i = 0; i < 2; i++) frame->reg(8 + i) = resume[hart].saved[i];
    for (int i = 2; i < 12; i++) frame->reg(16 + i) = resume[hart].saved[i];
    set_csr(mstatus, 3 << 11);
}

void trap(struct frame *frame)
{
    word hart = read_csr(mhartid), cause = read_csr(mcause), mode = read_csr(mstatus) >> 11 & 3;
    if (cause >> 31) {
        if (on_interrupt && on_interrupt(cause)) return;
        print("unexpected interrupt ");
        hex(cause);
        put('\n');
        finish(100);
    }
    if (cause == 8 + mode && mode != M && frame->reg(17) == 0x7e57) {
        leave(frame, hart, frame->reg(10));
        return;
    }
    last[hart] = (struct trapped) {cause, read_csr(mtval), frame->pc, mode, read_csr(mstatus)};
    if (cause == 1 || cause == 12) {                   // a jump to where nothing is: back to where it came from
        frame->pc = frame->reg(1);
    } else if (mode == M || !(read_csr(satp) >> 31)) {
        frame->pc += length_at(frame->pc);
    } else {
        frame->pc += 4;                                // programs that translate use long instructions where they expect this
    }
}

// Enters the mode with the registers that the calling convention asks for; leave() comes back behind it. The function's return address is an ecall.
__asm__(
    "    .text\n    .balign 4\n"
    "back_from_mode:\n    li a7, 0x7e57\n    ecall\n"
    "    .globl enter_mode\n"                          // a0 function, a1 argument, a2 where to save
    "enter_mode:\n"
    "    sw ra, 8(a2)\n    sw s0, 12(a2)\n    sw s1, 16(a2)\n    sw s2, 20(a2)\n    sw s3, 24(a2)\n    sw s4, 28(a2)\n    sw s5, 32(a2)\n"
    "    sw s6, 36(a2)\n    sw s7, 40(a2)\n    sw s8, 44(a2)\n    sw s9, 48(a2)\n    sw s10, 52(a2)\n    sw s11, 56(a2)\n"
    "    sw ra, 0(a2)\n    sw sp, 4(a2)\n"
    "    csrw mepc, a0\n    mv a0, a1\n    la ra, back_from_mode\n    mret\n");

word enter_mode(word (*function)(word), word argument, volatile void *save);

word in_mode(word mode, word (*function)(word), word argument)
{
    clear_csr(mstatus, 3 << 11);
    set_csr(mstatus, mode << 11);
    return enter_mode(function, argument, &resume[hart_id()]);
}

// What the compiler calls on its own.
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
