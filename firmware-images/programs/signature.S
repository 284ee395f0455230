// Leaves results in memory as an architectural test does: from begin_signature to end_signature.
    .section .text.start, "ax"
    .globl _start
_start:
    bnez    a0, wait
    la      t0, begin_signature
    li      t1, 0x01234567
    sw      t1, 0(t0)
    li      t1, 0x89abcdef
    sw      t1, 4(t0)
    la      t0, finisher
    li      t1, 0x5555
    sw      t1, 0(t0)
wait:
    wfi
    j       wait

    .data
    .balign 16
    .globl begin_signature, end_signature
begin_signature:
    .word   0, 0x11111111
    .short  0xbeef
end_signature:
    .short  0                              // no other symbol has the address of the end
