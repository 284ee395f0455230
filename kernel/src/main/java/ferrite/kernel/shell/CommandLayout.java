package ferrite.kernel.shell;

import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** What a task of the shell is to run: a line, or one command of a pipeline in it. The line's bytes follow. */
final class CommandLayout {

    static final int SIZE = 28;
    /** The pipeline of a task that runs the whole line. */
    static final int WHOLE_LINE = -1;
    /** The descriptor of a command that has no pipe on this side. */
    static final int NO_PIPE = -1;

    static final Struct STRUCT = Struct.of("shell_command", SIZE);

    /** Bytes of the line. */
    static final Word LENGTH = STRUCT.u32("length", 0);
    /** The exit status of the command before: {@code $?}. */
    static final Word STATUS = STRUCT.u32("status", 4);
    /** The number of the pipeline in the line, or {@link #WHOLE_LINE}. */
    static final Word PIPELINE = STRUCT.s32("pipeline", 8);
    /** The number of the command in the pipeline. */
    static final Word COMMAND = STRUCT.u32("command", 12);
    /** The descriptors of the pipes' ends that become standard input and output, or {@link #NO_PIPE}. */
    static final Word INPUT = STRUCT.s32("input", 16);
    static final Word OUTPUT = STRUCT.s32("output", 20);
    /** 1 if the command can end the shell: it is no part of a pipeline, and the shell waits for it. */
    static final Word ENDS_SHELL = STRUCT.u32("ends_shell", 24);

    private CommandLayout() { }
}
