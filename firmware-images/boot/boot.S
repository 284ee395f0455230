// Boot ROM of the `ferrite` board: every hart starts here from reset, in M-mode, and leaves for S-mode.
//
// Physical address 0xF0000000, 4 KiB, read-only, no stack, no memory of its own. Sections cited are those of
// The RISC-V Instruction Set Manual, Volume II: Privileged Architecture.

#define PMP_NAPOT_RWX         0x1f        // A=NAPOT, X, W, R           ("Physical Memory Protection CSRs")
#define EXCEPTIONS_FOR_S      0xb1ff      // all but ecall from S and from M        ("medeleg and mideleg")
#define INTERRUPTS_FOR_S      0x222       // SSI, STI, SEI                          ("medeleg and mideleg")
#define COUNTERS_FOR_S        0x7         // CY, TM, IR are readable                         ("mcounteren")
#define MENVCFGH              0x31a       // by number: not every assembler knows it            ("menvcfg")
#define MENVCFGH_STCE         0x80000000  // bit 63 of menvcfg: S-mode has a stimecmp (extension "Sstc")
#define MSTATUS_MPP_S         0x800       // MPP=S; MPIE, SPIE, MIE, SIE, MPRV are 0            ("mstatus")
#define CAUSE_ECALL_FROM_S    9           //                                                     ("mcause")
#define SBI_ERR_NOT_SUPPORTED -2          // RISC-V SBI Specification, "Binary Encoding"

    .section .text
    .globl reset
reset:
    // S-mode may access nothing until a PMP entry allows it, and entry 0 allows everything. On a hart without PMP the
    // first write is an illegal instruction, and its trap continues after the second write.
    la      t0, pmp_done
    csrw    mtvec, t0
    li      t0, -1                          // NAPOT with all ones: the whole 34-bit address space
    csrw    pmpaddr0, t0
    li      t0, PMP_NAPOT_RWX
    csrw    pmpcfg0, t0
    .balign 4                               // mtvec.BASE is a multiple of 4
pmp_done:
    la      t0, machine_trap
    csrw    mtvec, t0

    // S-mode handles its own traps and those of U-mode. An ecall from S-mode stays in M-mode: it is a call to the SBI.
    li      t0, EXCEPTIONS_FOR_S
    csrw    medeleg, t0
    li      t0, INTERRUPTS_FOR_S
    csrw    mideleg, t0

    // CSRs that reset leaves unspecified ("Reset"), and the counters and timer that S-mode reads.
    csrw    mie, zero
    csrw    satp, zero                      // bare: no translation
    li      t0, COUNTERS_FOR_S
    csrw    mcounteren, t0
    li      t0, MENVCFGH_STCE
    csrw    MENVCFGH, t0
    li      t0, MSTATUS_MPP_S
    csrw    mstatus, t0

    // The boot protocol of Linux on RISC-V: a0 = hart, a1 = device tree, satp = 0, interrupts off.
    la      t0, boot_info
    lw      t1, 0(t0)
    lw      a1, 4(t0)
    csrr    a0, mhartid
    csrw    mepc, t1
    mret

// This ROM has no SBI, so every call returns "not supported". a0 and a1 are the SBI's results; all other registers are
// kept.
    .balign 4
    .globl machine_trap
machine_trap:
    csrw    mscratch, a0
    csrr    a0, mcause
    addi    a0, a0, -CAUSE_ECALL_FROM_S
    bnez    a0, not_ecall
    csrr    a0, mepc
    addi    a0, a0, 4                       // an ecall is always 4 bytes long; mret continues after it
    csrw    mepc, a0
    li      a0, SBI_ERR_NOT_SUPPORTED
    li      a1, 0
    mret
not_ecall:
    csrr    a0, mscratch                    // a debugger sees every register of a lost hart unchanged

// No other trap reaches M-mode in a healthy machine. mcause, mepc and mtval hold its cause.
    .globl lost
lost:
    wfi
    j       lost

// The entry of S-mode and the address of the device tree. The board stores both before the first hart runs.
    .section .boot_info, "a"
    .globl boot_info
boot_info:
    .word   0                               // entry
    .word   0                               // flattened device tree
