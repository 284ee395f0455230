package ferrite.kernel.dma;

import static ferrite.kernel.dma.DmaDebugEntryLayout.CALL;
import static ferrite.kernel.dma.DmaDebugEntryLayout.CHECKED;
import static ferrite.kernel.dma.DmaDebugEntryLayout.DEV;
import static ferrite.kernel.dma.DmaDebugEntryLayout.DIRECTION;
import static ferrite.kernel.dma.DmaDebugEntryLayout.DMA;
import static ferrite.kernel.dma.DmaDebugEntryLayout.ENTRIES;
import static ferrite.kernel.dma.DmaDebugEntryLayout.LENGTH;
import static ferrite.kernel.dma.DmaDebugEntryLayout.PA;
import static ferrite.kernel.dma.DmaDebugEntryLayout.PID;
import static ferrite.kernel.dma.DmaDebugEntryLayout.SITE;
import static ferrite.kernel.dma.DmaDebugEntryLayout.TASK;

import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.log.StringTable;
import java.util.List;

/** Reports misuse of streaming mappings. It only looks. */
final class DmaDebugReports {

    /** The names of the directions, by their numbers. */
    static final List<String> DIRECTIONS = List.of("DMA_BIDIRECTIONAL", "DMA_TO_DEVICE", "DMA_FROM_DEVICE",
            "DMA_NONE");

    private final Violations violations;

    DmaDebugReports(Violations violations) {
        this.violations = violations;
    }

    ReadableMemory peek() {
        return violations.peek();
    }

    /** @param call the call that was given an unmapped address */
    void notMapped(String call, long dev, long dma, int bytes) {
        violations.of(Rule.DMA_BAD_UNMAP, call + " of " + bytes + " bytes at " + Hex.grouped(dma)
                + ", which is not mapped for " + device(peek(), dev))
                .line("instead", Rule.DMA_BAD_UNMAP.right()).text("device", device(peek(), dev))
                .address("dma", dma).report();
    }

    /** Compares an unmap with the call that made the mapping, and reports the first difference. */
    void unmapped(long entry, int bytes, int direction, DmaDebug.Call call, int count, boolean toldUnasked) {
        ReadableMemory view = peek();
        DmaDebug.Call made = DmaDebug.Call.values()[CALL.get(view, entry)];
        int madeBytes = LENGTH.get(view, entry);
        int madeDirection = DIRECTION.get(view, entry);
        int madeCount = ENTRIES.get(view, entry);
        if (made != call) {
            wrong(entry, call, "which was made with " + made.map);
        } else if (madeCount != count) {
            wrong(entry, call, "with " + count + " entries, which was made with " + madeCount);
        } else if (madeBytes != bytes) {
            wrong(entry, call, "with " + bytes + " bytes, which was made with " + madeBytes);
        } else if (madeDirection != direction) {
            wrong(entry, call, "with " + direction(direction) + ", which was made with " + direction(madeDirection));
        }
        if (!toldUnasked && made != DmaDebug.Call.LIST && CHECKED.get(view, entry) == 0) {
            report(Rule.DMA_ERROR_UNCHECKED, call.unmap + " of the mapping at " + Hex.grouped(DMA.get(view, entry))
                    + ", for which dma_mapping_error was never called", entry);
        }
    }

    private void wrong(long entry, DmaDebug.Call call, String how) {
        report(Rule.DMA_WRONG_UNMAP,
                call.unmap + " of the mapping at " + Hex.grouped(DMA.get(peek(), entry)) + " " + how, entry);
    }

    void overlap(long entry, long other) {
        if (violations.checks(Rule.DMA_OVERLAP)) {
            ReadableMemory view = peek();
            violations.of(Rule.DMA_OVERLAP, "mapping " + what(view, entry) + ", part of which is mapped already")
                    .line("first", describe(view, other))
                    .line("why", "bytes that a device writes through one mapping are missing from the "
                            + "other's bounce buffer, or overwritten from it")
                    .line("instead", Rule.DMA_OVERLAP.right()).address("pa", PA.get(view, entry)).report();
        }
    }

    private void report(Rule rule, String summary, long entry) {
        if (violations.checks(rule)) {
            ReadableMemory view = peek();
            violations.of(rule, summary).line("mapping", describe(view, entry)).line("instead", rule.right())
                    .text("device", device(view, DEV.get(view, entry))).address("dma", DMA.get(view, entry)).report();
        }
    }

    private static String what(ReadableMemory view, long entry) {
        return LENGTH.get(view, entry) + " bytes at physical " + Hex.grouped(PA.get(view, entry)) + " with "
                + direction(DIRECTION.get(view, entry)) + " for " + device(view, DEV.get(view, entry));
    }

    static String describe(ReadableMemory view, long entry) {
        long site = SITE.get(view, entry);
        return what(view, entry) + ", at bus address " + Hex.grouped(DMA.get(view, entry)) + ", by "
                + DmaDebug.Call.values()[CALL.get(view, entry)].map
                + (site == 0 ? "" : " at " + StringTable.read(view, site)) + " of task " + PID.get(view, entry) + " '"
                + StringTable.read(view, TASK.get(view, entry)) + "'";
    }

    private static String direction(int direction) {
        return DmaDirection.isValid(direction) || direction == DmaDirection.DMA_NONE ? DIRECTIONS.get(direction)
                : "direction " + direction;
    }

    private static String device(ReadableMemory view, long dev) {
        long name = DmaDeviceLayout.NAME.get(view, dev);
        return name == 0 ? "device" : StringTable.read(view, name);
    }
}
