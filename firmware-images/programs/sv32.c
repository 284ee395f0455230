// Sv32: every permission of a leaf with every access in S- and U-mode, with SUM and MXR; A and D; superpages; the
// effect of sfence.vma; ASIDs.
#include "program.h"

#define V 1
#define R 2
#define W 4
#define X 8
#define PU 16
#define G 32
#define A 64
#define D 128
#define PAGE 4096
#define MXR (1 << 19)
#define SUM (1 << 18)

// Addresses for the tests' own pages; nothing else is there on either board.
#define WINDOW 0x40000000
#define SECOND 0x40400000

static word root[1024] __attribute__((aligned(4096)));
static word leaves[1024] __attribute__((aligned(4096)));
static word other_root[1024] __attribute__((aligned(4096)));
static word other_leaves[1024] __attribute__((aligned(4096)));
static word page_a[1024] __attribute__((aligned(4096)));
static word page_b[1024] __attribute__((aligned(4096)));

static word pte(const void *page, word flags) { return (word)page >> 12 << 10 | flags; }

static void identity(word *table, word flags)
{
    for (word base = (word)ram, i = 0; i < 4; i++) table[(base >> 22) + i] = (base + (i << 22)) >> 12 << 10 | flags;
}

static void translate(word *table, word asid) { write_csr(satp, 1u << 31 | asid << 22 | (word)table >> 12); }

// The tested accesses, in S- or U-mode. Each returns its cause. They are long instructions, because the handler skips
// four bytes.
static word load(word at)
{
    word value;
    return cause_of(__asm__ volatile(".option push\n.option norvc\nlw %0, 0(%1)\n.option pop" : "=r"(value) : "r"(at) : "memory"));
}

static word store(word at)
{
    return cause_of(__asm__ volatile(".option push\n.option norvc\nsw zero, 0(%0)\n.option pop" :: "r"(at) : "memory"));
}

static word fetch(word at)
{
    return cause_of(__asm__ volatile(".option push\n.option norvc\njalr ra, 0(%0)\n.option pop" :: "r"(at) : "ra", "memory"));
}

static word value_at(word at) { return *(volatile word *)at; }

static const struct { const char *name; word (*access)(word); word permission, fault; } accesses[] = {
    {"load", load, R, 13}, {"store", store, W, 15}, {"fetch", fetch, X, 12}};

#define RET 0x00008067

static word expected(word flags, int access, word mode, word status)
{
    word fault = accesses[access].fault;
    if (!(flags & V) || (flags & (R | W)) == W) return fault;
    if (!(flags & (R | X))) return fault;              // a pointer in the last level
    if (mode == U && !(flags & PU)) return fault;
    if (mode == S && flags & PU && (access == 2 || !(status & SUM))) return fault;
    if (flags & accesses[access].permission) return NONE;
    return access == 0 && status & MXR && flags & X ? NONE : fault;
}

// Tests every combination of V, R, W, X and U, from both modes, with and without SUM and MXR: 32 * 2 * 4 * 3 accesses.
// U-mode needs user pages, so two roots map the program: one as the supervisor's, one as the user's.
static void permissions(void)
{
    static const word statuses[] = {0, SUM, MXR, SUM | MXR};
    static const char *const names[2][4] = {{"from U", "from U with SUM", "from U with MXR", "from U with both"},
        {"from S", "from S with SUM", "from S with MXR", "from S with both"}};
    identity(root, V | R | W | X | A | D);
    identity(other_root, V | R | W | X | A | D | PU);
    root[WINDOW >> 22] = other_root[WINDOW >> 22] = pte(leaves, V);
    for (word mode = U; mode <= S; mode++) for (int s = 0; s < 4; s++) {
        word wrong = 0, tried = 0;
        clear_csr(mstatus, SUM | MXR);
        set_csr(mstatus, statuses[s]);
        translate(mode == U ? other_root : root, 0);
        for (word flags = 0; flags < 32; flags++) for (int access = 0; access < 3; access++) {
            page_a[0] = RET;
            leaves[0] = pte(page_a, flags | A | D);
            __asm__ volatile("fence.i\n sfence.vma" ::: "memory");
            word got = in_mode(mode, accesses[access].access, WINDOW), wanted = expected(flags, access, mode, statuses[s]);
            tried++;
            if (got != wanted) {
                wrong++;
                print(accesses[access].name);
                print(" with flags ");
                hex(flags);
                print(" got ");
                hex(got);
                print(", not ");
                hex(wanted);
                put('\n');
            }
        }
        check(names[mode][s], wrong, 0);
        check("accesses", tried, 96);
    }
    clear_csr(mstatus, SUM | MXR);
}

