// Traps that M-mode passes on, the clock in S- and U-mode, misaligned accesses, and A and D.
#include "kernel.h"

static word page[1024] __attribute__((aligned(4096)));

// Routines for U-mode, in a user page. They use long instructions, because the handler skips four bytes.
extern char user_page[], user_time[], user_illegal[], user_load[], user_store[];
__asm__(
    "    .section .text.user, \"ax\"\n    .balign 4096\n    .option push\n    .option norvc\n"
    "user_page:\n"
    "user_time:\n    rdtime a0\n    ecall\n"
    "user_illegal:\n    .word 0xffffffff\n    ecall\n"
    "user_load:\n    lw a0, 0(a0)\n    ecall\n"
    "user_store:\n    sw zero, 0(a0)\n    ecall\n"
    "    .balign 4096\n    .option pop\n    .text\n");

static word in_user_page(const char *routine, word argument) { return in_user(WINDOW + (routine - user_page), argument); }

static word load(word at) { word value; return cause_of(__asm__ volatile("lw %0, 0(%1)" : "=r"(value) : "r"(at) : "memory")); }
static word store(word at) { return cause_of(__asm__ volatile("sw zero, 0(%0)" :: "r"(at) : "memory")); }
static word jump(word at) { return cause_of(__asm__ volatile("jalr ra, 0(%0)" :: "r"(at) : "ra", "memory")); }
static word swap(word at) { return cause_of(__asm__ volatile("amoswap.w zero, zero, (%0)" :: "r"(at) : "memory")); }

void test_traps(void)
{
    clear_csr(sstatus, SIE);
    check("an illegal instruction", cause_of(__asm__ volatile(".word 0xffffffff")), 2);
    check("stval is it", last[0].tval, 0xffffffff);
    check("SPP is S", last[0].mode, S);
    check("SPIE was SIE", last[0].status >> 5 & 1, 0);
    set_csr(sstatus, SIE);
    __asm__ volatile(".word 0xffffffff");
    check("and is again", last[0].status >> 5 & 1, 1);
    check("SIE is off meanwhile", last[0].status & SIE, 0);
    clear_csr(sstatus, SIE);
    check("a CSR of M-mode", cause_of((void)read_csr(mstatus)), 2);
    check("mret", cause_of(__asm__ volatile("mret")), 2);

    word firmware = (word)ram;
    check("a load from the firmware", load(firmware), 5);
    check("stval is the address", last[0].tval, firmware);
    check("a store into it", store(firmware + 0x100), 7);
    check("a swap in it", swap(firmware + 0x200) == 5 || last[0].cause == 7, 1);          // QEMU takes an AMO for a load
    check("a jump into it", jump(firmware + 0x10), 1);
    check("sepc is where it went", last[0].epc, firmware + 0x10);
    check("M-mode's software interrupts", store((word)msip), 7);
    check("M-mode's timers", load((word)mtimecmp), 5);
    check("and its clock", store((word)mtime), 7);
    check("where nothing is", load((word)nowhere), 5);

    word before = read_csr(time);
    while (read_csr(time) == before) { }
    check("rdtime in S-mode", read_csr(time) != before, 1);
    map(0, user_page, V | R | X | USER | A | D);
    map(1, page, V | R | W | USER | A | D);
    __asm__ volatile("sfence.vma" ::: "memory");
    write_csr(scounteren, 2);
    before = read_csr(time);
    check("rdtime in U-mode", in_user_page(user_time, 0) - before < 100000000, 1);
    write_csr(scounteren, 0);
    last[0].cause = NONE;
    in_user_page(user_time, 0);
    check("unless S-mode forbids it", last[0].cause, 2);
    check("SPP is U", last[0].mode, U);
    last[0].cause = NONE;
    in_user_page(user_illegal, 0);
    check("an illegal instruction in U-mode", last[0].cause, 2);
    last[0].cause = NONE;
    in_user_page(user_load, firmware);
    check("the firmware is not the user's", last[0].cause, 13);

    page[0] = 0x44332211;
    page[1] = 0x88776655;
    check("a misaligned load", *(volatile word *)((word)page + 1), 0x55443322);
    *(volatile word *)((word)page + 2) = 0xddccbbaa;
    check("a misaligned store", page[0], 0xbbaa2211);
    check("its other half", page[1], 0x8877ddcc);
    check("a misaligned load in U-mode", in_user_page(user_load, WINDOW + 4096 + 1), 0xccbbaa22);

    map(2, page, V | R | W);
    check("a page never used", load(WINDOW + 2 * 4096), NONE);
    check("is accessed", leaves[2] & (A | D), A);
    check("a store to it", store(WINDOW + 2 * 4096), NONE);
    check("makes it dirty", leaves[2] & (A | D), A | D);
    map(3, page, V | R | W | USER);
    __asm__ volatile("sfence.vma" ::: "memory");
    in_user_page(user_store, WINDOW + 3 * 4096);
    check("as it does in U-mode", leaves[3] & (A | D), A | D);
    check("a page fault", load(WINDOW + 4 * 4096), 13);
}
