// The calls of SBI 0.1, each an extension of its own. They change a0 alone, and find sets of harts in the caller's memory.
#include "kernel.h"

static word set[1024] __attribute__((aligned(4096)));
static word wrong;

// Each hart counts the interrupts that it gets; here, hart 0 alone looks, and takes none.
void test_legacy_calls(void)
{
    word there = 0;
    for (word i = SET_TIMER; i <= REMOTE_SFENCE_VMA_ASID + 1; i++) there += call(BASE, 3, i).value;
    check("nine legacy calls", there, 9);
    for (const char *c = "a legacy line\n"; *c; c++) wrong |= error_of(PUTCHAR, 0, *c);
    check("each byte of it", wrong, SBI_SUCCESS);
    check("a1 stays", call(PUTCHAR, 0, '\n', 4711).value, 4711);
    check("a timer in the far future", error_of(SET_TIMER, 0, -1, -1), SBI_SUCCESS);

    word interrupts = read_csr(sstatus) & SIE;
    clear_csr(sstatus, SIE);
    call(CLEAR_IPI, 0);
    map(5, set, V | R | A | D);
    __asm__ volatile("sfence.vma" ::: "memory");
    word mask = WINDOW + 5 * 4096 + 40;
    set[10] = 1;
    check("an interrupt for the harts of a set", error_of(SEND_IPI, 0, mask), SBI_SUCCESS);
    check("comes", read_csr(sip) & SSI, SSI);
    check("was pending", error_of(CLEAR_IPI, 0), 1);
    check("and is gone", error_of(CLEAR_IPI, 0) | (read_csr(sip) & SSI), 0);
    set[10] = 0;
    check("one for nobody", error_of(SEND_IPI, 0, mask), SBI_SUCCESS);
    check("does not come", error_of(CLEAR_IPI, 0), 0);
    check("a set that cannot be read", error_of(SEND_IPI, 0, WINDOW + 6 * 4096), SBI_INVALID_ADDRESS);
    check("or is not aligned across its page", error_of(SEND_IPI, 0, WINDOW + 6 * 4096 - 2), SBI_INVALID_ADDRESS);
    set_csr(sstatus, interrupts);

    check("a fence of instructions", error_of(REMOTE_FENCE_I, 0, 0), SBI_SUCCESS);
    check("a fence of some addresses", error_of(REMOTE_SFENCE_VMA, 0, mask, WINDOW, 4096), SBI_SUCCESS);
    check("in an address space", error_of(REMOTE_SFENCE_VMA_ASID, 0, 0, WINDOW, -1, 3), SBI_SUCCESS);
    map(5, (void *)0, 0);
    __asm__ volatile("sfence.vma" ::: "memory");
}
