package ferrite.kernel.fs;

import ferrite.kernel.base.Bytes;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** {@code struct pollfd}: a descriptor, the events that the program waits for, and those that have come. */
public final class PollFdLayout {

    public static final int SIZE = 8;

    public static final Struct STRUCT = Struct.of("pollfd", SIZE);

    /** Below 0 for an element that is skipped. */
    public static final Word FD = STRUCT.s32("fd", 0);
    /** 16 bits of {@link PollEvents}, as the next field. */
    public static final Bytes EVENTS = STRUCT.bytes("events", 4, 2);
    public static final Bytes REVENTS = STRUCT.bytes("revents", 6, 2);

    private PollFdLayout() { }
}
