// Modes, delegation, vectored interrupts, WFI and counters, with the bits of mstatus, mcounteren and mtvec that control
// them.
#include "program.h"

static volatile word seen;

#define TIMER_AT(ticks) do { mtimecmp[1] = 0xffffffff; mtimecmp[0] = (ticks); mtimecmp[1] = 0; } while (0)
#define TIMER_OFF() do { mtimecmp[1] = 0xffffffff; mtimecmp[0] = 0xffffffff; } while (0)

static int note_interrupt(word cause)
{
    seen = cause;
    if (cause == 0x80000007) TIMER_OFF();
    else if (cause == 0x80000003) msip[0] = 0;
    else clear_csr(mip, 1 << (cause & 31));
    return 1;
}

// ---- an S-mode trap handler, direct or through a vector table ----

static volatile word s_cause, s_epc, s_tval, s_status, s_slot;

void s_trap(void)
{
    s_cause = read_csr(scause);
    s_epc = read_csr(sepc);
    s_tval = read_csr(stval);
    s_status = read_csr(sstatus);
    if (s_cause >> 31) clear_csr(sip, 2);
    else write_csr(sepc, s_epc + ((*(volatile uint16_t *)s_epc & 3) == 3 ? 4 : 2));
}

__asm__(
    "    .macro enter slot\n    csrw sscratch, t0\n    li t0, \\slot\n    j s_common\n    .endm\n"
    "    .balign 256\n    .option push\n    .option norvc\n"
    "s_vector:\n    j s_slot0\n    j s_slot1\n    .rept 10\n    j s_slot0\n    .endr\n    .option pop\n"
    "s_slot0: enter 0\n"
    "s_slot1: enter 1\n"
    "s_common:\n    addi sp, sp, -80\n    sw ra, 0(sp)\n    sw a0, 4(sp)\n    sw a1, 8(sp)\n    sw a2, 12(sp)\n    sw a3, 16(sp)\n    sw a4, 20(sp)\n    sw a5, 24(sp)\n"
    "    sw a6, 28(sp)\n    sw a7, 32(sp)\n    sw t1, 36(sp)\n    sw t2, 40(sp)\n    sw t3, 44(sp)\n    sw t4, 48(sp)\n    sw t5, 52(sp)\n    sw t6, 56(sp)\n"
    "    la t1, s_slot\n    sw t0, 0(t1)\n    call s_trap\n"
    "    lw ra, 0(sp)\n    lw a0, 4(sp)\n    lw a1, 8(sp)\n    lw a2, 12(sp)\n    lw a3, 16(sp)\n    lw a4, 20(sp)\n    lw a5, 24(sp)\n"
    "    lw a6, 28(sp)\n    lw a7, 32(sp)\n    lw t1, 36(sp)\n    lw t2, 40(sp)\n    lw t3, 44(sp)\n    lw t4, 48(sp)\n    lw t5, 52(sp)\n    lw t6, 56(sp)\n"
    "    addi sp, sp, 80\n    csrr t0, sscratch\n    sret\n");
extern char s_vector[];

static word illegal(word unused)
{
    (void)unused;
    __asm__ volatile(".word 0xffffffff");
    return 0x60d;
}

static word do_wfi(word unused)
{
    (void)unused;
    __asm__ volatile("wfi");
    return 1;
}

static word read_cycle(word unused) { (void)unused; return cause_of((void)read_csr(cycle)); }
static word read_time(word unused) { (void)unused; return cause_of((void)read_csr(time)); }
static word read_instret(word unused) { (void)unused; return cause_of((void)read_csr(instret)); }
static word read_satp(word unused) { (void)unused; return cause_of((void)read_csr(satp)); }
static word fence_all(word unused) { (void)unused; return cause_of(__asm__ volatile("sfence.vma")); }
static word read_mstatus(word unused) { (void)unused; return cause_of((void)read_csr(mstatus)); }
static word read_sstatus(word unused) { (void)unused; return cause_of((void)read_csr(sstatus)); }
static word do_mret(word unused) { (void)unused; return cause_of(__asm__ volatile("mret")); }
static word do_sret(word unused) { (void)unused; return cause_of(__asm__ volatile("sret")); }
static word do_ecall(word unused) { (void)unused; return cause_of(__asm__ volatile("li a7, 0\n ecall" ::: "a7")); }
static word do_ebreak(word unused) { (void)unused; return cause_of(__asm__ volatile("ebreak")); }

