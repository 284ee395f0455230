package ferrite.kernel.dma;

import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.log.StringTable;

/** Reports misuse of streaming mappings. It only looks. */
final class DmaDebugReports {

    private static final String[] DIRECTIONS = {"DMA_BIDIRECTIONAL", "DMA_TO_DEVICE", "DMA_FROM_DEVICE", "DMA_NONE"};

    private final Violations violations;

    DmaDebugReports(Violations violations) {
        this.violations = violations;
    }

    ReadableMemory peek() {
        return violations.peek();
    }

    /** @param call the call that was given an unmapped address */
    void notMapped(String call, long dev, long dma, int bytes) {
        violations.of(Rule.DMA_BAD_UNMAP, call + " of " + bytes + " bytes at " + Hex.grouped(dma) + ", which is not mapped for " + device(peek(), dev))
                .line("instead", Rule.DMA_BAD_UNMAP.right()).text("device", device(peek(), dev)).address("dma", dma).report();
    }

    /** Compares an unmap with the call that made the mapping, and reports the first difference. */
    void unmapped(long entry, int bytes, int direction, DmaDebug.Call call, int count) {
        ReadableMemory view = peek();
        DmaDebug.Call made = DmaDebug.Call.values()[view.load32(entry + DmaDebugLayout.CALL)];
        int madeBytes = view.load32(entry + DmaDebugLayout.LENGTH);
        int madeDirection = view.load32(entry + DmaDebugLayout.DIRECTION);
        int madeCount = view.load32(entry + DmaDebugLayout.ENTRIES);
        if (made != call) {
            wrong(entry, call, "which was made with " + made.map);
        } else if (madeCount != count) {
            wrong(entry, call, "with " + count + " entries, which was made with " + madeCount);
        } else if (madeBytes != bytes) {
            wrong(entry, call, "with " + bytes + " bytes, which was made with " + madeBytes);
        } else if (madeDirection != direction) {
            wrong(entry, call, "with " + direction(direction) + ", which was made with " + direction(madeDirection));
        }
        if (made != DmaDebug.Call.LIST && view.load32(entry + DmaDebugLayout.CHECKED) == 0) {
            report(Rule.DMA_ERROR_UNCHECKED, call.unmap + " of the mapping at " + Hex.grouped(view.loadAddress(entry + DmaDebugLayout.DMA))
                    + ", for which dma_mapping_error was never called", entry);
        }
    }

    private void wrong(long entry, DmaDebug.Call call, String how) {
        report(Rule.DMA_WRONG_UNMAP, call.unmap + " of the mapping at " + Hex.grouped(peek().loadAddress(entry + DmaDebugLayout.DMA)) + " " + how, entry);
    }

    void overlap(long entry, long other) {
        if (violations.checks(Rule.DMA_OVERLAP)) {
            ReadableMemory view = peek();
            violations.of(Rule.DMA_OVERLAP, "mapping " + what(view, entry) + ", part of which is mapped already")
                    .line("first", describe(view, other))
                    .line("why", "bytes that a device writes through one mapping are missing from the other's bounce buffer, or overwritten from it")
                    .line("instead", Rule.DMA_OVERLAP.right()).address("pa", view.loadAddress(entry + DmaDebugLayout.PA)).report();
        }
    }

    private void report(Rule rule, String summary, long entry) {
        if (violations.checks(rule)) {
            ReadableMemory view = peek();
            violations.of(rule, summary).line("mapping", describe(view, entry)).line("instead", rule.right())
                    .text("device", device(view, view.loadAddress(entry + DmaDebugLayout.DEV))).address("dma", view.loadAddress(entry + DmaDebugLayout.DMA)).report();
        }
    }

    private static String what(ReadableMemory view, long entry) {
        return view.load32(entry + DmaDebugLayout.LENGTH) + " bytes at physical " + Hex.grouped(view.loadAddress(entry + DmaDebugLayout.PA)) + " with "
                + direction(view.load32(entry + DmaDebugLayout.DIRECTION)) + " for " + device(view, view.loadAddress(entry + DmaDebugLayout.DEV));
    }

    static String describe(ReadableMemory view, long entry) {
        long site = view.loadAddress(entry + DmaDebugLayout.SITE);
        return what(view, entry) + ", at bus address " + Hex.grouped(view.loadAddress(entry + DmaDebugLayout.DMA)) + ", by "
                + DmaDebug.Call.values()[view.load32(entry + DmaDebugLayout.CALL)].map + (site == 0 ? "" : " at " + StringTable.read(view, site)) + " of task " + view.load32(entry + DmaDebugLayout.PID) + " '"
                + StringTable.read(view, view.loadAddress(entry + DmaDebugLayout.TASK)) + "'";
    }

    private static String direction(int direction) {
        return DmaDirection.isValid(direction) || direction == DmaDirection.DMA_NONE ? DIRECTIONS[direction] : "direction " + direction;
    }

    private static String device(ReadableMemory view, long dev) {
        long name = view.loadAddress(dev + DmaDeviceLayout.NAME);
        return name == 0 ? "device" : StringTable.read(view, name);
    }
}
