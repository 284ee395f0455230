package ferrite.book.scull;

import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** The variables of scull beside those of all drivers with quanta. */
final class ScullPartsLayout {

    static final int SIZE = 16;

    static final Struct STRUCT = Struct.of("scull_parts", SIZE);

    /** The array of pipes. */
    static final Pointer PIPES = STRUCT.pointer("pipes", 0, "struct scull_pipe");
    static final Word P_NR_DEVS = STRUCT.u32("p_nr_devs", 4);
    /** Bytes of the buffer of a pipe that is opened for the first time. */
    static final Word P_BUFFER = STRUCT.u32("p_buffer", 8);
    /** The array of devices with access control. */
    static final Pointer ACCESS = STRUCT.pointer("access", 12, "struct scull_access");

    private ScullPartsLayout() { }
}
