package ferrite.board.matrix;

import ferrite.kernel.dma.DmaMode;
import ferrite.kernel.driver.KernelCalls;
import java.util.Arrays;

/** Runs the cells that allocate a block of pages, and give it to a device by a mapping or by a channel. */
final class BlockCells {

    private static final int MAX_SEGMENT = 64 << 10;
    private static final int ISA_TICKS = 4000;
    private static final int ISA_SLEEPS = 8;

    private final Bench bench;
    private final KernelCalls kernel;

    BlockCells(Bench bench) {
        this.bench = bench;
        this.kernel = bench.kernel();
    }

    /** Runs a cell, and frees the block. */
    void run(Cell cell, int seed, Observation seen) {
        int order = cell.order().order();
        boolean atomic = cell.setting() == Setting.ATOMIC;
        if (atomic) {
            kernel.preemptDisable();
        }
        long page = kernel.allocPages(cell.flags().gfp(), order);
        if (atomic) {
            kernel.preemptEnable();
        }
        if (page == 0) {
            return;
        }
        long pa = kernel.pageToPfn(page) * Bench.PAGE;
        seen.memoryAt(pa);
        if (pa % cell.order().bytes() != 0) {
            seen.flaw("the block is not aligned to its size");
        }
        if (cell.call().isIsa()) {
            channel(cell, page, pa, seed, seen);
        } else {
            mapping(cell, page, pa, seed, seen);
        }
        kernel.__freePages(page, order);
    }

    // ---- mappings ----

    private void mapping(Cell cell, long page, long pa, int seed, Observation seen) {
        int order = cell.order().order();
        int margin = cell.span().margin();
        int bytes = cell.order().bytes() - 2 * margin;
        bench.writeMargins(page, order, margin, seed);
        bench.writeEnds(page, order, margin, seed);
        bench.use(cell.mask());
        Mapping mapping = map(cell, page, pa + margin, bytes);
        seen.path(mapping.path);
        if (mapping.path == Path.REFUSED) {
            return;
        }
        if (mapping.highest > cell.mask().highest()) {
            seen.flaw("the bus address is above the mask");
        }
        if (mapping.bytes != bytes) {
            seen.flaw(mapping.bytes + " bytes are mapped instead of " + bytes);
        }
        seen.bytesMoved();
        move(cell, page, mapping, seed, seen);
        unmap(cell, mapping, bytes);
        if (cell.direction().fromDevice() && !bench.endsAre(page, order, margin, seed + 6)) {
            seen.flaw("the driver read other bytes after the unmap than the device wrote");
        }
        if (!bench.marginsAre(page, order, margin, seed)) {
            seen.flaw("bytes beside the mapping have changed");
        }
    }

    /** Moves bytes as the direction allows it: before a sync, between two, and after them (LDD3 page 449). */
    private void move(Cell cell, long page, Mapping mapping, int seed, Observation seen) {
        int order = cell.order().order();
        int margin = cell.span().margin();
        long tail = mapping.end - Bench.TAIL;
        Direction direction = cell.direction();
        if (direction.toDevice() && !bench.deviceReads(mapping.start, tail, seed)) {
            seen.flaw("the device read other bytes than the driver wrote before the mapping");
        }
        if (direction.fromDevice() && !bench.deviceWrites(mapping.start, tail, seed + 2)) {
            seen.flaw("the device could not write");
        }
        sync(cell, mapping, true);
        if (direction.fromDevice() && !bench.endsAre(page, order, margin, seed + 2)) {
            seen.flaw("the driver read other bytes after dma_sync_for_cpu than the device wrote");
        }
        if (direction.toDevice()) {
            bench.writeEnds(page, order, margin, seed + 4);
        }
        sync(cell, mapping, false);
        if (direction.toDevice() && !bench.deviceReads(mapping.start, tail, seed + 4)) {
            seen.flaw("the device read other bytes than the driver wrote before dma_sync_for_device");
        }
        if (direction.fromDevice() && !bench.deviceWrites(mapping.start, tail, seed + 6)) {
            seen.flaw("the device could not write");
        }
    }

    private void sync(Cell cell, Mapping mapping, boolean forCpu) {
        int direction = cell.direction().code();
        int entries = 1 << cell.order().order();
        if (cell.call() == Call.MAP_SG && forCpu) {
            kernel.dmaSyncSgForCpu(bench.dev(), bench.list(), entries, direction);
        } else if (cell.call() == Call.MAP_SG) {
            kernel.dmaSyncSgForDevice(bench.dev(), bench.list(), entries, direction);
        } else if (forCpu) {
            kernel.dmaSyncSingleForCpu(bench.dev(), mapping.start, (int) mapping.bytes, direction);
        } else {
            kernel.dmaSyncSingleForDevice(bench.dev(), mapping.start, (int) mapping.bytes, direction);
        }
    }

    /** A mapping: the bus addresses of its first byte, past its last segment, and the highest. */
    private static final class Mapping {
        private Path path = Path.REFUSED;
        private long start;
        private long end;
        private long highest;
        private long bytes;

        private void add(long dma, int length, long pa) {
            Path way = dma == pa ? Path.DIRECT : Path.BOUNCED;
            path = bytes == 0 || path == way ? way : Path.MIXED;
            start = bytes == 0 ? dma : start;
            end = dma + length;
            highest = Math.max(highest, end - 1);
            bytes += length;
        }
    }

