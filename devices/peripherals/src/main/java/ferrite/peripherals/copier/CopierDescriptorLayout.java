package ferrite.peripherals.copier;

import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;
import ferrite.kernel.base.Word;

/** A descriptor of the copy engine, see {@link CopierRegisters}. The last words are the driver's. */
final class CopierDescriptorLayout {

    static final Struct STRUCT = Struct.of("copier_descriptor", CopierRegisters.DESCRIPTOR_BYTES);

    static final ULong SOURCE = STRUCT.ulong("source", CopierRegisters.SOURCE);
    static final ULong TARGET = STRUCT.ulong("target", CopierRegisters.TARGET);
    static final Word LENGTH = STRUCT.u32("length", CopierRegisters.LENGTH);
    static final ULong NEXT = STRUCT.ulong("next", CopierRegisters.NEXT);
    static final Word RESULT = STRUCT.u32("result", CopierRegisters.RESULT);
    /** The descriptor's own bus address. */
    static final ULong SELF = STRUCT.ulong("self", CopierRegisters.SOFTWARE);
    /** Address of the next descriptor. */
    static final Pointer NEXT_VA = STRUCT.pointer("next_va", SELF.end(), "struct copier_descriptor");

    private CopierDescriptorLayout() { }
}
