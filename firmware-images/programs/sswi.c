// ACLINT's SSWI, which the ferrite board has. One hart sets another's supervisor software interrupt, and only software
// on that hart clears it.
#include "program.h"

extern volatile word sswi[];

#define SSI 2
#define ROUNDS 20

static volatile word harts, started, taken[8], seen_below[8], turn;

static word add(volatile word *at, word value)
{
    word old;
    __asm__ volatile("amoadd.w.aqrl %0, %2, (%1)" : "=r"(old) : "r"(at), "r"(value) : "memory");
    return old;
}

static int take(word cause)
{
    if (cause != 0x80000001) return 0;
    taken[hart_id()]++;
    clear_csr(mip, SSI);
    return 1;
}

// Runs in S-mode, where the interrupt is delegated but not enabled: software can see and clear it.
static word wait_in_s_mode(word ignored)
{
    (void)ignored;
    while (!(read_csr(sip) & SSI)) { }
    clear_csr(sip, SSI);
    return read_csr(sip) & SSI;
}

// Passes a token around all harts. Each hart sleeps until its turn.
static void ring(word hart)
{
    word next = (hart + 1) % harts;
    for (word round = 1; round <= ROUNDS; round++) {
        if (hart == 0) sswi[next] = 1;
        while (taken[hart] < round) {
            clear_csr(mstatus, 8);
            if (taken[hart] < round) __asm__ volatile("wfi");
            set_csr(mstatus, 8);
        }
        if (hart != 0) sswi[next] = 1;
    }
}

int main(word hart)
{
    on_interrupt = take;
    write_csr(mie, SSI);
    add(&harts, 1);
    if (hart == 0) {
        while (harts < 3) { }
        sswi[0] = 0;
        check("a zero sets nothing", read_csr(mip) & SSI, 0);
        sswi[0] = 1;
        check("a one sets the bit of its hart", read_csr(mip) & SSI, SSI);
        check("the register reads as zero", sswi[0], 0);
        sswi[1] = 1;
        clear_csr(mip, SSI);
        check("and software clears it", read_csr(mip) & SSI, 0);
        started = 1;
    }
    while (!started) { }
    set_csr(mstatus, 8);
    if (hart == 1) while (!taken[1]) { }
    if (hart == 1) taken[1] = 0;
    add(&turn, 1);
    while (turn < harts) { }
    ring(hart);
    clear_csr(mstatus, 8);
    write_csr(mideleg, SSI);
    add(&turn, 1);
    while (turn < 2 * harts) { }
    if (hart == 0) {
        for (word other = 1; other < harts; other++) sswi[other] = 1;
    } else {
        seen_below[hart] = 1 + in_mode(S, wait_in_s_mode, 0);
    }
    add(&turn, 1);
    if (hart != 0) return 0;
    while (turn < 3 * harts) { }
    word all = 0;
    for (word other = 1; other < harts; other++) all += seen_below[other] == 1;
    check("every hart took each of its interrupts once", taken[0] == ROUNDS && taken[1] == ROUNDS && taken[2] == ROUNDS, 1);
    check("delegated, S-mode sees and clears it", all, harts - 1);
    return failures;
}
