package ferrite.kernel.shell;

import ferrite.kernel.base.Struct;
import java.util.List;

/** The layouts of all records of the shell, for debuggers. */
public final class ShellStructs {

    public static final List<Struct> ALL = List.of(
            CommandLayout.STRUCT, Readers.STRUCT, ShellLayout.STRUCT);

    private ShellStructs() { }
}
