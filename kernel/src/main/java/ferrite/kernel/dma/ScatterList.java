package ferrite.kernel.dma;

import static ferrite.kernel.dma.ScatterListLayout.DMA_ADDRESS;
import static ferrite.kernel.dma.ScatterListLayout.DMA_LENGTH;
import static ferrite.kernel.dma.ScatterListLayout.LENGTH;
import static ferrite.kernel.dma.ScatterListLayout.OFFSET;
import static ferrite.kernel.dma.ScatterListLayout.PAGE_LINK;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.MemMap;

/**
 * {@code struct scatterlist} (LDD3 page 450, with the chaining and end mark of later Linux): an array in RAM that the
 * driver owns, with an entry for each piece of a transfer. All calls in any context.
 */
public final class ScatterList {

    private final KernelMemory memory;
    private final AddressSpace space;
    private final MemMap memMap;
    private final BufferChecks buffers;

    ScatterList(KernelBase base, MemMap memMap, BufferChecks buffers) {
        this(base.memory(), base.space(), memMap, buffers);
    }

    private ScatterList(KernelMemory memory, AddressSpace space, MemMap memMap, BufferChecks buffers) {
        this.memory = memory;
        this.space = space;
        this.memMap = memMap;
        this.buffers = buffers;
    }

    /** Returns the same calls, made through a view of memory that checks the entries. */
    public ScatterList through(KernelMemory view) {
        return new ScatterList(view, space, memMap, buffers);
    }

    /** {@code sg_init_table}: clears an array, and marks its last entry. */
    public void sgInitTable(long sgl, int entries) {
        if (entries < 1) {
            throw new KernelBug("sg_init_table of " + entries + " entries; a table has at least one");
        }
        memory.fill(sgl, 0, entries * ScatterListLayout.SIZE);
        PAGE_LINK.set(memory, sgl + (long) (entries - 1) * ScatterListLayout.SIZE, ScatterListLayout.END);
    }

    /** {@code sg_set_page}: sets an entry to {@code length} bytes from {@code offset} in a page of any zone. */
    public void sgSetPage(long sg, long page, int length, int offset) {
        if (!memMap.isPage(page)) {
            throw new KernelBug("sg_set_page of 0x" + Long.toHexString(page) + ", which is no struct page");
        }
        int mark = PAGE_LINK.get(memory, sg) & (ScatterListLayout.CHAIN | ScatterListLayout.END);
        PAGE_LINK.set(memory, sg, (int) page | mark);
        OFFSET.set(memory, sg, offset);
        LENGTH.set(memory, sg, length);
    }

    /** {@code sg_set_buf}: sets an entry to memory of the linear map. */
    public void sgSetBuf(long sg, long va, int length) {
        long page = memMap.virtToPage(va);
        if (page == 0) {
            String stack = buffers.stackAt(va);
            String message = "sg_set_buf of 0x" + Long.toHexString(va) + ", which is " + (stack != null ? "on " + stack
                    : "not an address of the linear map; for a vmalloc area make an entry for each page");
            throw new KernelBug(message, stack != null && buffers.reportStack(message));
        }
        sgSetPage(sg, page, length, (int) va & AddressSpace.PAGE_SIZE - 1);
    }

    /** {@code sg_chain}: turns the last of {@code entries} entries into a link to another table. */
    public void sgChain(long sgl, int entries, long next) {
        PAGE_LINK.set(memory, sgl + (long) (entries - 1) * ScatterListLayout.SIZE,
                (int) next | ScatterListLayout.CHAIN);
    }

    /** {@code sg_next}: returns the next entry, following a link to another table; 0 after the last one. */
    public long sgNext(long sg) {
        if ((PAGE_LINK.get(memory, sg) & ScatterListLayout.END) != 0) {
            return 0;
        }
        int link = PAGE_LINK.get(memory, sg + ScatterListLayout.SIZE);
        return (link & ScatterListLayout.CHAIN) != 0 ? (link
                & ~(ScatterListLayout.CHAIN | ScatterListLayout.END)) & 0xffff_ffffL : sg + ScatterListLayout.SIZE;
    }

    /** Returns the next entry as {@link #sgNext(long)} does. Only looks. */
    public static long sgNext(ReadableMemory view, long sg) {
        if ((PAGE_LINK.get(view, sg) & ScatterListLayout.END) != 0) {
            return 0;
        }
        int link = PAGE_LINK.get(view, sg + ScatterListLayout.SIZE);
        return (link & ScatterListLayout.CHAIN) == 0 ? sg + ScatterListLayout.SIZE
                : (link & ~(ScatterListLayout.CHAIN | ScatterListLayout.END)) & 0xffff_ffffL;
    }

    /**
     * {@code for_each_sg}: calls {@code body} for the first {@code entries} entries, or for all if the list is shorter.
     */
    public void forEachSg(long sgl, int entries, ForEachSg body) {
        long sg = sgl;
        for (int i = 0; i < entries && sg != 0; i++) {
            body.entry(sg, i);
            sg = sgNext(sg);
        }
    }

    /** {@code sg_page}. */
    public long sgPage(long sg) {
        return (PAGE_LINK.get(memory, sg) & ~(ScatterListLayout.CHAIN | ScatterListLayout.END)) & 0xffff_ffffL;
    }

    /** {@code sg->offset}. */
    public int sgOffset(long sg) {
        return OFFSET.get(memory, sg);
    }

    /** {@code sg->length}. */
    public int sgLength(long sg) {
        return LENGTH.get(memory, sg);
    }

    /** {@code sg_phys}: returns the physical address of an entry's first byte. */
    public long sgPhys(long sg) {
        return (memMap.pageToPfn(sgPage(sg)) << AddressSpace.PAGE_SHIFT) + sgOffset(sg);
    }

    /** {@code sg_virt}: returns the linear map address of an entry's first byte; 0 in high memory. */
    public long sgVirt(long sg) {
        long pa = sgPhys(sg);
        return pa >>> AddressSpace.PAGE_SHIFT < memMap.lowEndPfn() ? space.virt(pa) : 0;
    }

    /** {@code sg_dma_address}: returns a segment's bus address. */
    public long sgDmaAddress(long sg) {
        return DMA_ADDRESS.get(memory, sg);
    }

    /**
     * {@code sg_dma_len}: returns a segment's length in bytes, which may differ from the entry's; 0 after the last
     * segment.
     */
    public int sgDmaLen(long sg) {
        return DMA_LENGTH.get(memory, sg);
    }

    void setDma(long sg, long dma, int length) {
        DMA_ADDRESS.set(memory, sg, dma);
        DMA_LENGTH.set(memory, sg, length);
    }
}
