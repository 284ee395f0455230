package ferrite.kernel.base;

import java.util.List;

/** The layouts of all records of the ground floor, for debuggers. */
public final class BaseStructs {

    public static final List<Struct> ALL = List.of(
            ListHead.STRUCT, ModuleLayout.STRUCT, PerCpuLayout.STRUCT, PtRegsLayout.STRUCT, RootLayout.STRUCT,
            RwLock.STRUCT, SeqLockLayout.STRUCT, SigInfoLayout.STRUCT, SpinLock.STRUCT, TaskLayout.STRUCT,
            ThreadLayout.STRUCT, TimerBaseLayout.STRUCT, WorkPoolLayout.STRUCT);

    private BaseStructs() { }
}
