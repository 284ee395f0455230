package ferrite.scenarios.qemu;

import ferrite.hardware.hart.Csrs;
import java.util.ArrayList;
import java.util.List;

/** The CSRs that a program begins with, and the CSRs that are compared at its end. */
final class ComparedCsrs {

    private static final int PMP_ENTRIES = 16;

    /** In the order of writing: addresses before the CSRs that use them, enables last. */
    static final List<Integer> INITIAL = initial();
    /** In the order of reading: CSRs that a trap changes come first. */
    static final List<Integer> FINAL = compared();

    private ComparedCsrs() { }

    private static List<Integer> initial() {
        List<Integer> csrs = new ArrayList<>(consecutive(Csrs.PMPADDR0, PMP_ENTRIES));
        csrs.addAll(consecutive(Csrs.PMPCFG0, PMP_ENTRIES / 4));
        csrs.addAll(List.of(Csrs.MENVCFG, Csrs.MENVCFGH, Csrs.SENVCFG, Csrs.MCOUNTEREN, Csrs.SCOUNTEREN, Csrs.STIMECMPH,
                Csrs.STIMECMP, Csrs.SEPC, Csrs.SCAUSE, Csrs.STVAL, Csrs.MCAUSE, Csrs.MTVAL, Csrs.MEDELEG, Csrs.MIDELEG,
                Csrs.MIP, Csrs.SATP, Csrs.STVEC, Csrs.MIE, Csrs.MEPC, Csrs.MTVEC));
        return List.copyOf(csrs);
    }

    private static List<Integer> compared() {
        List<Integer> csrs = new ArrayList<>(List.of(Csrs.MSTATUS, Csrs.MEPC, Csrs.MCAUSE, Csrs.MTVAL,
                Csrs.MIP, Csrs.MIE, Csrs.MTVEC, Csrs.MSTATUSH,
                Csrs.MISA, Csrs.MEDELEG, Csrs.MIDELEG, Csrs.MCOUNTEREN, Csrs.MENVCFG, Csrs.MENVCFGH, Csrs.SSTATUS,
                Csrs.SIE, Csrs.SIP, Csrs.STVEC, Csrs.SCOUNTEREN, Csrs.SENVCFG, Csrs.SSCRATCH, Csrs.SEPC, Csrs.SCAUSE,
                Csrs.STVAL, Csrs.SATP, Csrs.STIMECMP, Csrs.STIMECMPH,
                Csrs.MHARTID, Csrs.MVENDORID, Csrs.MARCHID, Csrs.MIMPID, Csrs.MCONFIGPTR, Csrs.MCOUNTINHIBIT));
        csrs.addAll(consecutive(Csrs.PMPADDR0, PMP_ENTRIES));
        csrs.addAll(consecutive(Csrs.PMPCFG0, PMP_ENTRIES / 4));
        return List.copyOf(csrs);
    }

    private static List<Integer> consecutive(int first, int count) {
        List<Integer> numbers = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            numbers.add(first + n);
        }
        return numbers;
    }
}
