package ferrite.peripherals.virtio;

import static ferrite.peripherals.virtio.VirtqueueLayout.AVAIL;
import static ferrite.peripherals.virtio.VirtqueueLayout.AVAIL_IDX;
import static ferrite.peripherals.virtio.VirtqueueLayout.BROKEN;
import static ferrite.peripherals.virtio.VirtqueueLayout.DESC;
import static ferrite.peripherals.virtio.VirtqueueLayout.FREE_HEAD;
import static ferrite.peripherals.virtio.VirtqueueLayout.IDX;
import static ferrite.peripherals.virtio.VirtqueueLayout.INDEX;
import static ferrite.peripherals.virtio.VirtqueueLayout.LAST_USED;
import static ferrite.peripherals.virtio.VirtqueueLayout.NUM;
import static ferrite.peripherals.virtio.VirtqueueLayout.NUM_ADDED;
import static ferrite.peripherals.virtio.VirtqueueLayout.NUM_FREE;
import static ferrite.peripherals.virtio.VirtqueueLayout.RING;
import static ferrite.peripherals.virtio.VirtqueueLayout.USED;
import static ferrite.peripherals.virtio.VirtqueueLayout.USED_ENTRY_BYTES;
import static ferrite.peripherals.virtio.VirtqueueLayout.USES;
import static ferrite.peripherals.virtio.VirtqueueLayout.VDEV;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.dma.DmaDirection;
import ferrite.kernel.driver.KernelCalls;

/**
 * The driver's side of split virtqueues (section 2.7), under Linux's names. The caller lets no two calls for one queue
 * run at a time.
 *
 * <p>Each answer of the device is checked. After a wrong one the queue is broken: nothing is added, and nothing comes
 * back, until the device is reset.
 */
final class VirtqueueDriver {

    private static final int INDEX_MASK = 0xffff;

    private final KernelCalls kernel;
    private final KernelMemory memory;

    VirtqueueDriver(KernelCalls kernel) {
        this.kernel = kernel;
        this.memory = kernel.memory();
    }

    // ---- adding ----

    /**
     * Adds a chain: lists for the device to read, then lists for it to write. Unlike Linux's call, it expects lists
     * that {@code dma_map_sg} has mapped. Any context.
     *
     * @param sgs  the lists; each ends with the table, or with a segment of no bytes
     * @param data returned by {@link #virtqueueGetBuf}; not 0
     * @param gfp  flags of the memory for a table of indirect descriptors
     * @return 0; -ENOSPC if there are too few free descriptors; -ENOMEM; -EIO for a broken queue
     */
    int virtqueueAddSgs(long vq, long[] sgs, int outSgs, long data, int gfp) {
        if (BROKEN.get(memory, vq) != 0) {
            return -Errno.EIO;
        }
        int total = 0;
        int inBytes = 0;
        for (int i = 0; i < sgs.length; i++) {
            for (long sg = sgs[i]; isSegment(sg); sg = kernel.sgNext(sg)) {
                total++;
                inBytes += i < outSgs ? 0 : kernel.sgDmaLen(sg);
            }
        }
        int free = NUM_FREE.get(memory, vq);
        boolean indirect = total > 1 && free > 0 && (USES.get(memory, vq) & VirtqueueLayout.INDIRECT) != 0;
        long table = indirect ? kernel.kmalloc(total * VringDescLayout.SIZE, gfp) : 0;
        if (table == 0 && total > free) {
            return -Errno.ENOSPC;
        }
        int head = FREE_HEAD.get(memory, vq);
        int result = table == 0 ? addDirect(vq, sgs, outSgs, total) : addIndirect(vq, table, sgs, outSgs, total);
        if (result < 0) {
            return result;
        }
        long state = state(vq, head);
        VringDescStateLayout.DATA.set(memory, state, data);
        VringDescStateLayout.TOTAL.set(memory, state, total);
        VringDescStateLayout.IN_BYTES.set(memory, state, inBytes);
        makeAvailable(vq, head);
        return 0;
    }

    /** Adds a buffer that the device reads, see {@link #virtqueueAddSgs}. */
    int virtqueueAddOutbuf(long vq, long sg, long data, int gfp) {
        return virtqueueAddSgs(vq, new long[] {sg}, 1, data, gfp);
    }

    /** Adds a buffer that the device writes, see {@link #virtqueueAddSgs}. */
    int virtqueueAddInbuf(long vq, long sg, long data, int gfp) {
        return virtqueueAddSgs(vq, new long[] {sg}, 0, data, gfp);
    }

    private boolean isSegment(long sg) {
        return sg != 0 && kernel.sgDmaLen(sg) != 0;
    }

