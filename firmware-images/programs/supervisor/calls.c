// The results of calls, and the errors of invalid ones.
#include "kernel.h"

void test_calls(const char *tree)
{
    check("SBI 2.0", call(BASE, 0).value, 2 << 24);
    check("our firmware", call(BASE, 1).value, 0x46655249);
    check("its version", call(BASE, 2).value, 1);
    static const word there[] = {BASE, TIME, IPI, RFENCE, HSM, SRST, DBCN}, absent[] = {9, 0xf, 0x504d55, 0x53555350, 0x43505043, 0x80000000, -1};
    word found = 0, wrong = 0;
    for (word i = 0; i < sizeof there / sizeof *there; i++) found += call(BASE, 3, there[i]).value;
    for (word i = 0; i < sizeof absent / sizeof *absent; i++) {
        wrong += call(BASE, 3, absent[i]).value;
        wrong += error_of(absent[i], 0) != (word)SBI_NOT_SUPPORTED;
    }
    check("seven extensions", found, 7);
    check("and no others", wrong, 0);
    wrong = 0;
    for (word i = 0; i < sizeof there / sizeof *there; i++) wrong += error_of(there[i], 7) != (word)SBI_NOT_SUPPORTED;
    check("no function 7 in any", wrong, 0);
    check("who made the hart", error_of(BASE, 4) | error_of(BASE, 5) | error_of(BASE, 6), SBI_SUCCESS);

    while (call(HSM, HART_GET_STATUS, harts).error == SBI_SUCCESS) harts++;
    check("a hart that is none", error_of(HSM, HART_GET_STATUS, harts), SBI_INVALID_PARAM);
    check("nor is -1", error_of(HSM, HART_GET_STATUS, -1), SBI_INVALID_PARAM);
    check("it cannot be started", error_of(HSM, HART_START, harts, (word)secondary), SBI_INVALID_PARAM);
    check("an interrupt for it", error_of(IPI, 0, 1, harts), SBI_INVALID_PARAM);
    check("one among others", error_of(IPI, 0, 1 | 1u << harts, 0), SBI_INVALID_PARAM);
    check("one that is far away", error_of(IPI, 0, 1, 0x80000000), SBI_INVALID_PARAM);
    check("a mask that goes on behind 2^32", error_of(IPI, 0, 3, -2), SBI_INVALID_PARAM);
    check("nobody, from anywhere", error_of(IPI, 0, 0, 1000), SBI_SUCCESS);
    check("a fence for it", error_of(RFENCE, 0, 1, harts), SBI_INVALID_PARAM);
    check("a range that wraps", error_of(RFENCE, 1, 1, 0, 0xfffff000, 0x2000), SBI_INVALID_ADDRESS);
    check("one that ends where addresses do", error_of(RFENCE, 1, 1, 0, 0xfffff000, 0x1000), SBI_SUCCESS);
    check("an address space that is none", error_of(RFENCE, 2, 1, 0, 0, 0, 0x200), SBI_INVALID_PARAM);
    check("a hypervisor's fence", error_of(RFENCE, 3, 1, 0, 0, 0, 0), SBI_NOT_SUPPORTED);

    word inside = (word)ram, hole = (word)nowhere, end = inside + last_cell(tree, "memory", "reg");
    check("a running hart is started", error_of(HSM, HART_START, 0, (word)secondary), SBI_ALREADY_AVAILABLE);
    check("in the firmware", error_of(HSM, HART_START, 0, inside), SBI_INVALID_ADDRESS);
    check("where nothing is", error_of(HSM, HART_START, 0, hole), SBI_INVALID_ADDRESS);
    check("in a device", error_of(HSM, HART_START, 0, (word)uart0), SBI_INVALID_ADDRESS);
    check("in the middle of an instruction", error_of(HSM, HART_START, 0, (word)secondary + 1), SBI_INVALID_ADDRESS);
    check("a reserved suspension", error_of(HSM, HART_SUSPEND, 1), SBI_INVALID_PARAM);
    check("one of no platform", error_of(HSM, HART_SUSPEND, 0x90000000, (word)secondary), SBI_INVALID_PARAM);
    check("one that resumes nowhere", error_of(HSM, HART_SUSPEND, 0x80000000, hole), SBI_INVALID_ADDRESS);
    check("a reserved reset", error_of(SRST, 0, 3, 0), SBI_INVALID_PARAM);
    check("a reserved reason", error_of(SRST, 0, 0, 2), SBI_INVALID_PARAM);
    check("of this vendor", error_of(SRST, 0, 0xf0000000, 0), SBI_INVALID_PARAM);
    check("text in the firmware", error_of(DBCN, 0, 4, inside, 0), SBI_INVALID_PARAM);
    check("text where nothing is", error_of(DBCN, 0, 4, hole, 0), SBI_INVALID_PARAM);
    check("text that ends there", error_of(DBCN, 0, 4, end - 2, 0), SBI_INVALID_PARAM);
    check("text above 4 GiB", error_of(DBCN, 0, 4, (word)secondary, 1), SBI_INVALID_PARAM);
    check("text that wraps", error_of(DBCN, 0, -1, (word)secondary, 0), SBI_INVALID_PARAM);
    check("input into the firmware", error_of(DBCN, 1, 1, inside, 0), SBI_INVALID_PARAM);
    check("no text", call(DBCN, 0, 0, hole, 0).error, SBI_SUCCESS);
}
