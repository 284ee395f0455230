// Many harts. Each test fails if an access is not atomic, an interrupt is lost or a translation is stale.
#include "program.h"

#define MAX_HARTS 8
#define ROUNDS 100

static volatile word harts, generation;
static volatile word counters[4];
static volatile int go;

static word add(volatile word *at, word value)
{
    word old;
    __asm__ volatile("amoadd.w.aqrl %0, %2, (%1)" : "=r"(old) : "r"(at), "r"(value) : "memory");
    return old;
}

// Increments a word with LR/SC, as a spinning program does.
static void increment(volatile word *at)
{
    word old, failed;
    do {
        __asm__ volatile("lr.w.aq %0, (%2)\n addi %0, %0, 1\n sc.w.rl %1, %0, (%2)" : "=&r"(old), "=&r"(failed) : "r"(at) : "memory");
    } while (failed);
}

static void fence(void) { __asm__ volatile("fence rw, rw" ::: "memory"); }

// A barrier with a generation number.
static volatile word waiting;
static void barrier(void)
{
    word mine = generation;
    fence();
    if (add(&waiting, 1) == harts - 1) {
        waiting = 0;
        fence();
        generation = mine + 1;
    } else {
        while (generation == mine) { }
    }
    fence();
}

// ---- locks ----

static volatile word lock, guarded, guarded_too, tickets, serving;

static void acquire(void)
{
    word old;
    do {
        __asm__ volatile("amoswap.w.aq %0, %2, (%1)" : "=r"(old) : "r"(&lock), "r"(1) : "memory");
    } while (old);
}

static void release(void) { __asm__ volatile("amoswap.w.rl zero, zero, (%0)" :: "r"(&lock) : "memory"); }

static void spin_locks(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        acquire();
        word seen = guarded;
        for (volatile int pause = 0; pause < 5; pause++) { }
        guarded = seen + 1;
        release();
        word mine = add(&tickets, 1);                  // a ticket lock, which also keeps the order
        while (serving != mine) { }
        fence();
        guarded_too++;
        fence();
        serving = mine + 1;
    }
}

// ---- interrupts between harts ----

static volatile word received[MAX_HARTS], fences_done;
static volatile int fence_wanted;

static int take_ipi(word cause)
{
    if (cause != 0x80000003) return 0;
    word hart = hart_id();
    msip[hart] = 0;
    fence();
    if (fence_wanted) {
        __asm__ volatile("sfence.vma" ::: "memory");
        add(&fences_done, 1);
    }
    received[hart]++;
    return 1;
}

// Passes a token around: each hart sleeps until its neighbour wakes it.
static void ring(word hart)
{
    word next = (hart + 1) % harts;
    for (word round = 1; round <= 20; round++) {
        if (hart == 0) msip[next] = 1;
        while (received[hart] < round) {
            clear_csr(mstatus, 8);
            if (received[hart] < round) __asm__ volatile("wfi");
            set_csr(mstatus, 8);
        }
        if (hart != 0) msip[next] = 1;
    }
}

// ---- translations that another hart changes ----

static word root[1024] __attribute__((aligned(4096)));
static word leaves[1024] __attribute__((aligned(4096)));
static word pages[2][1024] __attribute__((aligned(4096)));
#define WINDOW 0x40000000

static word read_window(word unused)
{
    (void)unused;
    return *(volatile word *)WINDOW;
}

static volatile word stale;
static void shoot_down(word hart)
{
    if (hart == 0) {
        for (word base = (word)ram, i = 0; i < 4; i++) root[(base >> 22) + i] = (base + (i << 22)) >> 12 << 10 | 0xcf;
        root[WINDOW >> 22] = (word)leaves >> 12 << 10 | 1;
        leaves[0] = (word)pages[0] >> 12 << 10 | 0xc7;
        pages[0][0] = 0;
        pages[1][0] = 1;
    }
    barrier();
    write_csr(satp, 1u << 31 | (word)root >> 12);
    __asm__ volatile("sfence.vma" ::: "memory");
    for (word round = 0; round < 12; round++) {
        if (in_mode(S, read_window, 0) != (round & 1)) add(&stale, 1);
        barrier();
        if (hart == 0) {
            leaves[0] = (word)pages[~round & 1] >> 12 << 10 | 0xc7;
            __asm__ volatile("sfence.vma" ::: "memory");
            fences_done = 0;
            fence_wanted = 1;
            fence();
            for (word other = 1; other < harts; other++) msip[other] = 1;
            while (fences_done < harts - 1) { }
            fence_wanted = 0;
        }
        barrier();
    }
    write_csr(satp, 0);
}

