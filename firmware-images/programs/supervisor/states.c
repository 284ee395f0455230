// Starts, stops, restarts, suspends and wakes harts.
#include "kernel.h"

static volatile word arrived[MAX_HARTS], was_clean[MAX_HARTS], resumed;
extern char state_entry[], resume_entry[];

// The entry of a started hart: like `secondary`, but it continues in this file.
__asm__(
    "    .text\n    .balign 4\n"
    "state_entry:\n    csrr a2, sstatus\n    csrr a3, satp\n    la t0, trap_entry\n    csrw stvec, t0\n    la sp, __stacks\n    addi t0, a0, 1\n"
    "    slli t0, t0, 14\n    add sp, sp, t0\n    mv tp, a0\n    tail started\n"
    "resume_entry:\n    csrr a2, sstatus\n    csrr a3, satp\n    la sp, __stacks\n    addi t0, a0, 1\n    slli t0, t0, 14\n    add sp, sp, t0\n"
    "    mv tp, a0\n    tail resumed_at\n");

_Noreturn void started(word hart, word opaque, word status, word translation)
{
    was_clean[hart] = !(status & SIE) && !translation && !(read_csr(sip) & SSI);
    write_csr(sie, SSI);
    arrived[hart] = opaque;
    if (opaque == 1) call(HSM, HART_STOP);
    if (opaque == 2) {                                 // keeps its registers during suspension
        word error = error_of(HSM, HART_SUSPEND, 0);
        resumed = error == SBI_SUCCESS && read_csr(sip) & SSI ? 1 : 100;
        clear_csr(sip, SSI);
        call(HSM, HART_STOP);
    }
    if (opaque == 3) call(HSM, HART_SUSPEND, 0x80000000, (word)resume_entry, 0xcafe);
    print("FAILED to stop\n");
    for (;;) { }
}

_Noreturn void resumed_at(word hart, word opaque, word status, word translation)
{
    resumed = opaque == 0xcafe && hart == hart_id() && !(status & SIE) && !translation ? 2 : 100;
    clear_csr(sip, SSI);
    call(HSM, HART_STOP);
    for (;;) { }
}

static word state_of(word hart) { return call(HSM, HART_GET_STATUS, hart).value; }

static void await_state(word hart, word state) { while (state_of(hart) != state) { } }

// Counts for each check the harts that pass it.
void test_hart_states(void)
{
    word stopped = 0, starts = 0, clean = 0, restarts = 0, slept = 0, kept = 0, lost = 0, silent = 0;
    for (word hart = 1; hart < harts; hart++) {
        stopped += state_of(hart) == STOPPED;
        silent += error_of(IPI, 0, 1, hart) == SBI_SUCCESS && error_of(RFENCE, 1, 1, hart, 0, -1) == SBI_SUCCESS;
        starts += error_of(HSM, HART_START, hart, (word)state_entry, 1) == SBI_SUCCESS;
        await_state(hart, STOPPED);
        while (arrived[hart] != 1) { }
        clean += was_clean[hart];
        restarts += error_of(HSM, HART_START, hart, (word)state_entry, 2) == SBI_SUCCESS;
        await_state(hart, SUSPENDED);
        slept += error_of(HSM, HART_START, hart, (word)state_entry, 1) == (word)SBI_ALREADY_AVAILABLE && error_of(RFENCE, 1, 1, hart, 0, -1) == SBI_SUCCESS
            && state_of(hart) == SUSPENDED;
        call(IPI, 0, 1, hart);
        await_state(hart, STOPPED);
        kept += arrived[hart] == 2 && resumed == 1;
        call(HSM, HART_START, hart, (word)state_entry, 3);
        await_state(hart, SUSPENDED);
        call(IPI, 0, 1, hart);
        await_state(hart, STOPPED);
        lost += arrived[hart] == 3 && resumed == 2;
    }
    check("this one runs", state_of(0), STARTED);
    check("the others do not", stopped, harts - 1);
    check("what is sent to them then is lost", silent, harts - 1);
    check("each is started", starts, harts - 1);
    check("in the state that it should be in", clean, harts - 1);
    check("and after it stopped once more", restarts, harts - 1);
    check("asleep, it fences and is not started", slept, harts - 1);
    check("an interrupt wakes it where it was", kept, harts - 1);
    check("or where it wanted to be", lost, harts - 1);
    write_csr(sie, SSI);                               // suspends this hart, too
    clear_csr(sstatus, SIE);
    call(IPI, 0, 1, 0);
    check("a pending interrupt ends it at once", error_of(HSM, HART_SUSPEND, 0), SBI_SUCCESS);
    write_csr(sie, STI);
    call(TIME, 0, read_csr(time) + 2000, read_csr(timeh));
    check("so does the timer", error_of(HSM, HART_SUSPEND, 0), SBI_SUCCESS);
    check("which came", read_csr(sip) & STI, STI);
    call(TIME, 0, -1, -1);
    clear_csr(sip, SSI);
}
