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
    // Where there is a PMP, S-mode may touch nothing until an entry allows it: entry 0 allows everything. Where there
    // is none, the first write is an illegal instruction, and its trap lands behind the second.
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

    // S-mode handles its own traps and those of U-mode. An ecall from S stays here: it is a call to the SBI.
    li      t0, EXCEPTIONS_FOR_S
    csrw    medeleg, t0
    li      t0, INTERRUPTS_FOR_S
    csrw    mideleg, t0

    // What reset leaves unspecified ("Reset"), and what S-mode needs to tell the time.
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

// There is no SBI. Each call to it is told so; a0 and a1 are the SBI's results, every other register is kept.
    .balign 4
    .globl machine_trap
machine_trap:
    csrw    mscratch, a0
    csrr    a0, mcause
    addi    a0, a0, -CAUSE_ECALL_FROM_S
    bnez    a0, not_ecall
    csrr    a0, mepc
    addi    a0, a0, 4                       // an ecall is always 4 bytes long; mret goes on behind it
    csrw    mepc, a0
    li      a0, SBI_ERR_NOT_SUPPORTED
    li      a1, 0
    mret
not_ecall:
    csrr    a0, mscratch                    // whoever looks at a lost hart sees every register as it was

// Nothing else can trap to M-mode in a healthy machine: mcause, mepc and mtval say what did.
    .globl lost
lost:
    wfi
    j       lost

// Where S-mode starts, and where the device tree is. The board fills these in before the first hart runs.
    .section .boot_info, "a"
    .globl boot_info
boot_info:
    .word   0                               // entry
    .word   0                               // flattened device tree
