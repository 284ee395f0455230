// The entry of a bare program, on every hart at once, in M-mode: a0 = hart, a1 = device tree. Each hart gets a stack
// and this file's trap handler, and calls main(hart, device tree). The value that main returns on hart 0 ends the run;
// the other harts wait for ever.

#include "trap.inc"
    .section .text.start, "ax"
    .globl _start
_start:
    la      t0, trap_entry
    csrw    mtvec, t0
    li      t0, -1                          // S- and U-mode may access everything: one NAPOT entry of the PMP
    csrw    pmpaddr0, t0
    li      t0, 0x1f
    csrw    pmpcfg0, t0
    la      sp, __stacks
    addi    t0, a0, 1
    slli    t0, t0, 14
    add     sp, sp, t0
    mv      s0, a0
    mv      tp, a0
    call    main
    bnez    s0, park
    call    finish
park:
    csrw    mie, zero
    wfi
    j       park

    trap_handler mepc, mret
