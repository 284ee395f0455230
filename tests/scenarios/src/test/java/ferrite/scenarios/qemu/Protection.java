package ferrite.scenarios.qemu;

import static ferrite.scenarios.qemu.Code.ZERO;

import ferrite.hardware.hart.Csrs;
import ferrite.hardware.instruction.Instruction;
import java.util.function.IntUnaryOperator;

/**
 * Physical memory protection (privileged specification, section 3.7) of parts of a program's data, its routines, and
 * its second-level page table. The last entry gives S- and U-mode access to all memory that no other entry matches.
 */
final class Protection {

    /** The number of entries that programs vary. */
    private static final int ENTRIES = 8;
    private static final int R = 1;
    private static final int W = 2;
    private static final int X = 4;
    private static final int TOR = 1 << 3;
    private static final int NA4 = 2 << 3;
    private static final int NAPOT = 3 << 3;
    private static final int LOCK = 0x80;
    private static final int EVERYTHING = NAPOT | R | W | X;

    private final Choice choice;

    Protection(Choice choice) {
        this.choice = choice;
    }

    void fill(Program program, boolean some) {
        put(program, 15, slot -> -1, EVERYTHING);
        if (!some) {
            return;
        }
        for (int entry = 0; entry < ENTRIES; entry++) {
            program.csrs.put(Csrs.PMPADDR0 + entry, address());
        }
        for (int group = 0; group < ENTRIES / 4; group++) {
            int configuration = configuration(group, program.locks);
            program.csrs.put(Csrs.PMPCFG0 + group, slot -> configuration);
        }
        if (choice.oneIn(4)) {
            hideLeaves(program);
        }
        if (choice.oneIn(2)) {
            protectRoutines(program);
        }
    }

    /**
     * Makes a value for pmpaddr, somewhere in the data for every address mode of its entry. As NAPOT it covers at most
     * a page.
     */
    private IntUnaryOperator address() {
        int within = choice.below(SlotLayout.DATA_PAGES) * SlotLayout.PAGE
                + choice.below(choice.oneIn(2) ? SlotLayout.PAGE - 4 : 64);
        int size = 8 << choice.below(10);
        boolean power = choice.oneIn(2);
        return slot -> {
            int at = slot + SlotLayout.DATA + within;
            return power ? napot(at & -size, size) : at >>> 2;
        };
    }

    private static int napot(int address, int bytes) {
        return address >>> 2 | (bytes >> 3) - 1;
    }

    /** Protects a few entries of the second-level table from all access ({@link KnownDeparture#PMP_AND_A_D}). */
    private void hideLeaves(Program program) {
        int first = 8 * choice.below(Places.LEAVES / 2);
        put(program, ENTRIES, slot -> slot + SlotLayout.LEAF_TABLE + first >>> 2, NAPOT);
    }

    /** Protects the whole page of routines ({@link KnownDeparture#PMP_FETCH}). */
    private void protectRoutines(Program program) {
        put(program, ENTRIES + 1, slot -> napot(slot + SlotLayout.ROUTINES, SlotLayout.PAGE),
                NAPOT | entry(false, program.locks));
    }

    private static void put(Program program, int entry, IntUnaryOperator address, int configuration) {
        program.csrs.put(Csrs.PMPADDR0 + entry, address);
        int group = Csrs.PMPCFG0 + entry / 4;
        IntUnaryOperator before = program.csrs.getOrDefault(group, slot -> 0);
        program.csrs.put(group, slot -> before.applyAsInt(slot) | configuration << 8 * (entry % 4));
    }

    private int configuration(int group, boolean lock) {
        int word = 0;
        for (int n = 0; n < 4; n++) {
            word |= entry(group == 0 && n == 0, lock) << 8 * n;
        }
        return word;
    }

    private int entry(boolean first, boolean lock) {
        int entry = choice.of(0, TOR, NA4, NAPOT) | choice.below(8);
        if ((entry & (R | W)) == W) {
            entry ^= W;                                          // KnownDeparture.PMP_RESERVED
        }
        if (first && (entry & NAPOT) == TOR) {
            entry = TOR | R | W | X;                             // from address 0 on, so it covers the harness too
        }
        return lock && choice.oneIn(3) ? entry | LOCK : entry;
    }

    /** Changes one address or four configurations in M-mode, and fences. */
    Step change() {
        int entry = choice.below(ENTRIES);
        int group = choice.below(ENTRIES / 4);
        IntUnaryOperator address = address();
        int configuration = configuration(group, false);
        int result = choice.register();
        if (choice.oneIn(2)) {
            return (code, slot) -> code.li(Code.T1, address.applyAsInt(slot))
                    .csr(Instruction.CSRRW, result, Csrs.PMPADDR0 + entry, Code.T1)
                    .csrr(Code.T1, Csrs.PMPCFG0).csrw(Csrs.PMPCFG0, Code.T1)  // KnownDeparture.PMP_NEXT_TOR
                    .csrr(Code.T1, Csrs.PMPCFG0 + 1).csrw(Csrs.PMPCFG0 + 1, Code.T1)
                    .plain(Instruction.SFENCE_VMA);
        }
        return (code, slot) -> code.li(Code.T1, configuration)
                .csr(Instruction.CSRRW, ZERO, Csrs.PMPCFG0 + group, Code.T1)
                .plain(Instruction.SFENCE_VMA);
    }
}
