// A hostile payload. On all harts at once it makes every call with arguments from the edges, and loads from, stores to
// and jumps into memory that is not its own. The firmware must still answer as the specification says, and serve the
// payload afterwards. The command line is the seed.
#include "supervisor/kernel.h"

#define ROUNDS 1500
#define LEGACY_SHUTDOWN 8
#define RAM_BYTES 0x4000000                            // the machine must have so much RAM

static word randoms[MAX_HARTS], left[MAX_HARTS];
static volatile word came_through, bad_answers, changed_registers, attacks, faults;
static char scratch[4096] __attribute__((aligned(4096)));
extern char again[];
_Noreturn static void report(void);

// The entry for a hart that was stopped, or that lost its registers during suspension.
__asm__(
    "    .text\n    .balign 4\n"
    "again:\n    la t0, trap_entry\n    csrw stvec, t0\n    la sp, __stacks\n    addi t0, a0, 1\n    slli t0, t0, 14\n    add sp, sp, t0\n"
    "    mv tp, a0\n    tail attack\n");

static word next(word hart)                            // xorshift32
{
    word x = randoms[hart];
    x ^= x << 13;
    x ^= x >> 17;
    return randoms[hart] = x ^ x << 5;
}

static word below(word hart, word limit) { return next(hart) % limit; }

static word forbidden(word hart)
{
    word base[] = {(word)ram, (word)ram, (word)ram, (word)msip, (word)mtimecmp, (word)mtime - 64};
    return base[below(hart, 6)] + below(hart, 0x4000);
}

static word argument(word hart)
{
    static const word edges[] = {0, 1, 2, -1, -2, 0x7fffffff, 0x80000000, 0x80000001, 31, 32, 33, 0xffff, 0x10000, 0xfffff000, 0xfffffffc, 0x1ff, 0x200};
    switch (below(hart, 7)) {
        case 0: return next(hart);
        case 1: return below(hart, 10);
        case 2: return forbidden(hart);
        case 3: return (word)scratch + below(hart, 8);
        case 4: return (word)again;
        case 5: return (word)ram + RAM_BYTES - 4 + below(hart, 8);
        default: return edges[below(hart, sizeof edges / sizeof *edges)];
    }
}

static word firmware_bytes;

static int is_own_memory(word address) { return address - ((word)ram + firmware_bytes) < RAM_BYTES - firmware_bytes; }

// Makes a call, and checks that every register but a0 and a1 is unchanged (SBI 2.0, chapter 3); a1 too in a legacy call.
static void guarded_call(word extension, word function, const word a[6])
{
    register word r0 __asm__("a0") = a[0], r1 __asm__("a1") = a[1], r2 __asm__("a2") = a[2], r3 __asm__("a3") = a[3], r4 __asm__("a4") = a[4];
    register word r5 __asm__("a5") = a[5], r6 __asm__("a6") = function, r7 __asm__("a7") = extension, t0 __asm__("t0") = 0x5eed, t6 __asm__("t6") = ~0x5eed;
    __asm__ volatile("ecall" : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r7), "+r"(t0), "+r"(t6) :: "memory");
    if (r2 != a[2] || r3 != a[3] || r4 != a[4] || r5 != a[5] || r6 != function || r7 != extension || t0 != 0x5eed || t6 != (word)~0x5eed) {
        add(&changed_registers, 1);
    }
    int legacy = extension <= LEGACY_SHUTDOWN, counts = extension == GETCHAR || extension == CLEAR_IPI;
    if (legacy && r1 != a[1]) add(&changed_registers, 1);
    if ((int)r0 > (counts ? 255 : 0) || (int)r0 < -9) add(&bad_answers, 1);
}

// Makes a random call. A valid call that would end the test is changed: no call resets the machine, and harts start
// only at `again`.
static void call_anything(word hart)
{
    static const word extensions[] = {BASE, TIME, IPI, RFENCE, HSM, SRST, DBCN, 0, 1, 2, 3, 4, 5, 6, 7, 0x504d55, 0x53555350};
    word extension = below(hart, 16) ? extensions[below(hart, sizeof extensions / sizeof *extensions)] : next(hart), a[6];
    word function = below(hart, 8) ? below(hart, 5) : argument(hart);
    for (int i = 0; i < 6; i++) a[i] = argument(hart);
    if (extension == LEGACY_SHUTDOWN) return;
    if (extension == SRST && a[0] <= 2 && a[1] <= 1) return;
    if (extension == HSM && function == HART_STOP && hart == 0) return;
    if (extension == HSM && is_own_memory(a[1])) a[1] = (word)again;
    if (extension == DBCN && function < 2 && is_own_memory(a[1])) a[1] = (word)scratch;
    if (extension == HSM && function == HART_SUSPEND) {
        call(TIME, 0, read_csr(time) + 50, read_csr(timeh));
        write_csr(sie, STI);
    }
    guarded_call(extension, function, a);
    write_csr(sie, 0);
}

