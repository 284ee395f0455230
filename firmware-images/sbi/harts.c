// The states of harts, their requests to each other in M-mode, and their timers.
#include "sbi.h"

// Like OpenSBI, keeps illegal instructions, access faults and misaligned accesses in M-mode; boot.c passes them on.
#define EXCEPTIONS_FOR_S 0xb109                     // misaligned fetch, breakpoint, ecall from U, page faults
#define INTERRUPTS_FOR_S (SSIP | STIP | SEIP)
#define COUNTERS_FOR_S 7                            // cycle, time, instret
#define MENVCFGH_STCE (1u << 31)

#define PMP_TOR 8
#define PMP_NAPOT_RWX 0x1f
#define PMP_ENTRIES 16

#define PAGE 4096
#define MAX_PAGES 64                                // more single-page fences cost more than they save

static struct hart {
    word state;
    word events;
    word start_address, opaque;
} harts[MAX_HARTS];

static struct hart *here(void) { return &harts[this_hart()]; }

static word bit(word hart) { return 1u << hart; }

static bool has_sstc(void) { return platform.with_sstc & bit(this_hart()); }

// ---- timers ----

// Moving the timer to a later time causes no interrupt: the high half is at its maximum until both halves are written.
void set_timer(word low, word high)
{
    if (has_sstc()) {
        write_csr(0x15d, -1);                       // stimecmph
        write_csr(0x14d, low);                      // stimecmp
        write_csr(0x15d, high);
        return;
    }
    volatile word *mtimecmp = platform.mtimecmp[this_hart()];
    mtimecmp[1] = -1;
    mtimecmp[0] = low;
    mtimecmp[1] = high;
    clear_csr(mip, STIP);
    set_csr(mie, MTIP);
}

// ---- events ----

void send_event(word targets, word event)
{
    for (word hart = 0; hart < MAX_HARTS; hart++) {
        if (targets & bit(hart)) {
            __atomic_fetch_or(&harts[hart].events, event, __ATOMIC_SEQ_CST);
            barrier();
            *platform.msip[hart] = 1;
        }
    }
}

// Returns the harts that are not stopped. A hart that starts later fences before it enters S-mode.
static word running(void)
{
    word bits = 0;
    for (word hart = 0; hart < MAX_HARTS; hart++) {
        if (platform.harts & bit(hart) && state_of(hart) != STOPPED) bits |= bit(hart);
    }
    return bits;
}

static struct turnstile fences;
static struct { enum fence_kind kind; word start, bytes, asid; } fence;
static word not_fenced;                             // a bit for each hart that has not fenced yet

static void sfence(void)
{
    bool all = (!fence.start && !fence.bytes) || fence.bytes > MAX_PAGES * PAGE, of_asid = fence.kind == SFENCE_VMA_ASID;
    word first = fence.start & -PAGE, pages = all ? 1 : (fence.start - first + fence.bytes + PAGE - 1) / PAGE;
    for (word va = first; pages; pages--, va += PAGE) {
        if (all && of_asid) __asm__ volatile("sfence.vma zero, %0" :: "r"(fence.asid) : "memory");
        else if (all) __asm__ volatile("sfence.vma" ::: "memory");
        else if (of_asid) __asm__ volatile("sfence.vma %0, %1" :: "r"(va), "r"(fence.asid) : "memory");
        else __asm__ volatile("sfence.vma %0" :: "r"(va) : "memory");
    }
}

static void fence_here(void)
{
    if (fence.kind == FENCE_I) __asm__ volatile("fence.i" ::: "memory");
    else sfence();
    __atomic_fetch_and(&not_fenced, ~bit(this_hart()), __ATOMIC_SEQ_CST);
}

// Returns when all targets have fenced. A target fences in M-mode: from S-mode, while it waits for a turn, and while it
// is suspended or stopped.
void remote_fence(word targets, enum fence_kind kind, word start, word bytes, word asid)
{
    take_turn(&fences);
    fence.kind = kind;
    fence.start = start;
    fence.bytes = bytes;
    fence.asid = asid;
    targets &= running();
    __atomic_store_n(&not_fenced, targets, __ATOMIC_SEQ_CST);
    send_event(targets & ~bit(this_hart()), EVENT_FENCE);
    if (targets & bit(this_hart())) fence_here();
    while (__atomic_load_n(&not_fenced, __ATOMIC_SEQ_CST)) { }      // this hart holds the turn, so no hart waits for it
    end_turn(&fences);
}

