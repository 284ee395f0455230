package ferrite.kernel.dma;

import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;

/** Reports misuse of DMA pools. It only looks. */
final class DmaPoolChecks {

    private static final int MAX_OWNERS = 8;

    private final Violations violations;
    private final DmaPoolView view;

    DmaPoolChecks(Violations violations, DmaPoolView view) {
        this.violations = violations;
        this.view = view;
    }

    ReadableMemory peek() {
        return violations.peek();
    }

    void inUse(long pool) {
        if (!violations.checks(Rule.DMA_POOL_IN_USE)) {
            return;
        }
        ReadableMemory peek = violations.peek();
        DmaPoolView.Usage usage = view.usage(peek, pool);
        Violations.Building report = violations.of(Rule.DMA_POOL_IN_USE,
                "dma_pool_destroy of '" + usage.name() + "' with " + usage.blocks()
                        + (usage.blocks() == 1 ? " block still allocated" : " blocks still allocated"));
        describe(report, usage).line("", "the pool was not destroyed");
        int told = 0;
        for (long page : view.pages(peek, pool)) {
            for (int index = 0; index < DmaPoolView.blocks(peek, pool) && told < MAX_OWNERS; index++) {
                if (DmaPoolView.isOut(peek, page, index)) {
                    told++;
                    long block = DmaPageLayout.VA.get(peek, page)
                            + DmaPoolLayout.offset(index, usage.size(), DmaPoolLayout.BOUNDARY.get(peek, pool));
                    report.line(told == 1 ? "out" : "",
                            Hex.address(block) + allocated(view.owner(peek, pool, page, index)));
                }
            }
        }
        report.line("instead", Rule.DMA_POOL_IN_USE.right()).address("pool", pool)
                .number("out", usage.blocks()).report();
    }

    void doubleFree(long pool, long va, long dma) {
        free(Rule.DMA_POOL_DOUBLE_FREE, pool, va, dma, "which is free already");
    }

    /** @param why the mistake, as a clause */
    void badFree(long pool, long va, long dma, String why) {
        free(Rule.DMA_POOL_BAD_FREE, pool, va, dma, why);
    }

    /** Reports a free of a bus address that is not in the pool. */
    void foreign(long pool, long va, long dma) {
        long other = view.poolOf(violations.peek(), dma);
        badFree(pool, va, dma, other == 0 ? "which is in no DMA pool"
                : "which is a block of '" + DmaPoolView.name(violations.peek(), other) + "'");
    }

    private void free(Rule rule, long pool, long va, long dma, String why) {
        if (!violations.checks(rule)) {
            return;
        }
        ReadableMemory peek = violations.peek();
        DmaPoolView.Usage usage = view.usage(peek, pool);
        Violations.Building report = violations.of(rule, "dma_pool_free to '" + usage.name() + "' of " + Hex.grouped(va)
                + ", bus address " + Hex.grouped(dma) + ", " + why);
        describe(report, usage);
        DmaPoolView.Found found = view.find(peek, va);
        if (found != null && found.owner() != null) {
            report.line("block", Hex.address(found.block()) + allocated(found.owner())
                    + (found.out() || found.owner().freedAt() == null ? "" : "; freed at " + found.owner().freedAt()))
                    .text("allocated_at", found.owner().site());
        }
        report.line("instead", rule.right()).address("pool", pool).address("address", va).address("dma", dma).report();
    }

    /** Reports that a byte of a free block was changed. */
    void overwritten(long pool, long block, int offset, int found) {
        Rule rule = Rule.DMA_POOL_USE_AFTER_FREE;
        if (!violations.checks(rule)) {
            return;
        }
        ReadableMemory peek = violations.peek();
        DmaPoolView.Usage usage = view.usage(peek, pool);
        Violations.Building report = violations.of(rule,
                "byte " + offset + " of the block of '" + usage.name() + "' at " + Hex.grouped(block)
                        + " was written after its free: it is 0x" + Integer.toHexString(found & 0xff));
        describe(report, usage);
        DmaPoolView.Found where = view.find(peek, block);
        if (where != null && where.owner() != null) {
            report.line("block", "last" + allocated(where.owner())
                    + (where.owner().freedAt() == null ? "" : "; freed at " + where.owner().freedAt()));
        }
        report.line("instead", rule.right()).address("pool", pool).address("address", block)
                .number("offset", offset).report();
    }

    private static Violations.Building describe(Violations.Building report, DmaPoolView.Usage usage) {
        return report.line("pool", "'" + usage.name() + "' of " + usage.device() + ", blocks of " + usage.size()
                + " bytes, " + usage.blocks() + " of " + usage.capacity()
                + " out").text("name", usage.name()).text("device", usage.device());
    }

    private static String allocated(DmaPoolView.Owner owner) {
        return owner == null ? ""
                : " allocated at " + owner.site() + " by task " + owner.pid() + " '" + owner.task() + "'";
    }
}
