package ferrite.scenarios.qemu;

import ferrite.hardware.hart.Csrs;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.instruction.Decoder;
import ferrite.hardware.instruction.Instruction;
import ferrite.hardware.instruction.Operands;

/**
 * QEMU 7.2's departures from the specification, and its choices where the specification leaves one and Ferrite chooses
 * otherwise. Each has a consequence for the programs, so that none of them meets it. Sections are those of the
 * privileged specification (version 1.12) unless another is named. tests/scenarios/README.md has the same table.
 */
enum KnownDeparture {

    AMO_FAULT("3.1.15, table 3.6",
            "An AMO outside memory has the cause of a load access fault, not of a store access fault.",
            "The cause of an AMO may differ in this way; programs delegate both causes or neither."),
    AMO_IN_TWO("3.1.15, table 3.6",
            "On a machine with one hart an AMO is a load and then a store, and may have the fault of a load.",
            "QEMU gets two harts; the second one sleeps."),
    MISALIGNED_LOAD_TVAL("3.1.16", "A misaligned load outside memory leaves the address aligned down in mtval.",
            "mtval of a load access fault may differ in this way."),
    EBREAK_TVAL("3.1.16", "EBREAK leaves zero in mtval; Ferrite leaves the pc. Both are allowed.",
            "mtval of a breakpoint may be zero."),
    GUEST_BITS("3.1.6", "A trap may set mstatush.GVA, although there is no hypervisor extension.",
            "mstatush.GVA and MPV are not compared; programs do not copy mstatush, "
                    + "nor the CSRs that hold causes and values."),
    MPP_RESERVED("3.1.6.1", "mstatus.MPP keeps the reserved value 2.", "Programs never write it."),
    MPRV_BELOW_M("3.1.6.3",
            "MRET and SRET to a mode below M leave MPRV as it is.", "MPRV is off when programs leave M-mode."),
    VECTOR_STATUS("3.1.6.6", "mstatus.VS and sstatus.VS can be written without the vector extension.",
            "Programs do not write them."), TVEC_MODE("3.1.7",
            "A reserved mode in mtvec or stvec makes the whole write void; Ferrite clears it. Both are allowed.",
            "Programs do not write a reserved mode."), DELEGABLE("3.1.8, 3.1.9", "medeleg holds bits 10, 11 and 20-23; "
                    + "mideleg, mie and mip bits 2, 6, 10, 12 and 13: causes that do not exist, or cannot "
                    + "be delegated.", "Programs do not write them."),
    INTERRUPT_PRIORITY("3.1.9", "Of several interrupts to M-mode or to S-mode the one with the lowest number is taken.",
            "A program enables one interrupt only; Ferrite's own tests cover the priorities."),
    TRIGGERS("2.2", "The registers of triggers (0x7a0 to 0x7af) do not exist; Ferrite has Sdtrig.",
            "Programs do not access them."),
    EPC_BIT_0("3.1.14, 4.1.7", "Bit 0 of sepc and mepc can be written.", "Programs do not set it."),
    ENVCFG("3.1.18", "menvcfgh.PBMTE can be written without Svpbmt.", "Programs do not write it."),
    STIMECMP_OFF("Sstc, chapter 2", "stimecmp drives STIP although menvcfg.STCE is clear.",
            "Programs write stimecmp only if STCE is set."),
    VSTIMECMP("2.2", "vstimecmp exists without the hypervisor extension.", "Programs do not read it."),
    COUNTERS("3.1.10", "mhpmevents keep every written value; Ferrite's only the events that it has. "
            + "Both are allowed. Time passes differently.",
            "Programs do not write them; the right to read a counter is compared, and its value is not."),
    CSR_WRITE_OF_ZERO("unprivileged, 9.1",
            "CSRRS and CSRRC write nothing if the register holds zero, so that a read-only CSR does not trap.",
            "The register of such an instruction never holds zero."), SC_ADDRESS("unprivileged, 8.2",
            "An SC without a reservation does not look at its address, and does not trap if the address is misaligned.",
            "Such an SC has an aligned address."), RESERVATIONS("unprivileged, 8.2",
            "A trap, and a return from one, end a reservation; in Ferrite they keep it. Both are allowed.",
            "The harness ends the reservation with an SC."),
    SUM_AND_FETCH("4.1.1.2", "After a load from a user page with SUM set, S-mode may fetch from that page too.",
            "Programs load from and fetch from different pages."),
    WALK_WITHOUT_MEMORY("4.3.2, step 2", "A page table outside memory causes a page fault, not an access fault.",
            "Page tables are in memory."), PHYSICAL_BITS("4.3.1", "The 34 bits of a physical address are cut to 32.",
            "Pages beyond 32 bits are chosen so that the cut address is outside memory too."),
    PMP_AND_A_D("4.3.2, step 7; 3.7", "A and D are written to a page table that PMP protects from writing.",
            "PMP allows reading and writing of page tables, or neither."),
    PMP_EMPTY("3.7.1", "A TOR entry whose pmpaddr is zero matches every address.", "Programs have no such entry."),
    PMP_NEXT_TOR("3.7.1", "A new pmpaddr does not move the bottom of the TOR entry above.",
            "Programs write pmpcfg again afterwards, which moves it."),
    PMP_FETCH("3.7.1", "Only the first instruction of a translated block is checked.",
            "Entries that cover code are whole pages."), PMP_ACROSS_PAGES("3.7.1",
            "An access across two pages is checked as if the second page were physically next to the first.",
            "Programs with PMP make no such access."),
    PMP_RESERVED("3.7.1", "pmpcfg keeps W without R, which is reserved; Ferrite's does not. Both are allowed.",
            "Programs do not write it."), ORDER_ACROSS_PAGES("3.6, 3.7", "If the parts of an access across two pages "
                    + "fault differently, the page fault comes first; in Ferrite the first part's fault. "
                    + "Both are allowed.", "Programs with pages outside memory make no such access."),
    FETCH_ACROSS_PAGES("unprivileged, 1.5",
            "The fetch of an instruction with its second half outside memory ends QEMU by a failed assertion.",
            "Pages with code are in memory, or are not mapped."), CODE_UNDER_A_TABLE("unprivileged, chapter 5",
            "A and D bits written into code reach instruction fetches only much later. Before FENCE.I that is allowed.",
            "Page tables do not overlap code.");

