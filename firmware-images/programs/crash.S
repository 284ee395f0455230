// Loses its trap handler, and then takes a trap.
    .section .text.start, "ax"
    .globl _start
    .type _start, @function
_start:
    bnez    a0, wait
    li      t0, 0x40000000
    csrw    mtvec, t0
    li      s0, 0x5eed
    call    stumble
wait:
    wfi
    j       wait
    .size _start, . - _start

    .type stumble, @function
stumble:
    li      a5, 0x40000004
    nop
    lw      a4, 0(a5)
    ret
    .size stumble, . - stumble
