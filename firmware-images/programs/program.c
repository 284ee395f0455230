// Expected traps, and functions that run in a lower mode and return.
#include "program.h"

volatile struct trapped last[8];
volatile interrupt_handler on_interrupt;

static volatile struct { word pc, sp, ra, saved[12], tp; } resume[8];

// Ends in_mode: restores the registers of its caller in the frame.
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
    if (cause == 1 || cause == 12) {                   // a jump to an empty address: returns to the caller
        frame->pc = frame->reg(1);
    } else if (mode == M || !(read_csr(satp) >> 31)) {
        frame->pc += length_at(frame->pc);
    } else {
        frame->pc += 4;                                // programs that translate expect traps only at long instructions
    }
}

// Enters the mode with the registers of the calling convention. leave() returns to the instruction after the call. The
// function's return address is an ecall.
__asm__(
    "    .text\n    .balign 4\n"
    "back_from_mode:\n    li a7, 0x7e57\n    ecall\n"
    "    .globl enter_mode\n"                          // a0 function, a1 argument, a2 save area
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
