package ferrite.peripherals.nic;

import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;

/** The packet of a descriptor: the driver's own note, because the device may write anything into a descriptor. */
final class NicBufferLayout {

    static final int SIZE = 12;

    static final Struct STRUCT = Struct.of("nic_buffer", SIZE);

    /** 0 for none. */
    static final Pointer SKB = STRUCT.pointer("skb", 0, "struct sk_buff");
    /** The bus address of its bytes, which are mapped. */
    static final ULong DMA = STRUCT.ulong("dma", 4);
    static final Word LENGTH = STRUCT.u32("length", 8);

    private NicBufferLayout() { }
}
