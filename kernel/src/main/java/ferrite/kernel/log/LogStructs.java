package ferrite.kernel.log;

import ferrite.kernel.base.Struct;
import java.util.List;

/** The layouts of all records of the log and its strings, for debuggers. */
public final class LogStructs {

    public static final List<Struct> ALL = List.of(
            RateLimitLayout.STRUCT, KernelLog.STRUCT, StringTable.STRUCT);

    private LogStructs() { }
}
