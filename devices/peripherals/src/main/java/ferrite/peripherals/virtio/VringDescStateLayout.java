package ferrite.peripherals.virtio;

import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;

/**
 * The driver's knowledge about a descriptor. The device cannot write it, so that a hostile device cannot mislead the
 * driver. All but {@link #NEXT} is about the chain that begins here.
 */
final class VringDescStateLayout {

    static final int SIZE = 24;

    static final Struct STRUCT = Struct.of("vring_desc_state", SIZE);

    /** The word that the chain was added with; 0 if no chain begins here. */
    static final Pointer DATA = STRUCT.pointer("data", 0, "void");
    /** The table of indirect descriptors, and its bus address; 0 for none. */
    static final Pointer INDIR = STRUCT.pointer("indir_desc", 4, "struct vring_desc");
    static final ULong INDIR_DMA = STRUCT.ulong("indir_dma", 8);
    /** The number of segments. */
    static final Word TOTAL = STRUCT.u32("total", 12);
    /** The number of bytes that the device may write. */
    static final Word IN_BYTES = STRUCT.u32("in_bytes", 16);
    /** The next descriptor of the chain, or of the free ones. */
    static final Word NEXT = STRUCT.u32("next", 20);

    private VringDescStateLayout() { }
}