    /** The access faults of loads and stores ({@link #AMO_FAULT}). */
    static final int ACCESS_FAULTS = 1 << Trap.LOAD_ACCESS_FAULT | 1 << Trap.STORE_ACCESS_FAULT;
    /** Bits of medeleg ({@link #DELEGABLE}). */
    static final int NEVER_DELEGABLE = 0x00f0_0c00;
    /** The field mstatus.VS ({@link #VECTOR_STATUS}). */
    static final int VS = 3 << 9;

    private static final int FIRST_OF_TRIGGERS = 0x7a0;
    private static final int LAST_OF_TRIGGERS = 0x7af;
    private static final int CSR_VSTIMECMP = 0x24d;
    private static final int CSR_VSTIMECMPH = 0x25d;
    private static final int GVA = 1 << 6;
    private static final int MPV = 1 << 7;

    private final String section;
    private final String qemu;
    private final String consequence;

    KnownDeparture(String section, String qemu, String consequence) {
        this.section = section;
        this.qemu = qemu;
        this.consequence = consequence;
    }

    /** Returns the row of the README's table. */
    String row() {
        return "| " + section + " | " + qemu + " | " + consequence + " |";
    }

    /**
     * Returns true if two values of mtval or stval may differ for a cause ({@link #EBREAK_TVAL}, {@link
     * #MISALIGNED_LOAD_TVAL}).
     */
    static boolean explainsTval(int cause, int qemu, int ours) {
        return switch (cause) {
            case Trap.BREAKPOINT -> qemu == 0;
            case Trap.LOAD_ACCESS_FAULT -> qemu == (ours & ~3) || qemu == (ours & ~1);
            default -> false;
        };
    }

    /** Returns true if the causes of an instruction's trap may differ ({@link #AMO_FAULT}). */
    static boolean explainsCause(int instruction, int qemu, int ours) {
        Instruction row = Decoder.decode(instruction);
        return row != null && row.operands() == Operands.AMO && qemu == Trap.LOAD_ACCESS_FAULT
                && ours == Trap.STORE_ACCESS_FAULT;
    }

    /** Returns true if the final values of a CSR may differ ({@link #GUEST_BITS}). */
    static boolean explainsCsr(int csr, int qemu, int ours) {
        return csr == Csrs.MSTATUSH && (qemu & ~(GVA | MPV)) == ours;
    }

    /** Returns true for a CSR that programs must not copy: its value may differ, or QEMU should not have it. */
    static boolean mayBeIn(int csr) {
        return csr >= FIRST_OF_TRIGGERS && csr <= LAST_OF_TRIGGERS || switch (csr) {
            case Csrs.MCAUSE, Csrs.MTVAL, Csrs.SCAUSE, Csrs.STVAL, Csrs.MSTATUSH, CSR_VSTIMECMP, CSR_VSTIMECMPH -> true;
            default -> false;
        };
    }
}
