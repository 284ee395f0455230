package ferrite.scenarios.qemu;

import ferrite.hardware.hart.Csrs;
import ferrite.hardware.instruction.CsrNames;
import ferrite.hardware.instruction.Registers;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The values that differ after two runs of one program, by name. */
final class Difference {

    private static final String[] LOG_FIELDS = {"epc", "cause", "tval", "ip", "status", "step", "tp", "mode"};

    private static final int CAUSE = 1;
    private static final int TVAL = 2;

    private final Ended qemu;
    private final Ended ours;
    private final int slot;
    /**
     * Causes and values that known departures explain, as pairs of QEMU's and Ferrite's. The CSRs may hold them at the
     * end.
     */
    private final Set<List<Integer>> explainedInTraps = new HashSet<>();
    private final List<String> lines = new ArrayList<>();

    private Difference(Ended qemu, Ended ours, int slot) {
        this.qemu = qemu;
        this.ours = ours;
        this.slot = slot;
    }

    /** Returns a sentence for each different value that no known departure explains. */
    static List<String> between(Ended qemu, Ended ours, int slot) {
        Difference difference = new Difference(qemu, ours, SlotLayout.slot(slot));
        difference.log();
        difference.registers();
        difference.memory();
        return difference.lines;
    }

    private void log() {
        int entries = Math.min(qemu.word(slot + SlotLayout.LOG_COUNT), ours.word(slot + SlotLayout.LOG_COUNT));
        for (int entry = 0; entry < entries; entry++) {
            for (int field = 0; field < LOG_FIELDS.length; field++) {
                int offset = SlotLayout.LOG + entry * SlotLayout.LOG_ENTRY;
                if (!explainsTrap(offset, field)) {
                    compare("trap " + entry + " " + LOG_FIELDS[field], offset + 4 * field);
                }
            }
        }
        compare("number of traps", SlotLayout.LOG_COUNT);
    }

    private boolean explainsTrap(int entry, int field) {
        int theirs = qemu.word(slot + entry + 4 * field);
        int mine = ours.word(slot + entry + 4 * field);
        boolean explained = theirs != mine && switch (field) {
            case CAUSE -> KnownDeparture.explainsCause(instructionAt(qemu.word(slot + entry)), theirs, mine);
            case TVAL -> KnownDeparture.explainsTval(qemu.word(slot + entry + 4 * CAUSE), theirs, mine);
            default -> false;
        };
        if (explained) {
            explainedInTraps.add(List.of(theirs, mine));
        }
        return explained;
    }

    /** Returns the word at a trap's epc, if it is in the program's code. */
    private int instructionAt(int epc) {
        int offset = (epc & 0x0fff_ffff) - (slot & 0x0fff_ffff);
        return offset >= SlotLayout.CODE && offset < SlotLayout.DATA - 2 ? qemu.word(slot + offset) : 0;
    }

    private void registers() {
        for (int x = 1; x < 32; x++) {
            compare(Registers.name(x), SlotLayout.FINAL_X + 4 * x);
        }
        for (int n = 0; n < ComparedCsrs.FINAL.size(); n++) {
            int csr = ComparedCsrs.FINAL.get(n);
            int offset = SlotLayout.FINAL_CSRS + 4 * n;
            if (!explained(csr, qemu.word(slot + offset), ours.word(slot + offset))) {
                compare(CsrNames.name(csr), offset);
            }
        }
    }

    private boolean explained(int csr, int theirs, int mine) {
        return switch (csr) {
            case Csrs.MCAUSE, Csrs.SCAUSE, Csrs.MTVAL, Csrs.STVAL -> explainedInTraps.contains(List.of(theirs, mine));
            default -> KnownDeparture.explainsCsr(csr, theirs, mine);
        };
    }

    private void memory() {
        for (int offset = SlotLayout.CODE; offset < SlotLayout.SLOT_BYTES; offset += 4) {
            compare(nameOf(offset), offset);
        }
    }

    static String nameOf(int offset) {
        String page = switch (offset / SlotLayout.PAGE) {
            case 1 -> "code";
            case 2, 3 -> "data page " + (offset / SlotLayout.PAGE - 2);
            case 4 -> "routines";
            case 5 -> "root table";
            case 6 -> "leaf table";
            default -> "other root table";
        };
        return String.format(Locale.ROOT, "%s + 0x%03x", page, offset % SlotLayout.PAGE);
    }

    private void compare(String name, int offset) {
        int theirs = qemu.word(slot + offset);
        int mine = ours.word(slot + offset);
        if (theirs != mine) {
            lines.add(String.format(Locale.ROOT, "%-28s QEMU 0x%08x, Ferrite 0x%08x", name, theirs, mine));
        }
    }
}
