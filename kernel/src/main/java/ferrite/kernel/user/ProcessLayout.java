package ferrite.kernel.user;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.PtRegsLayout;
import ferrite.kernel.base.SigInfoLayout;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.U64;
import ferrite.kernel.base.Word;

/** The part of a task that only a program of machine code has. */
final class ProcessLayout {

    static final int SIGNALS = 64;
    /** The length of the longest path that is stored. */
    static final int MAX_PATH = 4096;
    /** Signals that can be pending. */
    static final int STANDARD_SIGNALS = 31;
    private static final int INFOS = 192 + SIGNALS * SigActionLayout.SIZE;
    static final int SIZE = INFOS + STANDARD_SIGNALS * SigInfoLayout.SIZE;

    static final Struct STRUCT = Struct.of("process", SIZE);

    static final Embedded REGS = STRUCT.embedded("regs", 0, PtRegsLayout.STRUCT);
    /** The end of the sleep at the restart point, in ticks; 0 while the program does not sleep there. */
    static final U64 SLEEP_UNTIL = STRUCT.u64("sleep_until", 144);
    /** One of the next constants while the program waits at its restart point; otherwise 0. */
    static final Word WAITS = STRUCT.u32("waits", 152);
    static final int WAITS_FOR_CHILD = 1;
    static final int WAITS_FOR_TIME = 2;
    static final int WAITS_ON_QUEUE = 3;
    /** The signal mask that {@code rt_sigsuspend} has replaced, and whether there is one. */
    static final Word SAVED_MASK = STRUCT.u32("saved_sigmask", 156);
    static final Word HAS_SAVED_MASK = STRUCT.u32("has_saved_sigmask", 160);
    /** The path of the program. The record owns it. */
    static final Pointer EXE = STRUCT.pointer("exe", 164, "char");
    /** The address whose word is cleared at the end ({@code set_tid_address}). */
    static final Pointer CLEAR_CHILD_TID = STRUCT.pointer("clear_child_tid", 168, "void");
    /** The path of the current directory, which the record owns; 0 for the root. */
    static final Pointer CWD = STRUCT.pointer("cwd", 172, "char");
    /** The address whose word the new program sets to its pid ({@code CLONE_CHILD_SETTID}). */
    static final Pointer SET_CHILD_TID = STRUCT.pointer("set_child_tid", 176, "void");
    /** The signal that the program has caused itself, which goes before others; 0 for none. */
    static final Word FORCED = STRUCT.u32("forced", 180);
    /** When a hart began to execute the program, before the last trap. */
    static final U64 VTIME_START = STRUCT.u64("vtime_start", 184);
    static final Embedded ACTIONS = STRUCT.array("action", 192, SigActionLayout.STRUCT, SIGNALS);

    static final Embedded INFO = STRUCT.array("siginfo", INFOS, SigInfoLayout.STRUCT, STANDARD_SIGNALS);

    private ProcessLayout() { }
}
