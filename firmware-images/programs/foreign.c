// What programs of others need of a hart: triggers (Sdtrig) and performance counters (Zihpm).
#include "program.h"

#define tselect 0x7a0
#define tdata1 0x7a1
#define tdata2 0x7a2
#define tcontrol 0x7a5
#define read_number(number) read_csr_(number)
#define read_csr_(number) read_csr(number)
#define write_number(number, value) write_csr_(number, value)
#define write_csr_(number, value) write_csr(number, value)

#define MCONTROL6 (6u << 28)
#define NAPOT (1 << 7)
#define IN_M (1 << 6)
#define IN_S (1 << 4)
#define IN_U (1 << 3)
#define EXECUTE 4
#define STORE 2
#define LOAD 1
#define BREAKPOINT 3

static volatile word range[8] __attribute__((aligned(32)));

// Returns its argument. A trap skips the first instruction.
word marked(word argument);
__asm__("    .text\n    .balign 4\n    .option push\n    .option norvc\n"
        "marked:\n    nop\n    ret\n    .option pop\n");

static word store_at(word index)
{
    return cause_of(range[index] = 1);
}

static word load_at(word index)
{
    return cause_of((void)range[index]);
}

static word run_marked(word unused)
{
    (void)unused;
    return cause_of(marked(0));
}

static void set(word trigger, word control, word address)
{
    write_number(tselect, trigger);
    write_number(tdata1, 0);
    write_number(tdata2, address);
    write_number(tdata1, control);
}

static void triggers(void)
{
    word count = 0;
    for (;; count++) {
        write_number(tselect, count);
        if (read_number(tselect) != count) break;
    }
    check("at least four triggers", count >= 4, 1);

    set(0, MCONTROL6 | EXECUTE | IN_S | IN_U, (word)marked);
    check("code in U", in_mode(U, run_marked, 0), BREAKPOINT);
    check("its address", last[0].epc, (word)marked);
    check("its value", last[0].tval, (word)marked);
    check("code in S", in_mode(S, run_marked, 0), BREAKPOINT);
    check("code in M, which is not asked for", run_marked(0), NONE);
    set(0, 0, 0);
    check("code without a trigger", in_mode(U, run_marked, 0), NONE);

    set(1, MCONTROL6 | NAPOT | STORE | IN_U, (word)&range[4] | 3);       // two words
    check("a store before the range", in_mode(U, store_at, 3), NONE);
    check("a store to its start", in_mode(U, store_at, 4), BREAKPOINT);
    check("a store to its end", in_mode(U, store_at, 5), BREAKPOINT);
    check("nothing is stored", range[4] + range[5], 0);
    check("a store after it", in_mode(U, store_at, 6), NONE);
    check("a load from it", in_mode(U, load_at, 4), NONE);
    check("a store of S", in_mode(S, store_at, 4), NONE);
    set(1, 0, 0);

    set(2, MCONTROL6 | LOAD | IN_M, (word)&range[7]);
    clear_csr(mstatus, 8);
    write_number(tcontrol, 0);
    check("M without interrupts", load_at(7), NONE);
    write_number(tcontrol, 8);
    check("M with tcontrol.mte", load_at(7), BREAKPOINT);
    check("mte after the handler", read_number(tcontrol), 0x88);
    write_number(tcontrol, 0);
    set_csr(mstatus, 8);
    check("M with interrupts", load_at(7), BREAKPOINT);
    clear_csr(mstatus, 8);
    set(2, 0, 0);
}

static word read_counter(word unused)
{
    (void)unused;
    return cause_of((void)read_csr(hpmcounter4));
}

static void counters(void)
{
    write_csr(mhpmevent3, 1);
    write_csr(mhpmevent4, 2);
    write_csr(mhpmevent5, 3);
    write_csr(mhpmevent6, 0x7fff);
    check("an event that does not exist", read_csr(mhpmevent6), 0);
    write_csr(mhpmcounter3, 0);
    write_csr(mhpmcounter4, 0);
    write_csr(mhpmcounter5, 0);
    word cycle = read_csr(mcycle), instret = read_csr(minstret);
    cause_of(__asm__ volatile("ecall"));
    cause_of(__asm__ volatile("ecall"));
    word spent = read_csr(mcycle) - cycle, retired = read_csr(minstret) - instret;
    word counted_cycles = read_csr(mhpmcounter3), counted = read_csr(mhpmcounter4);
    check("cycles", counted_cycles - spent < 16, 1);
    check("instructions", counted - retired < 16, 1);
    check("instructions that trapped", read_csr(mhpmcounter5), 2);
    write_csr(mcountinhibit, 1 << 4);
    counted = read_csr(mhpmcounter4);
    check("a counter that is inhibited", read_csr(mhpmcounter4), counted);
    write_csr(mcountinhibit, 0);
    write_csr(mcounteren, 1 << 4);
    write_csr(scounteren, 0);
    check("a counter in S", in_mode(S, read_counter, 0), NONE);
    check("a counter in U", in_mode(U, read_counter, 0), 2);
    write_csr(scounteren, 1 << 4);
    check("an enabled counter in U", in_mode(U, read_counter, 0), NONE);
}

int main(word hart)
{
    if (hart) return 0;
    triggers();
    counters();
    return failures;
}
