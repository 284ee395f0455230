// Timers, interrupts between harts, and UART interrupts, on every hart.
#include "kernel.h"

#define ROUNDS 5
#define TICKS 1000
#define IRQ ((word)uart_irq)

static volatile word early, chosen;

static word sum(const volatile word *of)
{
    word all = 0;
    for (word hart = 0; hart < harts; hart++) all += of[hart];
    return all;
}

static void enable(word hart)
{
    (void)hart;
    write_csr(sie, SSI | STI | SEI);
    set_csr(sstatus, SIE);
}

static void tick(word hart)
{
    for (word round = 0; round < ROUNDS; round++) {
        word before = ticks[hart], due = read_csr(time) + TICKS;
        call(TIME, 0, due, due < TICKS ? read_csr(timeh) + 1 : read_csr(timeh));
        sleep_until(ticks[hart] != before);
        if ((int)(read_csr(time) - due) < 0) add(&early, 1);
    }
}

// Passes a token around: each hart sleeps until its neighbour wakes it.
static void ring(word hart)
{
    for (word round = 1; round <= ROUNDS; round++) {
        if (hart == 0) call(IPI, 0, 1, (hart + 1) % harts);
        sleep_until(ipis[hart] >= round);
        if (hart != 0) call(IPI, 0, 1, (hart + 1) % harts);
    }
}

static void everybody_to_everybody(word hart)
{
    for (word round = 0; round < ROUNDS; round++) call(IPI, 0, 0, ALL_HARTS);
    sleep_until(ipis[hart] > 0);
}

static void forget(word hart) { ipis[hart] = 0; }

static void identify(word source) { if (source == IRQ && (uart0[2] & 0xf) == 2) uart0[1] = 0; }

static void await_external(word hart) { if (hart == chosen) sleep_until(externals[hart] == 1); }

void test_interrupts(void)
{
    call(TIME, 0, 0, 0);
    while (!(read_csr(sip) & STI)) { }
    check("a time that is over is now", read_csr(sip) & STI, STI);
    call(TIME, 0, -1, -1);
    check("a later one takes it back", read_csr(sip) & STI, 0);
    call(IPI, 0, 1, 0);
    check("an interrupt for oneself", read_csr(sip) & SSI, SSI);
    clear_csr(sip, SSI);
    check("is one's own to clear", read_csr(sip) & SSI, 0);

    all_do(enable);
    all_do(tick);
    check("timers tick on every hart", sum(ticks), ROUNDS * harts);
    check("and never early", early, 0);
    all_do(forget);
    all_do(ring);
    check("interrupts go round", sum(ipis), ROUNDS * harts);
    all_do(forget);
    all_do(everybody_to_everybody);
    all_do(forget);

    on_external = identify;
    plic[IRQ] = 1;
    for (chosen = 0; chosen < harts; chosen++) {
        word context = 2 * chosen + 1;
        plic[(0x2000 + 0x80 * context) / 4] = 1 << IRQ;
        plic[(0x200000 + 0x1000 * context) / 4] = 0;
        uart0[1] = 2;                                  // the transmitter is empty
        all_do(await_external);
        plic[(0x2000 + 0x80 * context) / 4] = 0;
    }
    check("each hart took the UART's interrupt", sum(externals), harts);
    for (word hart = 0; hart < harts; hart++) externals[hart] = 0;
}
