// Where a bare program starts, on every hart at once, in M-mode: a0 = hart, a1 = device tree. Each hart gets a stack, the
// trap handler of this file, and calls main(hart, device tree). What main returns on hart 0 is what the run ends with; other harts wait for ever.

    .option arch, +zicsr
    .section .text.start, "ax"
    .globl _start
_start:
    la      t0, trap_entry
    csrw    mtvec, t0
    li      t0, -1                          // S and U-mode may touch everything: one entry of the PMP, NAPOT over all of it
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

// Every trap into M-mode: registers on the stack (of the mode that trapped, so programs give all modes one), then trap(frame), and back. The frame:
// x1 to x31 at 4 n, mepc at 0.
    .text
    .balign 64
    .globl trap_entry
trap_entry:
    addi    sp, sp, -128
    sw      x1, 4(sp)
    .irp    n, 3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    sw      x\n, 4*\n(sp)
    .endr
    addi    t0, sp, 128
    sw      t0, 8(sp)
    csrr    t0, mepc
    sw      t0, 0(sp)
    mv      a0, sp
    call    trap
    lw      t0, 0(sp)
    csrw    mepc, t0
    lw      x1, 4(sp)
    .irp    n, 3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    lw      x\n, 4*\n(sp)
    .endr
    addi    sp, sp, 128
    mret
