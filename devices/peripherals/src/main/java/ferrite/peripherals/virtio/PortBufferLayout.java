package ferrite.peripherals.virtio;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.dma.ScatterListLayout;

/** A buffer of a console ({@code struct port_buffer}). */
final class PortBufferLayout {

    static final int SIZE = 8 + ScatterListLayout.SIZE;

    static final Struct STRUCT = Struct.of("port_buffer", SIZE);

    static final Pointer DATA = STRUCT.pointer("buf", 0, "char");
    /** The number of bytes to send. */
    static final Word LENGTH = STRUCT.u32("len", 4);
    static final Embedded SG = STRUCT.embedded("sg", 8, ScatterListLayout.STRUCT);

    private PortBufferLayout() { }
}
