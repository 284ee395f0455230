package ferrite.kernel.driver;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.ULong;

/** {@code struct devres}: a resource that is released when a device loses its driver. */
final class DevresLayout {

    static final int SIZE = 24;

    static final Struct STRUCT = Struct.of("devres", SIZE);

    static final Embedded NODE = STRUCT.list("entry", 0);
    /** Text address of a {@link Devres.Release}. */
    static final Pointer RELEASE = STRUCT.function("release", 8);
    /** The arguments of the release; the first one identifies the resource. */
    static final ULong ARGUMENTS = STRUCT.ulong("data", 12, 3);

    private DevresLayout() { }
}