static word enable_and_wait(word unused)
{
    (void)unused;
    set_csr(sie, 2);
    set_csr(sip, 2);
    s_cause = NONE;
    set_csr(sstatus, 2);                               // SIE: the interrupt is taken now
    clear_csr(sstatus, 2);
    return s_cause;
}

static void modes(void)
{
    check("an ecall from M", cause_of(__asm__ volatile("ecall")), 11);
    check("an ecall from S", in_mode(S, do_ecall, 0), 9);
    check("an ecall from U", in_mode(U, do_ecall, 0), 8);
    check("an ebreak from U", in_mode(U, do_ebreak, 0), 3);
    check("mstatus is not S-mode's", in_mode(S, read_mstatus, 0), 2);
    check("sstatus is S-mode's", in_mode(S, read_sstatus, 0), NONE);
    check("sstatus is not U-mode's", in_mode(U, read_sstatus, 0), 2);
    check("mret from S", in_mode(S, do_mret, 0), 2);
    check("sret from U", in_mode(U, do_sret, 0), 2);
    check("an unknown CSR", cause_of(__asm__ volatile("csrr zero, 0x5c0")), 2);
    check("a read-only CSR that is written", cause_of(__asm__ volatile("csrw 0xf14, zero")), 2);
    check("a read-only CSR of which nothing is set", cause_of(__asm__ volatile("csrrs zero, 0xf14, zero")), NONE);
    in_mode(U, illegal, 0);
    check("MPP after a trap from U", last[0].status >> 11 & 3, U);
    check("mtval of an illegal instruction", last[0].tval, 0xffffffff);
    in_mode(S, illegal, 0);
    check("MPP after a trap from S", last[0].status >> 11 & 3, S);
}

static void traps_of_mstatus(void)
{
    set_csr(mstatus, 1 << 20);
    check("TVM: satp", in_mode(S, read_satp, 0), 2);
    check("TVM: sfence.vma", in_mode(S, fence_all, 0), 2);
    clear_csr(mstatus, 1 << 20);
    check("satp without TVM", in_mode(S, read_satp, 0), NONE);
    check("sfence.vma without TVM", in_mode(S, fence_all, 0), NONE);
    check("sfence.vma from U", in_mode(U, fence_all, 0), 2);
    set_csr(mstatus, 1 << 22);
    check("TSR: sret", in_mode(S, do_sret, 0), 2);
    clear_csr(mstatus, 1 << 22);
    set_csr(mstatus, 1 << 21);
    last[0].cause = NONE;
    in_mode(S, do_wfi, 0);
    check("TW: wfi", last[0].cause, 2);
    clear_csr(mstatus, 1 << 21);
}

static void counters(void)
{
    write_csr(mcounteren, 0);
    write_csr(scounteren, 7);
    check("cycle is not S-mode's", in_mode(S, read_cycle, 0), 2);
    check("time is not S-mode's", in_mode(S, read_time, 0), 2);
    check("instret is not S-mode's", in_mode(S, read_instret, 0), 2);
    write_csr(mcounteren, 7);
    check("cycle is", in_mode(S, read_cycle, 0), NONE);
    check("time is", in_mode(S, read_time, 0), NONE);
    check("instret is", in_mode(S, read_instret, 0), NONE);
    write_csr(scounteren, 5);
    check("cycle is U-mode's", in_mode(U, read_cycle, 0), NONE);
    check("time is not U-mode's", in_mode(U, read_time, 0), 2);
    check("instret is U-mode's", in_mode(U, read_instret, 0), NONE);
    word before = read_csr(minstret), after;
    after = read_csr(minstret);
    check("minstret counts up", after - before > 0 && after - before < 1000000, 1);
    before = read_csr(time);
    while (read_csr(time) == before) { }
    check("time goes on", read_csr(time) != before, 1);
    check("hpmcounter3 reads zero", read_csr(mhpmcounter3), 0);
}