static void touch_anything(word hart)
{
    static volatile word *const devices[] = {plic, (volatile word *)uart0};
    volatile word *place = below(hart, 3) ? (volatile word *)(forbidden(hart) & -4) : devices[below(hart, 2)] + below(hart, 0x800);
    volatile uint8_t *port = &uart0[1 + below(hart, 7)];
    last[hart].cause = NONE;
    switch (below(hart, 6)) {
        case 0: (void)*place; break;
        case 1: *place = next(hart); break;
        case 2: __asm__ volatile("amoadd.w zero, %0, (%1)" :: "r"(next(hart)), "r"(place) : "memory"); break;
        case 3: __asm__ volatile("jalr ra, 0(%0)" :: "r"(forbidden(hart) & -2) : "ra", "memory"); break;
        case 4: *port = next(hart); break;
        default: __asm__ volatile(".word 0xffffffff"); break;
    }
    if (last[hart].cause != NONE) add(&faults, 1);
}

_Noreturn void attack(word hart, word opaque)
{
    (void)opaque;
    clear_csr(sstatus, SIE);
    while (left[hart]) {
        left[hart]--;
        add(&attacks, 1);
        if (below(hart, 3)) call_anything(hart);
        else touch_anything(hart);
    }
    add(&came_through, 1);
    if (hart != 0) secondary_main(hart, 0);            // waits for work
    while (came_through < harts) {
        for (word other = 1; other < harts; other++) call(HSM, HART_START, other, (word)again, 0);
    }
    report();
}

static void listen(word hart)
{
    write_csr(sie, 0);
    call(TIME, 0, -1, -1);
    clear_csr(sip, SSI);
    ipis[hart] = ticks[hart] = 0;
    write_csr(sie, SSI | STI);
    set_csr(sstatus, SIE);
}

static void live(word hart)
{
    call(TIME, 0, read_csr(time) + 500, read_csr(timeh));
    sleep_until(ticks[hart]);
    call(IPI, 0, 1, (hart + 1) % harts);
    sleep_until(ipis[hart]);
    if (call(RFENCE, 1, 0, ALL_HARTS, 0, -1).error) add(&bad_answers, 1);
}

// Prints the last lines. They are the same in every run of the same seed.
_Noreturn static void report(void)
{
    await_others();
    for (int i = 0; i < 8; i++) (void)uart0[i];
    uart0[3] = 3;                                      // resets the serial line, which an attack may have changed
    uart0[4] = 0;
    uart0[1] = 0;
    print("\nharts ");
    decimal(harts);
    put('\n');
    check("every hart came through", came_through, harts);
    check("the attacks were made", attacks, ROUNDS * harts);
    check("some were met", faults > 10 * harts, 1);
    check("every answer was one", bad_answers, 0);
    check("no register was changed", changed_registers, 0);
    check("SBI 2.0", call(BASE, 0).value, 2 << 24);
    all_do(listen);
    all_do(live);
    check("timers, interrupts and fences as ever", bad_answers, 0);
    call(SRST, 0, 0, failures != 0);
    for (;;) { }
}

_Noreturn void main(word hart, const char *tree)
{
    word bytes, seed = 0;
    const char *text = property(tree, "chosen", "bootargs", &bytes);
    while (text && *text >= '0' && *text <= '9') seed = 10 * seed + *text++ - '0';
    firmware_bytes = last_cell(tree, "firmware", "reg");
    translate();
    while (call(HSM, HART_GET_STATUS, harts).error == SBI_SUCCESS) harts++;
    for (word h = 0; h < harts; h++) {
        randoms[h] = (seed + 1) * 0x9e3779b9 ^ (h + 1) * 0x85ebca6b;
        if (!randoms[h]) randoms[h] = 1;
        left[h] = ROUNDS;
    }
    for (word i = 0; i < sizeof scratch; i++) scratch[i] = '.';
    for (word other = 1; other < harts; other++) call(HSM, HART_START, other, (word)again, 0);
    attack(hart, 0);
}