// Serves and returns the events from other harts. An IPI is passed on to S-mode.
static word serve_events(void)
{
    barrier();
    *platform.msip[this_hart()] = 0;
    barrier();
    word events = __atomic_exchange_n(&here()->events, 0, __ATOMIC_SEQ_CST);
    if (events & EVENT_FENCE) fence_here();
    if (events & EVENT_IPI) set_csr(mip, SSIP);
    return events;
}

void serve_interrupts(void)
{
    word pending = read_csr(mip) & read_csr(mie);
    if (pending & MSIP) serve_events();
    if (pending & MTIP) {
        clear_csr(mie, MTIP);
        set_csr(mip, STIP);
    }
}

void take_turn(struct turnstile *turnstile)
{
    word mine = __atomic_fetch_add(&turnstile->next, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&turnstile->serving, __ATOMIC_SEQ_CST) != mine) {
        if (read_csr(mip) & MSIP) serve_events();
    }
}

void end_turn(struct turnstile *turnstile) { __atomic_fetch_add(&turnstile->serving, 1, __ATOMIC_SEQ_CST); }

// ---- states ----

enum hart_state state_of(word hart) { return __atomic_load_n(&harts[hart].state, __ATOMIC_SEQ_CST); }

void stop_all(void)
{
    for (word hart = 0; hart < MAX_HARTS; hart++) harts[hart].state = STOPPED;
}

static void become(enum hart_state state) { __atomic_store_n(&here()->state, state, __ATOMIC_SEQ_CST); }

bool start_hart(word hart, word address, word opaque)
{
    word stopped = STOPPED;
    if (!__atomic_compare_exchange_n(&harts[hart].state, &stopped, START_PENDING, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) return false;
    harts[hart].start_address = address;
    harts[hart].opaque = opaque;
    send_event(bit(hart), EVENT_START);
    return true;
}

// Entries 2n and 2n+1 keep S- and U-mode out of the protected ranges; the last entry allows the rest. No entry binds
// M-mode.
static void protect(void)
{
    word address[PMP_ENTRIES] = {0}, config[PMP_ENTRIES / 4] = {0};
    for (int i = 0; i < platform.protections; i++) {
        address[2 * i] = platform.protected[i].first >> 2;
        address[2 * i + 1] = (platform.protected[i].last >> 2) + 1;
        config[i / 2] |= (word)PMP_TOR << (i % 2 * 16 + 8);
    }
    address[PMP_ENTRIES - 1] = -1;
    config[PMP_ENTRIES / 4 - 1] |= (word)PMP_NAPOT_RWX << 24;
#define ADDRESS(n) write_csr(pmpaddr##n, address[n])
    ADDRESS(0); ADDRESS(1); ADDRESS(2); ADDRESS(3); ADDRESS(4); ADDRESS(5); ADDRESS(6); ADDRESS(7);
    ADDRESS(8); ADDRESS(9); ADDRESS(10); ADDRESS(11); ADDRESS(12); ADDRESS(13); ADDRESS(14); ADDRESS(15);
    write_csr(pmpcfg0, config[0]);
    write_csr(pmpcfg1, config[1]);
    write_csr(pmpcfg2, config[2]);
    write_csr(pmpcfg3, config[3]);
}

_Noreturn void start_here(word address, word opaque)
{
    protect();
    write_csr(medeleg, EXCEPTIONS_FOR_S);
    write_csr(mideleg, INTERRUPTS_FOR_S);
    write_csr(mcounteren, COUNTERS_FOR_S);
    if (has_sstc()) write_csr(0x31a, MENVCFGH_STCE);                // menvcfgh, by number: not every assembler knows it
    set_timer(-1, -1);
    write_csr(mie, MSIP);
    clear_csr(mip, SSIP | STIP | SEIP);
    __asm__ volatile("fence.i\n sfence.vma" ::: "memory");
    become(STARTED);
    enter(address, this_hart(), opaque);
}

// All harts but the boot hart begin here too. Until the boot hart sends a first event, no variable has a value.
_Noreturn void wait_to_be_started(void)
{
    write_csr(mie, MSIP);
    for (;;) {
        while (!(read_csr(mip) & MSIP)) wait_for_interrupt();
        if (serve_events() & EVENT_START) start_here(here()->start_address, here()->opaque);
    }
}

_Noreturn void stop_hart(void)
{
    set_timer(-1, -1);
    become(STOPPED);
    wait_to_be_started();
}

// Waits until an interrupt is pending that S-mode has enabled in sie. The state of sstatus.SIE does not matter.
void suspend_hart(void)
{
    become(SUSPENDED);
    while (!(read_csr(mip) & read_csr(mie) & INTERRUPTS_FOR_S)) {
        wait_for_interrupt();
        serve_interrupts();
    }
    become(STARTED);
}
