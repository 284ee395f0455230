// The entry of every hart, in M-mode, with a0 = hart, a1 = device tree, a2 = struct boot_info; the way into S-mode; and
// the entry of traps. mscratch is the top of the hart's stack while S- or U-mode runs, and 0 in M-mode. Traps do not
// nest.

#include "sbi.h"

#define FRAME 128
#define MSTATUS_MPP 0x1800                      // where MRET goes
#define MSTATUS_MPP_S 0x800
#define MSTATUS_MPRV 0x20000                    // loads and stores are those of MPP

    .option arch, +zicsr

    .section .text.start, "ax"
    .globl _start
_start:
    csrw    mie, zero
    csrw    mstatus, zero
    csrw    mscratch, zero
    la      t0, trap_entry
    csrw    mtvec, t0
    csrr    a0, mhartid
    li      t0, MAX_HARTS
    bgeu    a0, t0, 2f
    la      sp, __stacks
    addi    t0, a0, 1
    slli    t0, t0, STACK_SHIFT
    add     sp, sp, t0
    mv      tp, a0
    tail    boot
2:  wfi                                         // the firmware does not keep so many harts; this one is never started
    j       2b

// enter(address, a0, a1): enters S-mode there, with no values of the firmware left in any register.
    .text
    .globl enter
enter:
    csrw    mepc, a0
    csrw    satp, zero
    sfence.vma
    li      t0, MSTATUS_MPP_S                   // SIE, SPIE, SUM, MXR, MPRV, TVM, TW, TSR: all off
    csrw    mstatus, t0
    la      t0, __stacks
    addi    t1, tp, 1
    slli    t1, t1, STACK_SHIFT
    add     t0, t0, t1
    csrw    mscratch, t0
    mv      x10, a1
    mv      x11, a2
    .irp    n, 1,2,3,4,5,6,7,8,9,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    li      x\n, 0
    .endr
    mret

// bool load_as_caller(address, word *value): loads a word as S-mode would. Returns false if that traps.
    .globl load_as_caller
load_as_caller:
    csrr    t0, mepc
    csrr    t1, mstatus
    la      t2, 1f
    csrrw   t2, mtvec, t2
    mv      a2, a0
    li      a0, 0
    li      t3, MSTATUS_MPRV
    csrs    mstatus, t3
    lw      t4, (a2)
    li      a0, 1
    .balign 4
1:  csrw    mstatus, t1
    csrw    mtvec, t2
    csrw    mepc, t0
    beqz    a0, 2f
    sw      t4, (a1)
2:  ret

    .balign 4
trap_entry:
    csrrw   sp, mscratch, sp
    beqz    sp, lost
    addi    sp, sp, -FRAME
    .irp    n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    sw      x\n, 4*\n(sp)
    .endr
    csrrw   t0, mscratch, zero
    sw      t0, 8(sp)
    csrr    tp, mhartid
    mv      a0, sp
    call    trap
    addi    t0, sp, FRAME
    csrw    mscratch, t0
    .irp    n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    lw      x\n, 4*\n(sp)
    .endr
    lw      sp, 8(sp)
    mret

// A trap in the firmware itself, which is a bug in it.
lost:
    csrrw   sp, mscratch, zero
    csrr    tp, mhartid
    tail    die_of_trap
