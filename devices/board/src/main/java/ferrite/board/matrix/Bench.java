package ferrite.board.matrix;

import ferrite.board.layout.FerriteLayout;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.dma.DmaAddress;
import ferrite.kernel.dma.ScatterListLayout;
import ferrite.kernel.driver.KernelCalls;
import java.util.Arrays;

/**
 * The observer's equipment on one machine, all allocated before the zones are filled: the copy engine, memory that it
 * reaches always, and a list for scatter/gather. Task context.
 */
final class Bench {

    /** Bytes that are moved at the beginning and at the end of a buffer. */
    static final int HEAD = 2048;
    static final int TAIL = 256;
    static final int PAGE = 4096;
    static final int MAX_ENTRIES = 32;

    /** The copy engine's register for the number of address wires in use. */
    private static final int COPIER_WIDTH = 0x04;

    private final KernelCalls kernel;
    private final KernelMemory memory;
    private final long dev;
    private final long copier;
    private final long probe;
    private final long witness;
    private final long witnessDma;
    private final long staging;
    private final long handle;
    private final long list;

    /** Allocates the equipment. */
    Bench(KernelCalls kernel) {
        this.kernel = kernel;
        this.memory = kernel.memory();
        dev = require(kernel.dmaRequestChan(), "the copy engine");
        copier = require(kernel.ioremap(FerriteLayout.COPIER, FerriteLayout.COPIER_BYTES), "the engine's registers");
        probe = require(kernel.ioremap(ChannelProbe.BASE, ChannelProbe.BYTES), "the probe's registers");
        handle = require(kernel.kzalloc(4, Gfp.GFP_KERNEL), "a word for bus addresses");
        witness = require(kernel.dmaAllocCoherent(dev, 2 * PAGE, handle, Gfp.GFP_KERNEL), "coherent memory");
        witnessDma = memory.load32(handle) & 0xffff_ffffL;
        staging = require(kernel.__getFreePage(Gfp.GFP_KERNEL), "a page");
        list = require(kernel.kzalloc(MAX_ENTRIES * ScatterListLayout.SIZE, Gfp.GFP_KERNEL), "a list");
        requireFree(ChannelProbe.CHANNEL);
        requireFree(ChannelProbe.CHANNEL16);
    }

    private static long require(long address, String what) {
        if (address == 0) {
            throw new IllegalStateException("the machine has no memory for " + what);
        }
        return address;
    }

    private void requireFree(int channel) {
        if (kernel.requestDma(channel, "matrix") != 0) {
            throw new IllegalStateException("DMA channel " + channel + " has an owner already");
        }
    }

    KernelCalls kernel() {
        return kernel;
    }

    long dev() {
        return dev;
    }

    long list() {
        return list;
    }

    /** The word that receives bus addresses. */
    long handle() {
        return handle;
    }

    /** Has the copy engine drive as many wires as the mask has bits, and declares the mask. */
    void use(Mask mask) {
        memory.store32(copier + COPIER_WIDTH, mask.bits());
        int result = kernel.dmaSetMask(dev, DmaAddress.bitMask(mask.bits()));
        if (result != 0) {
            throw new IllegalStateException("dma_set_mask of " + mask + " bits returned " + result);
        }
    }

    void storeProbe(int register, int value) {
        memory.store32(probe + register, value);
    }

    int loadProbe(int register) {
        return memory.load32(probe + register);
    }

    // ---- bytes, by the processor ----

    static byte[] pattern(int seed, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = ChannelProbe.pattern(seed, i);
        }
        return bytes;
    }

    void writePage(long page, int offset, byte[] bytes) {
        memory.write(staging, bytes, 0, bytes.length);
        kernel.memcpyToPage(page, offset, staging, bytes.length);
    }

    byte[] readPage(long page, int offset, int length) {
        byte[] bytes = new byte[length];
        kernel.memcpyFromPage(staging, page, offset, length);
        memory.read(staging, bytes, 0, length);
        return bytes;
    }

    /** Writes the first and the last bytes of a block without its margins. */
    void writeEnds(long page, int order, int margin, int seed) {
        writePage(page, margin, pattern(seed, HEAD));
        writePage(last(page, order), PAGE - TAIL - margin, pattern(seed + 1, TAIL));
    }

    /** Writes the margins of a block. */
    void writeMargins(long page, int order, int margin, int seed) {
        writePage(page, 0, pattern(seed, margin));
        writePage(last(page, order), PAGE - margin, pattern(seed + 1, margin));
    }

    /** Returns whether the margins are as {@link #writeMargins} writes them. */
    boolean marginsAre(long page, int order, int margin, int seed) {
        return Arrays.equals(readPage(page, 0, margin), pattern(seed, margin))
                && Arrays.equals(readPage(last(page, order), PAGE - margin, margin), pattern(seed + 1, margin));
    }

    /** Returns whether these bytes are as {@link #writeEnds} writes them. */
    boolean endsAre(long page, int order, int margin, int seed) {
        return Arrays.equals(readPage(page, margin, HEAD), pattern(seed, HEAD))
                && Arrays.equals(readPage(last(page, order), PAGE - TAIL - margin, TAIL), pattern(seed + 1, TAIL));
    }

    private long last(long page, int order) {
        return kernel.pfnToPage(kernel.pageToPfn(page) + (1L << order) - 1);
    }

    // ---- bytes, by the device ----

    /** Has the engine read a buffer's ends. Returns whether it got the bytes of {@link #writeEnds}. */
    boolean deviceReads(long headDma, long tailDma, int seed) {
        memory.fill(witness, 0, 2 * PAGE);
        boolean moved = kernel.dmaMemcpy(witnessDma, headDma, HEAD) == 0
                && kernel.dmaMemcpy(witnessDma + PAGE, tailDma, TAIL) == 0;
        byte[] head = new byte[HEAD];
        byte[] tail = new byte[TAIL];
        memory.read(witness, head, 0, HEAD);
        memory.read(witness + PAGE, tail, 0, TAIL);
        return moved && Arrays.equals(head, pattern(seed, HEAD)) && Arrays.equals(tail, pattern(seed + 1, TAIL));
    }

    /** Has the engine write a buffer's ends, with the bytes of {@link #writeEnds}. Returns whether it did. */
    boolean deviceWrites(long headDma, long tailDma, int seed) {
        memory.write(witness, pattern(seed, HEAD), 0, HEAD);
        memory.write(witness + PAGE, pattern(seed + 1, TAIL), 0, TAIL);
        return kernel.dmaMemcpy(headDma, witnessDma, HEAD) == 0
                && kernel.dmaMemcpy(tailDma, witnessDma + PAGE, TAIL) == 0;
    }
}
