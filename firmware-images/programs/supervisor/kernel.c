// The basis of all tests of the kernel: calls, traps, harts that wait for work, translation.
#include "kernel.h"

struct answer sbi(word extension, word function, word a0, word a1, word a2, word a3, word a4)
{
    register word r0 __asm__("a0") = a0, r1 __asm__("a1") = a1, r2 __asm__("a2") = a2, r3 __asm__("a3") = a3, r4 __asm__("a4") = a4;
    register word r6 __asm__("a6") = function, r7 __asm__("a7") = extension;
    __asm__ volatile("ecall" : "+r"(r0), "+r"(r1) : "r"(r2), "r"(r3), "r"(r4), "r"(r6), "r"(r7) : "memory");
    return (struct answer) {r0, r1};
}

// ---- traps ----

volatile struct trapped last[8];
volatile word ipis[MAX_HARTS], ticks[MAX_HARTS], externals[MAX_HARTS];
void (*volatile on_external)(word source);
extern char user_back[];

static int interrupt(word cause, word hart)
{
    switch (cause & 31) {
        case 1:
            clear_csr(sip, SSI);
            ipis[hart]++;
            return 1;
        case 5:
            call(TIME, 0, -1, -1);
            ticks[hart]++;
            return 1;
        case 9: {
            volatile word *claim = &plic[(0x200004 + 0x1000 * (2 * hart + 1)) / 4];
            word source = *claim;
            if (!source || !on_external) return 0;
            on_external(source);
            externals[hart]++;
            *claim = source;
            return 1;
        }
        default: return 0;
    }
}

void trap(struct frame *frame)
{
    word hart = hart_id(), cause = read_csr(scause);
    if (cause >> 31) {
        if (interrupt(cause, hart)) return;
        print("unexpected interrupt ");
        hex(cause);
        put('\n');
        finish(100);
    }
    if (cause == 8) {                                  // the end of in_user
        set_csr(sstatus, 0x100);
        frame->pc = (word)user_back;
        return;
    }
    last[hart] = (struct trapped) {cause, read_csr(stval), frame->pc, read_csr(sstatus) >> 8 & 1, read_csr(sstatus)};
    if (cause == 1 || cause == 12) frame->pc = frame->reg(1);
    else frame->pc += last[hart].mode == U ? 4 : length_at(frame->pc);
}

// ---- harts ----

word harts;
static void (*volatile work)(word hart);
static volatile word orders, done;

word add(volatile word *at, word value) { return __atomic_fetch_add(at, value, __ATOMIC_SEQ_CST); }

_Noreturn void secondary_main(word hart, word opaque)
{
    translate();
    word seen = opaque;
    add(&done, 1);
    for (;;) {
        while (__atomic_load_n(&orders, __ATOMIC_SEQ_CST) == seen) { }
        seen++;
        work(hart);
        add(&done, 1);
    }
}

void await_others(void) { while (done < harts - 1) { } }

void start_others(void)
{
    done = 0;
    for (word hart = 1; hart < harts; hart++) call(HSM, HART_START, hart, (word)secondary, orders);
    await_others();
}

void all_do(void (*what)(word hart))
{
    work = what;
    done = 0;
    add(&orders, 1);
    what(0);
    await_others();
}

// ---- translation ----

word root[1024] __attribute__((aligned(4096))), leaves[1024] __attribute__((aligned(4096)));

void map(word page, const void *to, word flags)
{
    leaves[page] = (word)to >> 12 << 10 | flags;
    __asm__ volatile("fence rw, rw" ::: "memory");
}

void translate(void)
{
    for (word i = 0; i < 1024; i++) root[i] = i << 20 | V | R | W | X | A | D;
    root[WINDOW >> 22] = (word)leaves >> 12 << 10 | V;
    __asm__ volatile("sfence.vma" ::: "memory");
    write_csr(satp, 1u << 31 | (word)root >> 12);
    __asm__ volatile("sfence.vma" ::: "memory");
}