static void accessed_and_dirty(void)
{
    translate(root, 0);
    leaves[0] = pte(page_a, V | R | W | X);
    __asm__ volatile("sfence.vma" ::: "memory");
    check("a load", in_mode(S, load, WINDOW), NONE);
    check("sets A", leaves[0], pte(page_a, V | R | W | X | A));
    check("a store", in_mode(S, store, WINDOW), NONE);
    check("sets D", leaves[0], pte(page_a, V | R | W | X | A | D));
    leaves[0] = pte(page_a, V | R | X);
    __asm__ volatile("sfence.vma" ::: "memory");
    check("a store that is refused", in_mode(S, store, WINDOW), 15);
    check("leaves them", leaves[0], pte(page_a, V | R | X));
    check("stval is the address", last[0].tval, WINDOW);
}

static void superpages(void)
{
    word base = (word)page_a & ~0x3fffffu;
    root[SECOND >> 22] = base >> 12 << 10 | V | R | W | A | D;
    __asm__ volatile("sfence.vma" ::: "memory");
    page_a[5] = 0xfeed;
    check("a superpage leads to", in_mode(S, value_at, SECOND + ((word)&page_a[5] - base)), 0xfeed);
    root[SECOND >> 22] |= 1 << 10;
    __asm__ volatile("sfence.vma" ::: "memory");
    check("a misaligned one faults", in_mode(S, load, SECOND), 13);
    root[SECOND >> 22] = 0;
    __asm__ volatile("sfence.vma" ::: "memory");
    check("nothing is there any more", in_mode(S, load, SECOND), 13);
}

static void fences(void)
{
    page_a[1] = 0xaaaa;
    page_b[1] = 0xbbbb;
    leaves[1] = pte(page_a, V | R | W | A | D);
    leaves[2] = pte(page_a, V | R | W | A | D);
    __asm__ volatile("sfence.vma" ::: "memory");
    check("page 1", in_mode(S, value_at, WINDOW + PAGE + 4), 0xaaaa);
    leaves[1] = pte(page_b, V | R | W | A | D);
    __asm__ volatile("sfence.vma %0, zero" :: "r"(WINDOW + PAGE) : "memory");
    check("after a fence for its address", in_mode(S, value_at, WINDOW + PAGE + 4), 0xbbbb);
    leaves[1] = 0;
    __asm__ volatile("sfence.vma zero, %0" :: "r"(0) : "memory");
    check("after a fence for its address space", in_mode(S, load, WINDOW + PAGE), 13);

    identity(other_root, V | R | W | X | A | D | G);
    identity(root, V | R | W | X | A | D | G);
    other_root[WINDOW >> 22] = pte(other_leaves, V);
    other_leaves[2] = pte(page_b, V | R | W | A | D);
    __asm__ volatile("sfence.vma" ::: "memory");
    for (int i = 0; i < 3; i++) {
        translate(root, 1);
        check("address space 1", in_mode(S, value_at, WINDOW + 2 * PAGE + 4), 0xaaaa);
        translate(other_root, 2);
        check("address space 2", in_mode(S, value_at, WINDOW + 2 * PAGE + 4), 0xbbbb);
    }
}

// With MPRV, loads and stores of M-mode are translated as those of S-mode.
static void modified_privilege(void)
{
    translate(root, 0);
    leaves[3] = pte(page_b, V | R | W | A | D);
    __asm__ volatile("sfence.vma" ::: "memory");
    word value, status = read_csr(mstatus);
    __asm__ volatile("csrw mstatus, %1\n lw %0, 0(%2)\n csrw mstatus, %3" : "=&r"(value)
        : "r"((status & ~(3 << 11)) | 1 << 11 | 1 << 17), "r"(WINDOW + 3 * PAGE + 4), "r"(status & ~(1 << 17)) : "memory");
    check("MPRV", value, 0xbbbb);
}

static void across_pages(void)
{
    leaves[4] = pte(page_a, V | R | W | A | D);
    leaves[5] = pte(page_b, V | R | W | A | D);
    page_a[1023] = 0x44332211;
    page_b[0] = 0x88776655;
    __asm__ volatile("sfence.vma" ::: "memory");
    check("a load across two pages", in_mode(S, value_at, WINDOW + 5 * PAGE - 2), 0x66554433);
    leaves[5] = 0;
    __asm__ volatile("sfence.vma" ::: "memory");
    check("of which one is not there", in_mode(S, load, WINDOW + 5 * PAGE - 2), 13);
    check("a store too", in_mode(S, store, WINDOW + 5 * PAGE - 2), 15);
    check("which changed nothing", page_a[1023], 0x44332211);
}

int main(word hart)
{
    if (hart != 0) return 0;
    permissions();
    accessed_and_dirty();
    superpages();
    fences();
    modified_privilege();
    across_pages();
    write_csr(satp, 0);
    return failures;
}