    private int addDirect(long vq, long[] sgs, int outSgs, int total) {
        int place = FREE_HEAD.get(memory, vq);
        VringDescStateLayout.INDIR.set(memory, state(vq, place), 0);
        int left = total;
        for (int i = 0; i < sgs.length; i++) {
            for (long sg = sgs[i]; isSegment(sg); sg = kernel.sgNext(sg)) {
                int next = VringDescStateLayout.NEXT.get(memory, state(vq, place));
                left--;
                describe(desc(vq, place), sg, flags(i >= outSgs, left), next);
                place = next;
            }
        }
        FREE_HEAD.set(memory, vq, place);
        NUM_FREE.add(memory, vq, -total);
        return 0;
    }

    private int addIndirect(long vq, long table, long[] sgs, int outSgs, int total) {
        int place = 0;
        for (int i = 0; i < sgs.length; i++) {
            for (long sg = sgs[i]; isSegment(sg); sg = kernel.sgNext(sg)) {
                int left = total - place - 1;
                describe(table + (long) place * VringDescLayout.SIZE, sg, flags(i >= outSgs, left),
                        left == 0 ? 0 : place + 1);
                place++;
            }
        }
        int bytes = total * VringDescLayout.SIZE;
        long dma = kernel.dmaMapSingle(dev(vq), table, bytes, DmaDirection.DMA_TO_DEVICE);
        if (kernel.dmaMappingError(dev(vq), dma) != 0) {
            kernel.kfree(table);
            return -Errno.ENOMEM;
        }
        int head = FREE_HEAD.get(memory, vq);
        long state = state(vq, head);
        VringDescStateLayout.INDIR.set(memory, state, table);
        VringDescStateLayout.INDIR_DMA.set(memory, state, dma);
        describe(desc(vq, head), dma, bytes, VringDescLayout.F_INDIRECT, 0);
        FREE_HEAD.set(memory, vq, VringDescStateLayout.NEXT.get(memory, state));
        NUM_FREE.add(memory, vq, -1);
        return 0;
    }

    private static int flags(boolean written, int left) {
        return (written ? VringDescLayout.F_WRITE : 0) | (left > 0 ? VringDescLayout.F_NEXT : 0);
    }

    private void describe(long desc, long sg, int flags, int next) {
        describe(desc, kernel.sgDmaAddress(sg), kernel.sgDmaLen(sg), flags, next);
    }

    private void describe(long desc, long dma, int bytes, int flags, int next) {
        VringDescLayout.ADDR.set(memory, desc, dma);
        VringDescLayout.LEN.set(memory, desc, bytes);
        memory.store16(VringDescLayout.FLAGS.at(desc), flags);
        memory.store16(VringDescLayout.NEXT.at(desc), next);
    }

    /** The device sees the chain once it sees the index: so the barrier is before the index. */
    private void makeAvailable(long vq, int head) {
        long avail = AVAIL.get(memory, vq);
        int index = AVAIL_IDX.get(memory, vq);
        memory.store16(avail + RING + 2L * (index % NUM.get(memory, vq)), head);
        kernel.dmaWmb();
        AVAIL_IDX.set(memory, vq, index + 1 & INDEX_MASK);
        memory.store16(avail + IDX, index + 1 & INDEX_MASK);
        NUM_ADDED.add(memory, vq, 1);
    }

    // ---- notifying ----

    /** Tells the device of the new chains, unless it looks for them by itself. Any context. */
    void virtqueueKick(long vq) {
        kernel.mb();
        int added = NUM_ADDED.get(memory, vq);
        NUM_ADDED.set(memory, vq, 0);
        if (added > 0 && BROKEN.get(memory, vq) == 0 && wantsKick(vq, added)) {
            long registers = VirtioDeviceLayout.REGISTERS.get(memory, VDEV.get(memory, vq));
            kernel.writel(INDEX.get(memory, vq), registers + VirtioRegisters.QUEUE_NOTIFY);
        }
    }

    private boolean wantsKick(long vq, int added) {
        long used = USED.get(memory, vq);
        if ((USES.get(memory, vq) & VirtqueueLayout.EVENT) == 0) {
            return (memory.load16(used) & VirtqueueLayout.SUPPRESSED) == 0;
        }
        int event = memory.load16(used + RING + (long) USED_ENTRY_BYTES * NUM.get(memory, vq)) & INDEX_MASK;
        int index = AVAIL_IDX.get(memory, vq);
        return (index - event - 1 & INDEX_MASK) < added;         // vring_need_event
    }

    /** Asks for no interrupts: the caller looks by itself. With event indices, the old index says so. Any context. */
    void virtqueueDisableCb(long vq) {
        if ((USES.get(memory, vq) & VirtqueueLayout.EVENT) == 0) {
            memory.store16(AVAIL.get(memory, vq), VirtqueueLayout.SUPPRESSED);
        }
    }

    /**
     * Asks for an interrupt at the next used chain. Any context.
     *
     * @return false if there is a used chain already, for which no interrupt may come
     */
    boolean virtqueueEnableCb(long vq) {
        long avail = AVAIL.get(memory, vq);
        int lastUsed = LAST_USED.get(memory, vq);
        if ((USES.get(memory, vq) & VirtqueueLayout.EVENT) == 0) {
            memory.store16(avail, 0);
        } else {
            memory.store16(avail + RING + 2L * NUM.get(memory, vq), lastUsed);
        }
        kernel.mb();
        return !hasUsed(vq);
    }

