// Boot ROM of a board that runs a bare program. Every hart starts here from reset, in M-mode, and jumps to the program,
// still in M-mode. As from QEMU's reset vector (hw/riscv/boot.c, riscv_setup_rom_reset_vec), a0 = hart, a1 = device
// tree, a2 = information for a firmware (OpenSBI's struct fw_dynamic_info; include/sbi/fw_dynamic.h). The code is
// position-independent, because each board has its ROM at another address.

    .section .text
    .globl reset
reset:
    lla     t0, boot_info
    csrr    a0, mhartid
    addi    a2, t0, 8
    lw      a1, 4(t0)
    lw      t0, 0(t0)
    jr      t0

// The entry of the program or firmware, and the address of the device tree. The board stores both before the first hart
// runs.
    .balign 4
    .globl boot_info
boot_info:
    .word   0                               // entry
    .word   0                               // flattened device tree
    .word   0x4942534f                      // "OSBI"
    .word   2                               // version
    .globl payload
payload:
    .word   0                               // the firmware's payload; the board stores it if there is a firmware
    .word   1                               // in S-mode
    .word   0                               // options
    .word   0                               // on this hart
