package ferrite.peripherals.nic;

import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;

/** A descriptor of the network card, see {@link NicRegisters}, in coherent memory. The last word is not used. */
final class NicDescriptorLayout {

    static final int SIZE = NicRegisters.DESCRIPTOR_BYTES;

    static final Struct STRUCT = Struct.of("nic_descriptor", SIZE);

    static final ULong ADDRESS = STRUCT.ulong("address", NicRegisters.ADDRESS);
    static final Word LENGTH = STRUCT.u32("length", NicRegisters.LENGTH);
    static final Word STATE = STRUCT.u32("state", NicRegisters.STATE);

    private NicDescriptorLayout() { }
}
