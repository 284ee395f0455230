// Translations and code that another hart changes, before and after a fence.
#include "kernel.h"

static word pages[2][1024] __attribute__((aligned(4096)));
static volatile word seen[MAX_HARTS];
static word page = 0xe0;                               // far from the program's pages: even a small TLB keeps it

static void look(word hart) { seen[hart] = *(volatile word *)(WINDOW + 4096 * page); }

// Counts the other harts that saw this value.
static word others_saw(word value)
{
    word count = 0;
    for (word hart = 1; hart < harts; hart++) count += seen[hart] == value;
    return count;
}

static word others(void) { return (1u << harts) - 2; }

// Moves a page. Every hart reads it before the move, after the move, and after the fence.
static void move(const char *name, word function, word start, word bytes, word asid)
{
    map(page, pages[0], V | R | A);
    call(RFENCE, 1, 0, ALL_HARTS, 0, 0);
    all_do(look);
    word before = others_saw(10);
    map(page, pages[1], V | R | A);
    all_do(look);
    word stale = others_saw(10);
    check("a fence", error_of(RFENCE, function, others(), 0, start, bytes, asid), SBI_SUCCESS);
    all_do(look);
    check("they saw the page", before, harts - 1);
    check("where it had been, too", stale, harts - 1);
    check(name, others_saw(11), harts - 1);
}

// Every hart fences on all harts at once, and serves the others' fences meanwhile.
static void storm(word hart)
{
    for (word round = 0; round < 8; round++) {
        if (call(RFENCE, round % 3, 0, ALL_HARTS, WINDOW + 4096 * hart, 4096, 0).error) add(&seen[hart], 1);
        call(IPI, 0, 1, (hart + round) % harts);
    }
}

static word (*volatile code)(void);

static void execute(word hart) { seen[hart] = code(); }

void test_fences(void)
{
    pages[0][0] = 10;
    pages[1][0] = 11;
    move("all of it fenced", 1, 0, 0, 0);
    page++;
    move("all of it, said otherwise", 1, 0, -1, 0);
    page++;
    move("the page fenced", 1, WINDOW + 4096 * page, 4096, 0);
    page++;
    move("a range of pages fenced", 1, WINDOW + 4096 * (page - 3), 8 * 4096, 0);
    page++;
    move("a range of bytes that touches it", 1, WINDOW + 4096 * page + 4095, 1, 0);
    page++;
    move("the address space fenced", 2, 0, -1, 0);
    page++;
    move("a page of the address space", 2, WINDOW + 4096 * page, 4096, 0);

    static word routine[] = {0x00a00513, 0x00008067};  // li a0, 10; ret
    code = (word (*)(void))(word)routine;
    __asm__ volatile("fence.i" ::: "memory");
    call(RFENCE, 0, 0, ALL_HARTS);
    all_do(execute);
    word before = others_saw(10);
    *(volatile word *)routine = 0x00b00513;            // li a0, 11
    check("a fence for code", error_of(RFENCE, 0, 0, ALL_HARTS), SBI_SUCCESS);
    all_do(execute);
    check("they ran it", before, harts - 1);
    check("and what it became", others_saw(11), harts - 1);

    for (word hart = 0; hart < harts; hart++) seen[hart] = 0;
    all_do(storm);
    word failed = 0;
    for (word hart = 0; hart < harts; hart++) failed += seen[hart];
    check("fences from all for all", failed, 0);
}