// ---- messages ----

static volatile struct { word data[4], full; } box[MAX_HARTS];
static volatile word wrong_messages;

// Each hart sends to the next one, and reads the message of the previous one: data first, then the flag.
static void messages(word hart)
{
    word next = (hart + 1) % harts;
    for (word round = 1; round <= ROUNDS; round++) {
        while (box[next].full) { }
        fence();
        for (int i = 0; i < 4; i++) box[next].data[i] = round * 4 + i;
        fence();
        box[next].full = 1;
        while (!box[hart].full) { }
        fence();
        for (int i = 0; i < 4; i++) if (box[hart].data[i] != round * 4 + i) add(&wrong_messages, 1);
        fence();
        box[hart].full = 0;
    }
}

// Each of two harts stores, then loads the other's word. With the fence between, at least one hart sees the other's
// store.
static volatile word flags[2], saw[2], both_missed;
static void store_buffering(word hart)
{
    for (int round = 0; round < 100; round++) {
        if (hart < 2) {
            flags[hart] = 1;
            fence();
            saw[hart] = flags[1 - hart];
        }
        barrier();
        if (hart == 0) {
            if (!saw[0] && !saw[1]) both_missed++;
            flags[0] = flags[1] = 0;
        }
        barrier();
    }
}

// Another hart's store breaks a reservation: hart 0 lets all other harts increment the word between its LR and SC.
static volatile word reserved, broken;
static void reservations(word hart)
{
    barrier();
    if (hart == 0) {
        word old, failed;
        __asm__ volatile("lr.w %0, (%1)" : "=r"(old) : "r"(&reserved) : "memory");
        go = 1;
        while (counters[3] != harts - 1) { }
        __asm__ volatile("sc.w %0, %2, (%1)" : "=r"(failed) : "r"(&reserved), "r"(1000) : "memory");
        broken = failed;
    } else {
        while (!go) { }
        increment(&reserved);
        add(&counters[3], 1);
    }
    barrier();
}

// Counts the nodes of the device tree named cpu@N.
static word count_harts(const uint8_t *tree)
{
    word bytes = tree[4] << 24 | tree[5] << 16 | tree[6] << 8 | tree[7], count = 0;
    for (word i = 0; i + 4 <= bytes; i++) count += tree[i] == 'c' && tree[i + 1] == 'p' && tree[i + 2] == 'u' && tree[i + 3] == '@';
    return count;
}

int main(word hart, const uint8_t *tree)
{
    on_interrupt = take_ipi;
    msip[hart] = 0;
    write_csr(mie, 8);
    set_csr(mstatus, 8);
    if (hart == 0) {
        harts = count_harts(tree);
        fence();
        go = 1;
    }
    while (!go) { }
    fence();
    barrier();
    go = 0;
    for (int i = 0; i < ROUNDS; i++) increment(&counters[0]);
    for (int i = 0; i < ROUNDS; i++) add(&counters[1], hart + 1);
    barrier();
    spin_locks();
    barrier();
    messages(hart);
    barrier();
    if (harts > 1) store_buffering(hart);
    barrier();
    if (harts > 1) ring(hart);
    barrier();
    shoot_down(hart);
    reservations(hart);
    if (hart != 0) return 0;
    print("harts ");
    decimal(harts);
    put('\n');
    check("LR/SC counted every increment", counters[0], harts * ROUNDS);
    check("AMOs added everything", counters[1], harts * (harts + 1) / 2 * ROUNDS);
    check("the spin lock kept others out", guarded, harts * ROUNDS);
    check("the ticket lock too", guarded_too, harts * ROUNDS);
    check("messages arrived whole and in order", wrong_messages, 0);
    check("stores were seen behind fences", both_missed, 0);
    word woken = 0;
    for (word i = 0; i < harts && harts > 1; i++) woken += received[i] >= 20;
    check("interrupts reached every hart", woken, harts > 1 ? harts : 0);
    check("nobody used a stale translation after the fence", stale, 0);
    check("other harts' stores broke the reservation", broken, harts > 1);
    check("and were kept", reserved, harts > 1 ? harts - 1 : 1000);
    return failures;
}