    // ---- used chains ----

    private boolean hasUsed(long vq) {
        return BROKEN.get(memory, vq) == 0
                && (memory.load16(USED.get(memory, vq) + IDX) & INDEX_MASK) != LAST_USED.get(memory, vq);
    }

    /**
     * Takes the next used chain. Any context.
     *
     * @param bytes its first element gets the number of bytes that the device has written
     * @return the chain's data; 0 if no chain is used, or the queue is broken
     */
    long virtqueueGetBuf(long vq, int[] bytes) {
        if (!hasUsed(vq)) {
            return 0;
        }
        kernel.rmb();
        int lastUsed = LAST_USED.get(memory, vq);
        int num = NUM.get(memory, vq);
        long entry = USED.get(memory, vq) + RING + (long) USED_ENTRY_BYTES * (lastUsed % num);
        int id = memory.load32(entry);
        int length = memory.load32(entry + 4);
        if (id < 0 || id >= num) {
            return broken(vq, "id " + Integer.toUnsignedString(id) + " out of range");
        }
        long state = state(vq, id);
        long data = VringDescStateLayout.DATA.get(memory, state);
        if (data == 0) {
            return broken(vq, "id " + id + " is not a head");
        }
        int inBytes = VringDescStateLayout.IN_BYTES.get(memory, state);
        if (length < 0 || length > inBytes) {
            return broken(vq, "used len " + Integer.toUnsignedString(length) + " is larger than in buflen " + inBytes);
        }
        detach(vq, id);
        LAST_USED.set(memory, vq, lastUsed + 1 & INDEX_MASK);
        bytes[0] = length;
        return data;
    }

    private long broken(long vq, String why) {
        BROKEN.set(memory, vq, 1);
        kernel.devErr(dev(vq), "virtqueue " + INDEX.get(memory, vq) + ": " + why);
        return 0;
    }

    boolean virtqueueIsBroken(long vq) {
        return BROKEN.get(memory, vq) != 0;
    }

    /** Gives the descriptors of a chain back to the free ones. */
    private void detach(long vq, int head) {
        long state = state(vq, head);
        VringDescStateLayout.DATA.set(memory, state, 0);
        int total = VringDescStateLayout.TOTAL.get(memory, state);
        long table = VringDescStateLayout.INDIR.get(memory, state);
        int last = head;
        int count = table == 0 ? total : 1;
        for (int i = 1; i < count; i++) {
            last = VringDescStateLayout.NEXT.get(memory, state(vq, last));
        }
        VringDescStateLayout.NEXT.set(memory, state(vq, last), FREE_HEAD.get(memory, vq));
        FREE_HEAD.set(memory, vq, head);
        NUM_FREE.add(memory, vq, count);
        if (table != 0) {
            VringDescStateLayout.INDIR.set(memory, state, 0);
            kernel.dmaUnmapSingle(dev(vq), VringDescStateLayout.INDIR_DMA.get(memory, state),
                    total * VringDescLayout.SIZE, DmaDirection.DMA_TO_DEVICE);
            kernel.kfree(table);
        }
    }

    /**
     * Takes back a chain that the device has not used. The device was reset before. Any context.
     *
     * @return the chain's data; 0 if none is left
     */
    long virtqueueDetachUnusedBuf(long vq) {
        for (int id = 0; id < NUM.get(memory, vq); id++) {
            long data = VringDescStateLayout.DATA.get(memory, state(vq, id));
            if (data != 0) {
                detach(vq, id);
                return data;
            }
        }
        return 0;
    }

    // ---- beginning ----

    /** Makes a queue without chains. The device does not know the queue. */
    void clear(long vq, int uses) {
        int num = NUM.get(memory, vq);
        memory.fill(DESC.get(memory, vq), 0, VirtqueueLayout.ringBytes(num));
        for (int i = 0; i < num; i++) {
            VringDescStateLayout.NEXT.set(memory, state(vq, i), i + 1);
        }
        FREE_HEAD.set(memory, vq, 0);
        NUM_FREE.set(memory, vq, num);
        NUM_ADDED.set(memory, vq, 0);
        AVAIL_IDX.set(memory, vq, 0);
        LAST_USED.set(memory, vq, 0);
        BROKEN.set(memory, vq, 0);
        USES.set(memory, vq, uses);
    }

    private long state(long vq, int id) {
        return VirtqueueLayout.STATE.get(memory, vq) + (long) id * VringDescStateLayout.SIZE;
    }

    private long desc(long vq, int id) {
        return DESC.get(memory, vq) + (long) id * VringDescLayout.SIZE;
    }

    private long dev(long vq) {
        return VirtioDeviceLayout.DEV.get(memory, VDEV.get(memory, vq));
    }
}
