package ferrite.kernel.user;

import ferrite.kernel.base.Struct;
import java.util.List;

/** The layouts of all records of programs, for debuggers. */
public final class UserStructs {

    public static final List<Struct> ALL = List.of(ProcessLayout.STRUCT, SigActionLayout.STRUCT);

    private UserStructs() { }
}