static void delegation(void)
{
    write_csr(stvec, (word)s_vector);
    write_csr(medeleg, 1 << 2);
    s_cause = NONE;
    check("a delegated trap comes back", in_mode(U, illegal, 0), 0x60d);
    check("scause", s_cause, 2);
    check("stval", s_tval, 0xffffffff);
    check("SPP after a trap from U", s_status >> 8 & 1, 0);
    check("an ecall is not delegated", in_mode(U, do_ecall, 0), 8);
    in_mode(S, illegal, 0);
    check("SPP after a trap from S", s_status >> 8 & 1, 1);
    s_cause = NONE;
    check("a trap of M stays in M", cause_of(__asm__ volatile(".word 0xffffffff")), 2);
    check("S saw nothing of it", s_cause, NONE);
    write_csr(medeleg, 0);

    write_csr(mideleg, 2);
    check("a delegated software interrupt", in_mode(S, enable_and_wait, 0), 0x80000001);
    check("through the base", s_slot, 0);
    write_csr(stvec, (word)s_vector | 1);
    check("vectored", in_mode(S, enable_and_wait, 0), 0x80000001);
    check("through its slot", s_slot, 1);
    write_csr(medeleg, 1 << 2);
    in_mode(S, illegal, 0);
    check("an exception goes to the base", s_slot, 0);
    write_csr(medeleg, 0);
    write_csr(mideleg, 0);
    write_csr(stvec, 0);
}

static void interrupts(void)
{
    on_interrupt = note_interrupt;
    clear_csr(mstatus, 8);
    msip[0] = 1;
    while (!(read_csr(mip) & 8)) { }
    write_csr(mie, 8);
    seen = 0;
    __asm__ volatile("wfi");
    check("wfi ends though interrupts are off", seen, 0);
    set_csr(mstatus, 8);
    check("a software interrupt", seen, 0x80000003);
    clear_csr(mstatus, 8);
    word before = mtime[0];
    TIMER_AT(before + 2000);
    write_csr(mie, 0x80);
    seen = 0;
    __asm__ volatile("wfi");
    check("wfi waits for the timer", mtime[0] - before >= 2000, 1);
    set_csr(mstatus, 8);
    check("a timer interrupt", seen, 0x80000007);
    clear_csr(mstatus, 8);
    msip[0] = 1;
    TIMER_AT(0);
    while ((read_csr(mip) & 0x88) != 0x88) { }
    write_csr(mie, 0x88);
    seen = 0;
    __asm__ volatile("csrs mstatus, 8\n csrc mstatus, 8");
    check("both have come", seen == 0x80000007 || seen == 0x80000003, 1);
    write_csr(mie, 0);
    msip[0] = 0;
    TIMER_OFF();
    // An interrupt for M-mode interrupts U- and S-mode, for either value of mstatus.MIE.
    msip[0] = 1;
    while (!(read_csr(mip) & 8)) { }
    write_csr(mie, 8);
    seen = 0;
    in_mode(U, do_ecall, 0);
    check("U is interrupted without MIE", seen, 0x80000003);
    write_csr(mie, 0);
    clear_csr(mstatus, 8);
}

int main(word hart)
{
    if (hart != 0) return 0;
    TIMER_OFF();
    modes();
    traps_of_mstatus();
    counters();
    delegation();
    interrupts();
    return failures;
}
