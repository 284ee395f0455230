package ferrite.kernel.dma;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.mm.AddressSpace;
import ferrite.kernel.mm.MemMap;

/**
 * {@code struct scatterlist} (LDD3 page 450, with the chaining and end mark of later Linux): an array in RAM that the driver owns, an entry for each piece of a transfer. All calls in any context.
 *
 * <pre>
 *   0  page_link   address of the struct page; bit 0: the address of the next array instead; bit 1: this is the last entry
 *   4  offset      in the page
 *   8  length
 *  12  dma_address of the segment, as dma_map_sg left it
 *  16  dma_length  0 behind the last segment
 * </pre>
 */
public final class ScatterList {

    /** Bytes of an entry. */
    public static final int SIZE = 20;

    private static final int PAGE_LINK = 0;
    private static final int OFFSET = 4;
    private static final int LENGTH = 8;
    private static final int DMA_ADDRESS = 12;
    private static final int DMA_LENGTH = 16;
    private static final int CHAIN = 1;
    private static final int END = 2;

    private final KernelMemory memory;
    private final AddressSpace space;
    private final MemMap memMap;

    public ScatterList(KernelMemory memory, AddressSpace space, MemMap memMap) {
        this.memory = memory;
        this.space = space;
        this.memMap = memMap;
    }

    /** {@code sg_init_table}: an empty array of so many entries, the last of which is marked. */
    public void sgInitTable(long sgl, int entries) {
        if (entries < 1) {
            throw new KernelBug("sg_init_table of " + entries + " entries; a table has at least one");
        }
        memory.fill(sgl, 0, entries * SIZE);
        memory.store32(sgl + (long) (entries - 1) * SIZE + PAGE_LINK, END);
    }

    /** {@code sg_set_page}: an entry is to be {@code length} bytes from {@code offset} in a page on, of any zone. */
    public void sgSetPage(long sg, long page, int length, int offset) {
        if (!memMap.isPage(page)) {
            throw new KernelBug("sg_set_page of 0x" + Long.toHexString(page) + ", which is no struct page");
        }
        int mark = memory.load32(sg + PAGE_LINK) & (CHAIN | END);
        memory.store32(sg + PAGE_LINK, (int) page | mark);
        memory.store32(sg + OFFSET, offset);
        memory.store32(sg + LENGTH, length);
    }

    /** {@code sg_set_buf}: an entry is to be memory of the linear map. */
    public void sgSetBuf(long sg, long va, int length) {
        long page = memMap.virtToPage(va);
        if (page == 0) {
            throw new KernelBug("sg_set_buf of 0x" + Long.toHexString(va) + ", which is not an address of the linear map; for a vmalloc area make an entry of each page");
        }
        sgSetPage(sg, page, length, (int) va & AddressSpace.PAGE_SIZE - 1);
    }

    /** {@code sg_chain}: the last of {@code entries} entries becomes a link to another table, and is none itself any more. */
    public void sgChain(long sgl, int entries, long next) {
        memory.store32(sgl + (long) (entries - 1) * SIZE + PAGE_LINK, (int) next | CHAIN);
    }

    /** {@code sg_next}: the entry behind this one, in the next table where it ends with a link; 0 behind the last. */
    public long sgNext(long sg) {
        if ((memory.load32(sg + PAGE_LINK) & END) != 0) {
            return 0;
        }
        int link = memory.load32(sg + SIZE + PAGE_LINK);
        return (link & CHAIN) != 0 ? (link & ~(CHAIN | END)) & 0xffff_ffffL : sg + SIZE;
    }

    /** What {@code for_each_sg} does for each entry. */
    @FunctionalInterface
    public interface ForEach {
        void entry(long sg, int index);
    }

    /** {@code for_each_sg}: the first {@code entries} entries, or as many as there are. */
    public void forEachSg(long sgl, int entries, ForEach body) {
        long sg = sgl;
        for (int i = 0; i < entries && sg != 0; i++) {
            body.entry(sg, i);
            sg = sgNext(sg);
        }
    }

    /** {@code sg_page}. */
    public long sgPage(long sg) {
        return (memory.load32(sg + PAGE_LINK) & ~(CHAIN | END)) & 0xffff_ffffL;
    }

    /** {@code sg->offset}. */
    public int sgOffset(long sg) {
        return memory.load32(sg + OFFSET);
    }

    /** {@code sg->length}. */
    public int sgLength(long sg) {
        return memory.load32(sg + LENGTH);
    }

    /** {@code sg_phys}: the physical address of an entry's first byte. */
    public long sgPhys(long sg) {
        return (memMap.pageToPfn(sgPage(sg)) << AddressSpace.PAGE_SHIFT) + sgOffset(sg);
    }

    /** {@code sg_virt}: the linear address of an entry's first byte; 0 in high memory. */
    public long sgVirt(long sg) {
        long pa = sgPhys(sg);
        return pa >>> AddressSpace.PAGE_SHIFT < memMap.lowEndPfn() ? space.virt(pa) : 0;
    }

    /** {@code sg_dma_address}: of a segment, the bus address for the device. */
    public long sgDmaAddress(long sg) {
        return memory.loadAddress(sg + DMA_ADDRESS);
    }

    /** {@code sg_dma_len}: of a segment, its bytes, which need not be the entry's; 0 behind the last segment. */
    public int sgDmaLen(long sg) {
        return memory.load32(sg + DMA_LENGTH);
    }

    void setDma(long sg, long dma, int length) {
        memory.storeAddress(sg + DMA_ADDRESS, dma);
        memory.store32(sg + DMA_LENGTH, length);
    }
}
