package ferrite.hardware.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.Pte;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Report;
import java.util.ArrayList;
import java.util.List;

/**
 * The monitor's {@code info mem}: the mapped ranges of a hart's page tables, in the columns of QEMU's command of that
 * name. Neighbours with the same permissions are one range, if their frames are neighbours too.
 */
final class MappingsCommand implements MonitorCommand {

    private static final int ENTRIES = 1024;
    private static final int ATTRIBUTES = Pte.R | Pte.W | Pte.X | Pte.U | Pte.G | Pte.A | Pte.D;
    private static final String HEADER = "vaddr    paddr            size     attr\n"
            + "-------- ---------------- -------- -------\n";

    /** A mapped range. */
    private record Range(long va, long pa, long bytes, int attributes) {

        boolean isFollowedBy(Range next) {
            return va + bytes == next.va && pa + bytes == next.pa && attributes == next.attributes;
        }

        String letters() {
            StringBuilder letters = new StringBuilder();
            for (int bit = 1; bit < 8; bit++) {
                letters.append((attributes >> bit & 1) != 0 ? "vrwxugad".charAt(bit) : '-');
            }
            return letters.toString();
        }
    }

    private final Machine machine;

    MappingsCommand(Machine machine) {
        this.machine = machine;
    }

    @Override
    public String name() {
        return "info mem";
    }

    @Override
    public String usage() {
        return "info mem [HART]";
    }

    @Override
    public String summary() {
        return "mapped virtual ranges of a hart, with their permissions";
    }

    @Override
    public List<String> examples() {
        return List.of("info mem", "info mem 1");
    }

    @Override
    public Report run(String arguments) throws MonitorException {
        Hart hart = HartArgument.one(machine, arguments);
        int satp = hart.csrs().satp();
        if (satp >= 0) {
            return Report.ofText("mem", "No translation or protection\n").number("hart", hart.id())
                    .text("mode", "Bare");
        }
        List<Range> ranges = ranges((satp & 0x3f_ffffL) << 12);
        StringBuilder text = new StringBuilder(HEADER);
        for (Range range : ranges) {
            text.append(Hex.digits(range.va, 8)).append(' ').append(Hex.digits(range.pa, 16)).append(' ')
                    .append(Hex.digits(range.bytes, 8)).append(' ').append(range.letters()).append('\n');
        }
        Report report = Report.ofText("mem", text.toString()).number("hart", hart.id()).text("mode", "Sv32");
        for (Range range : ranges) {
            report.child(Report.of(Hex.address(range.va)).address("pa", range.pa).number("bytes", range.bytes)
                    .text("attributes", range.letters()));
        }
        return report;
    }

    private List<Range> ranges(long root) {
        List<Range> ranges = new ArrayList<>();
        for (int i = 0; i < ENTRIES; i++) {
            int pte = pte(root + 4L * i);
            if (Pte.isLeaf(pte)) {
                add(ranges, (long) i << 22, pte, 1 << 22);
                continue;
            }
            for (int j = 0; (pte & Pte.V) != 0 && j < ENTRIES; j++) {
                int leaf = pte(Pte.pa(pte) + 4L * j);
                if (Pte.isLeaf(leaf)) {
                    add(ranges, (long) i << 22 | (long) j << 12, leaf, 1 << 12);
                }
            }
        }
        return ranges;
    }

    private static void add(List<Range> ranges, long va, int pte, long bytes) {
        if ((pte & Pte.V) == 0) {
            return;
        }
        Range next = new Range(va, Pte.pa(pte), bytes, pte & ATTRIBUTES);
        Range last = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
        if (last != null && last.isFollowedBy(next)) {
            ranges.set(ranges.size() - 1, new Range(last.va, last.pa, last.bytes + bytes, last.attributes));
        } else {
            ranges.add(next);
        }
    }

    /** Reads an entry. A table outside memory maps nothing. */
    private int pte(long pa) {
        try {
            return machine.bus().peek(pa, 4);
        } catch (BusFault nothing) {
            return 0;
        }
    }
}
