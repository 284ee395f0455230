// The entries of an SBI payload, in S-mode: _start on one hart, with a0 = hart, a1 = device tree; secondary on harts
// from hart_start, with a0 = hart, a1 = the opaque argument. Each hart gets a stack and the trap handler. Neither entry
// returns.

#include "../trap.inc"
    .macro  prepare
    la      t0, trap_entry
    csrw    stvec, t0
    la      sp, __stacks
    addi    t0, a0, 1
    slli    t0, t0, 14
    add     sp, sp, t0
    mv      tp, a0
    .endm

    .section .text.start, "ax"
    .globl _start, secondary
_start:
    csrr    a2, sstatus
    csrr    a3, satp
    prepare
    tail    main                            // main(hart, tree, sstatus, satp), with the CSRs' values at entry
    .balign 4
secondary:
    prepare
    tail    secondary_main                  // secondary_main(hart, opaque)

    trap_handler sepc, sret

// in_user(function, argument): runs the function in U-mode until it makes a call, and returns its a0. The function has
// no stack, and keeps sp.
    .globl in_user, user_back
in_user:
    addi    sp, sp, -112
    sw      ra, 0(sp)
    .irp    n, 8,9,18,19,20,21,22,23,24,25,26,27
    sw      x\n, 4*\n(sp)
    .endr
    csrw    sepc, a0
    mv      a0, a1
    li      t0, 0x100                       // sstatus.SPP
    csrc    sstatus, t0
    sret
user_back:
    lw      ra, 0(sp)
    .irp    n, 8,9,18,19,20,21,22,23,24,25,26,27
    lw      x\n, 4*\n(sp)
    .endr
    addi    sp, sp, 112
    ret