    private Mapping map(Cell cell, long page, long pa, int bytes) {
        if (cell.call() == Call.MAP_SG) {
            return mapList(cell, page, pa);
        }
        int margin = cell.span().margin();
        long dma = cell.call() == Call.MAP_SINGLE
                ? kernel.dmaMapSingle(bench.dev(), kernel.pageAddress(page) + margin, bytes, cell.direction().code())
                : kernel.dmaMapPage(bench.dev(), page, margin, bytes, cell.direction().code());
        Mapping mapping = new Mapping();
        if (kernel.dmaMappingError(bench.dev(), dma) == 0) {
            mapping.add(dma, bytes, pa);
        }
        return mapping;
    }

    /** Maps the block as a list of single pages. */
    private Mapping mapList(Cell cell, long page, long pa) {
        int entries = 1 << cell.order().order();
        int margin = cell.span().margin();
        long pfn = kernel.pageToPfn(page);
        kernel.sgInitTable(bench.list(), entries);
        kernel.forEachSg(bench.list(), entries, (sg, i) -> {
            int before = i == 0 ? margin : 0;
            int after = i == entries - 1 ? margin : 0;
            kernel.sgSetPage(sg, kernel.pfnToPage(pfn + i), Bench.PAGE - before - after, before);
        });
        int segments = kernel.dmaMapSg(bench.dev(), bench.list(), entries, cell.direction().code());
        Mapping mapping = new Mapping();
        kernel.forEachSg(bench.list(), segments, (sg, i) -> {
            int length = kernel.sgDmaLen(sg);
            if (length > MAX_SEGMENT) {
                throw new IllegalStateException("a segment of " + length + " bytes, longer than the device takes");
            }
            mapping.add(kernel.sgDmaAddress(sg), length, pa + mapping.bytes);
        });
        return mapping;
    }

    private void unmap(Cell cell, Mapping mapping, int bytes) {
        int direction = cell.direction().code();
        switch (cell.call()) {
            case MAP_SINGLE -> kernel.dmaUnmapSingle(bench.dev(), mapping.start, bytes, direction);
            case MAP_PAGE -> kernel.dmaUnmapPage(bench.dev(), mapping.start, bytes, direction);
            default -> kernel.dmaUnmapSg(bench.dev(), bench.list(), 1 << cell.order().order(), direction);
        }
    }

    // ---- channels of the ISA controller ----

    private void channel(Cell cell, long page, long pa, int seed, Observation seen) {
        int bytes = cell.order().bytes();
        int channel = cell.call() == Call.ISA ? ChannelProbe.CHANNEL : ChannelProbe.CHANNEL16;
        boolean toDevice = cell.direction() == Direction.TO;
        writeAll(page, bytes, toDevice ? seed : seed + 1);
        int flags = kernel.claimDmaLock();
        kernel.disableDma(channel);
        kernel.clearDmaFf(channel);
        kernel.setDmaMode(channel, toDevice ? DmaMode.DMA_MODE_WRITE
                : DmaMode.DMA_MODE_READ);
        kernel.setDmaAddr(channel, pa);
        kernel.setDmaCount(channel, bytes);
        kernel.enableDma(channel);
        kernel.releaseDmaLock(flags);
        bench.storeProbe(ChannelProbe.LINE, channel);
        bench.storeProbe(ChannelProbe.COUNT, bytes);
        bench.storeProbe(ChannelProbe.SEED, seed);
        bench.storeProbe(ChannelProbe.COMMAND, toDevice ? ChannelProbe.ACCEPT : ChannelProbe.SUPPLY);
        boolean refused = kernel.takeDmaError(channel);
        for (int i = 0; i < ISA_SLEEPS && !refused && bench.loadProbe(ChannelProbe.MOVED) < bytes; i++) {
            kernel.usleepRange((bytes / 8 + ISA_TICKS) / 100, (bytes / 4 + ISA_TICKS) / 100);
        }
        bench.storeProbe(ChannelProbe.COMMAND, ChannelProbe.STOP);
        int end = kernel.claimDmaLock();
        kernel.disableDma(channel);
        kernel.releaseDmaLock(end);
        seen.path(refused ? Path.REFUSED : Path.DIRECT);
        int moved = bench.loadProbe(ChannelProbe.MOVED);
        if (moved > 0) {
            seen.bytesMoved();
        }
        if (!refused && (moved != bytes || bench.loadProbe(ChannelProbe.RIGHT) != bytes)) {
            seen.flaw("of " + bytes + " bytes the device moved " + moved + ", of which "
                    + bench.loadProbe(ChannelProbe.RIGHT) + " were right");
        }
        int expected = toDevice ? seed : refused ? seed + 1 : seed;
        if (!isAll(page, bytes, expected)) {
            seen.flaw("the driver read other bytes than " + (refused || toDevice ? "it" : "the device") + " wrote");
        }
    }

    private void writeAll(long page, int bytes, int seed) {
        byte[] pattern = Bench.pattern(seed, bytes);
        for (int at = 0; at < bytes; at += Bench.PAGE) {
            bench.writePage(pageAt(page, at), 0, Arrays.copyOfRange(pattern, at, at + Bench.PAGE));
        }
    }

    private boolean isAll(long page, int bytes, int seed) {
        byte[] pattern = Bench.pattern(seed, bytes);
        for (int at = 0; at < bytes; at += Bench.PAGE) {
            if (!Arrays.equals(bench.readPage(pageAt(page, at), 0, Bench.PAGE),
                    Arrays.copyOfRange(pattern, at, at + Bench.PAGE))) {
                return false;
            }
        }
        return true;
    }

    private long pageAt(long page, int offset) {
        return kernel.pfnToPage(kernel.pageToPfn(page) + offset / Bench.PAGE);
    }
}
