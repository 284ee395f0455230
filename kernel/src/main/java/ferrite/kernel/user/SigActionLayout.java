package ferrite.kernel.user;

import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct sigaction} of the kernel for rv32: the handler, flags, and the signals that it blocks. */
final class SigActionLayout {

    static final int SIZE = 16;

    static final Struct STRUCT = Struct.of("sigaction", SIZE);

    static final Pointer HANDLER = STRUCT.function("sa_handler", 0);
    static final Word FLAGS = STRUCT.u32("sa_flags", 4);
    static final Word MASK = STRUCT.u32("sa_mask", 8, 2);

    private SigActionLayout() { }
}
